"""Stored rows of the context; private to it."""
