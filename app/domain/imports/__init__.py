"""Bringing in what other systems know: files in, rows of the other contexts out, and a report of every row.

Owns imports, their mappings and their findings. Refuses to own the rows: each is written through the bulk command of
the context it belongs to, under the key it has in its source.

Invariants: every row that was read is imported, unchanged, repeated, left out by the mapping, or rejected, and counted
as such; every value that a rule changed is a finding; the same files imported again change nothing.
"""
