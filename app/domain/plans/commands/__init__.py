"""What plans and what surrounds them can be asked to do."""
