"""What may be asked of compensation, and what it answers; one module per subject."""
