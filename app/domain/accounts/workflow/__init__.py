"""How the subjects of this context move from state to state."""
