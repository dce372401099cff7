"""What compensation can be asked to do."""
