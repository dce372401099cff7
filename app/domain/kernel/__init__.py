"""What every bounded context is made of: scope, errors, permissions, money, periods, declarations, audit, events, jobs.

Owns no business rule. Knows nothing of HTTP, GraphQL or of any context above it.
"""
