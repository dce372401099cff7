"""What can be read of the territories."""
