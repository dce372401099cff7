"""What can be read of compensation."""
