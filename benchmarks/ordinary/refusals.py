"""Errors with a code."""

from __future__ import annotations


class Refused(Exception):
    """Something is not allowed or not there."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
