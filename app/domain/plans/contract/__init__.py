"""What may be asked of plans and what surrounds them, and what is answered; one module per subject."""
