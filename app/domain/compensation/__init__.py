"""What we pay: plans, transactions, credits, earnings, the ledger, statements and inquiries.

Owns compensation plans with their components, participants and agreements; transactions; the rules, overlays and
decisions that say who is credited for them; runs with their credits and earnings; the double-entry ledger; statements
and inquiries. Refuses to own quotas and territories, which it reads, and attainment, which is for `performance`. The
calculation itself is pure and lives in `calculation`.

Invariants: tiers cover attainment from 0 once; shares of a transaction add up to 1; what is financial is only ever
added; every journal balances.
"""
