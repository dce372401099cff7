"""What there is to sell, and to whom: market segments and the product catalogue.

A segment is a rule over facts of an account, so an account joins or leaves it when its facts change; nothing is stored
per account. Refuses to know accounts: what a segment holds is read through the accounts context.

Invariants: codes are unique; a segment's ranges are not empty; a product is sold in one range of days.
"""
