"""PostgreSQL: where it comes from, how the schema gets there, how sessions are opened."""
