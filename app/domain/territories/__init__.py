"""Who covers what: territory models, their territories, which accounts belong where, and which sellers cover them.

Owns versions of the whole design for a date range, the tree and the rules of territories, dated account membership,
and dated assignments proposed to sellers. It owns the cadence too, how often accounts are to be touched, because that
may differ by territory; the touches themselves are activities of accounts. Refuses to own accounts, quotas and plans.
Other contexts read `contract`, `queries` and the resources, and call `commands`.

Invariants: one model is in force at a date; an account is in at most one territory of a model at a date; the shares of
a territory add up to at most one at every date; a model under review or approved changes no more, except whom and what
its territories cover from a date on.
"""
