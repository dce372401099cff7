"""What can be read of performance; one module per subject."""
