"""How the subjects of this context move from state to state; one table per machine."""
