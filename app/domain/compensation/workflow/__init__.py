"""The state machines of compensation."""
