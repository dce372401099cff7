"""How what belongs to accounts moves."""
