"""What is compiled: the moves of the local search, and passes over all units."""
