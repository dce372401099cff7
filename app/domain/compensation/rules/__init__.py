"""Pure decisions and arithmetic of compensation."""
