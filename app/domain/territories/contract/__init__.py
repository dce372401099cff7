"""What may be asked about territories, and what is answered; one module per subject."""
