"""What the product knows and decides: one package per bounded context, free of HTTP and GraphQL."""
