"""What may be asked about quotas, and what is answered; one module per subject."""
