"""Stored rows of the territories; private to them."""
