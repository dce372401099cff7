"""What performance answers; one module per subject."""
