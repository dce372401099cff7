"""What can be read of accounts and what surrounds them."""
