"""The territory design engine: arrays in, arrays out; no database, no clock but the one it is given.

Only the worker imports this: numpy, scipy and numba have no place in a request.
"""
