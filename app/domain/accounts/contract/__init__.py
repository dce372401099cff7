"""What may be asked of accounts and what surrounds them, and what is answered; one module per subject."""
