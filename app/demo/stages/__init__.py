"""What the people of the demo do, one module per context."""
