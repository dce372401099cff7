"""How things of this context move, one table per machine."""
