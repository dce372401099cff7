"""Everything an operator can set, read from the environment with the prefix ``PALIER_``.

Only the composition roots (API, worker, CLI) may import this module; the rest of the product is handed values.
"""

import os
import secrets
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0, le=3600)]
SqlName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
# A socket folder has no host, so the address is not held to be a URL with one.
DatabaseUrl = Annotated[str, Field(pattern=r"^postgres(ql)?://", max_length=2000)]


class Settings(BaseSettings):
    """One instance per process, built at start; a bad value stops the process with the name of the variable."""

    model_config = SettingsConfigDict(env_prefix="PALIER_", env_ignore_empty=True, extra="ignore", frozen=True)

    environment: Literal["development", "production"] = Field(
        default="development",
        description="`production` refuses the embedded server and generated secrets, and hides GraphQL introspection.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level logged.")
    data_dir: Path = Field(
        default=Path(".palier"),
        description="Folder of the embedded PostgreSQL, the generated secret and, unless set apart, the artefacts.",
    )
    artifact_dir: Path | None = Field(
        default=None,
        description="Folder of uploads, row error reports and exports. Default: `artifacts` in the data folder.",
    )

    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the API listens on; 0 takes a free one.")
    public_url: HttpUrl | None = Field(
        default=None, description="Base address callers use, for links and problem types. Default: from host and port."
    )
    body_limit: int = Field(
        default=1_048_576, ge=1024, description="Largest request body in bytes, except for bulk uploads."
    )
    upload_limit: int = Field(
        default=2_147_483_648,
        ge=1024,
        description="Largest bulk upload in bytes; five million rows fit in the default.",
    )
    rate_limit: int = Field(
        default=6000, ge=0, description="Requests per minute and principal before 429; 0 switches the limit off."
    )
    cors_origins: list[str] = Field(
        default=[],
        description='Origins of pages that may call the API from a browser, a JSON list; `["*"]` lets every page.',
    )
    shutdown_grace: Seconds = Field(
        default=10, description="Seconds open requests and event streams get to finish after SIGTERM."
    )

    database_url: DatabaseUrl | None = Field(
        default=None,
        repr=False,
        description="PostgreSQL 18 to use, `postgresql://user:password@host/database`. Unset: the embedded server.",
    )
    database_role: SqlName = Field(
        default="palier_app",
        description="Role without ownership that requests run as, so that row-level security applies to them.",
    )
    read_pool_size: int = Field(default=8, ge=1, le=500, description="Connections per process for compiled reads.")
    write_pool_size: int = Field(default=8, ge=1, le=500, description="Connections per process for commands.")
    pool_timeout: Seconds = Field(default=5, description="Seconds to wait for a free connection before 503.")
    connect_timeout: Seconds = Field(default=5, description="Seconds to wait for a new connection to the server.")
    statement_timeout: Seconds = Field(default=15, description="Seconds one statement of a request may run.")
    lock_timeout: Seconds = Field(
        default=3, description="Seconds a statement waits for a row or table lock before 409."
    )
    idle_timeout: Seconds = Field(
        default=30, description="Seconds a transaction may sit idle before the server ends it."
    )
    statement_cache: bool = Field(
        default=True,
        description="Keep prepared statements. Switch off behind a pooler in transaction mode (PgBouncer).",
    )

    worker_concurrency: int = Field(default=2, ge=2, le=64, description="Jobs one worker process runs at once.")
    job_attempts: int = Field(default=3, ge=1, le=20, description="Times a job is tried before it counts as failed.")

    oidc_issuer: str | None = Field(default=None, description="Issuer (`iss`) whose tokens are accepted.")
    oidc_audience: str | None = Field(default=None, description="Audience (`aud`) a token must carry.")
    oidc_jwks_url: HttpUrl | None = Field(default=None, description="Address of the issuer's signing keys.")
    oidc_leeway: Annotated[Decimal, Field(ge=0, le=300)] = Field(
        default=Decimal(30), description="Seconds of clock difference forgiven in `exp` and `nbf`."
    )
    cursor_secret: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs page cursors; the same on every replica. Development generates one in the data folder.",
    )
    graphql_introspection: bool | None = Field(
        default=None, description="Answer introspection queries. Default: yes in development, no in production."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        oidc = (self.oidc_issuer, self.oidc_audience, self.oidc_jwks_url)
        if any(oidc) and not all(oidc):
            raise ValueError("set PALIER_OIDC_ISSUER, PALIER_OIDC_AUDIENCE and PALIER_OIDC_JWKS_URL together")
        if self.environment == "production":
            if self.database_url is None:
                raise ValueError(
                    "PALIER_DATABASE_URL is required in production; the embedded server is for development"
                )
            if self.cursor_secret is None:
                raise ValueError("PALIER_CURSOR_SECRET is required in production: every replica must share it")
        return self

    @property
    def artifacts(self) -> Path:
        """Folder of uploads, reports and exports; it may not exist yet."""
        return self.artifact_dir or self.data_dir / "artifacts"

    @property
    def introspection(self) -> bool:
        """Whether GraphQL answers introspection queries."""
        return self.environment == "development" if self.graphql_introspection is None else self.graphql_introspection

    @property
    def base_url(self) -> str:
        """Base address for links, without a trailing slash."""
        return str(self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def signing_secret(self) -> bytes:
        """Key that signs cursors: as set, or kept in the data folder so that cursors outlive a restart."""
        if self.cursor_secret is not None:
            return self.cursor_secret.get_secret_value().encode()
        return _kept_secret(self.data_dir / "cursor-secret")


def _kept_secret(path: Path) -> bytes:
    """Read the secret at `path`, making it first if nobody has. Two processes at once end up with the same one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            # Unlike a rename, a link fails when the name is taken: the first process wins, and no half file is seen.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
