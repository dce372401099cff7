"""Plans tried out: inputs of the calculation changed, calculated by the same steps, compared, and never posted.

Only the worker imports what is in here.
"""
