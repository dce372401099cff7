"""What we promise: quotas per seller, how they are allocated, agreed on, phased into months and amended.

Owns allocations with their proof, quotas with every revision of their amount, and their months. Refuses to own results
and pay: attainment is for `performance`, what it pays for `compensation`. Other contexts use `queries` and `commands`.

Invariants: shares of an allocation add up exactly to its total with over-assignment, months of a quota exactly to its
amount; a seller has one live quota per territory, measure and day; every amount a quota ever had is a revision.
"""
