"""How things move: one declarative table per state machine, and the only code that changes a state.

`engine` is pure (tables of moves, diagrams, what is allowed); `history` performs a move inside a transaction.
"""
