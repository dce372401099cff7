"""Stored rows of the quotas; private to them."""
