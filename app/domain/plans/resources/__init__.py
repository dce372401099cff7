"""What can be read of plans and what surrounds them."""
