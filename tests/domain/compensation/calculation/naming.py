"""Ids of things known by their names in a test."""

from uuid import UUID, uuid5

NAMESPACE = UUID("8d1b3a52-6f0e-4c41-9b5f-0c9f2f9b7f11")


def identify(name: str) -> UUID:
    """The id of a thing known by its name in a test."""
    return uuid5(NAMESPACE, name)
