"""From a scenario to a plan and from a plan to a draft model: what lies between the commands and the design engine.

Only the worker imports `inputs`, `job`, `plan`, `sellers` and `store`, which need the engine.
"""
