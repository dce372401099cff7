"""GraphQL: one module per context; they only translate between GraphQL and operations."""
