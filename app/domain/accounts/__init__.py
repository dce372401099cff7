"""Who buys: accounts in their hierarchy, what they are worth, and the opportunities to sell to them.

Owns accounts, the thresholds that sort them into quadrants, opportunities and the history of their stages, activities,
leads, and saved searches with what their watches saw. Refuses to own who covers an account and how often it is to be
touched (territories), and what a sale pays (compensation).

Invariants: no account stands above itself; an opportunity has a closing day exactly when it is won or lost, and an
amount when it is won; the history of stages is only added to. Other contexts use `queries`, and `upsert_accounts` and
`upsert_opportunities` of `commands`.
"""
