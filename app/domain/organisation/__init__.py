"""Who sells, when, in what money.

Owns the organisation, its principals and API keys, sellers with their dated positions and the reporting line, the
fiscal calendar and exchange rates. Refuses to own what sellers do (accounts, quotas, pay).

Invariants: a seller has one position at a time; the reporting line is a tree at every date; fiscal months tile the
year; one rate per currency pair and day.
"""
