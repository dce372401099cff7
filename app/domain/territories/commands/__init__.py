"""What territories can be asked to do."""
