"""Decisions on plans: what they may hold, how good they are, how figures are cut, what changed. Pure."""
