"""Who buys: accounts in their hierarchy, what they are worth, and the opportunities to sell to them.

Owns accounts and who owned them when, scorecards with the ratings they count and the scores they gave, the thresholds
that sort accounts into quadrants and the snapshots that test them, opportunities and the history of their stages, the
people at accounts, the penetration cube, references, activities, leads, and saved searches with what their watches saw.
Refuses to own who covers an account and how often it is to be touched (territories), and what a sale pays
(compensation).

Invariants: no account stands above itself; an opportunity has a closing day exactly when it is won or lost, and an
amount when it is won; the history of stages is only added to; one version of a scorecard is published, and scores
change together or not at all; nobody reports to themselves; a product, a unit and a contact or none have one cell; no
reference is used more often than its limit allows. Other contexts use `queries`, and `upsert_accounts` and
`upsert_opportunities` of `commands`.
"""
