"""Who buys: accounts in their hierarchy, what they are worth, and the opportunities to sell to them.

Owns accounts, the thresholds that sort them into quadrants, opportunities and the history of their stages, the people
at accounts, the penetration cube and references. Refuses to own who covers an account (territories) and what a sale
pays (compensation).

Invariants: no account stands above itself; an opportunity has a closing day exactly when it is won or lost, and an
amount when it is won; the history of stages is only added to; nobody reports to themselves; a product, a unit and a
contact or none have one cell; no reference is used more often than its limit allows. Other contexts use `queries`, and
`upsert_accounts` and `upsert_opportunities` of `commands`.
"""
