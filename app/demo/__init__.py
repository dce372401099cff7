"""The demo organisation: a sales year made up by a seeded generator and lived through the commands of the domain.

`generate` decides what there is, purely; one module per context lets the people of the organisation do it; `load` runs
these in order and hands out the keys.
"""
