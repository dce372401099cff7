"""Stored rows of compensation; private to it."""
