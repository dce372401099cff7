"""REST: one module per context; they only translate between HTTP and operations."""
