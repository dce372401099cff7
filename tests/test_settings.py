"""Settings refuse what would only fail later, and say which variable to mend."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings

PRODUCTION = {
    "PALIER_ENVIRONMENT": "production",
    "PALIER_DATABASE_URL": "postgresql://palier:secret@db/palier",
    "PALIER_CURSOR_SECRET": "x" * 32,
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.environ", {"PALIER_DATA_DIR": str(tmp_path)})


def configured(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_development_needs_nothing_set(tmp_path: Path) -> None:
    settings = Settings()
    assert settings.database_url is None
    assert settings.introspection
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.artifacts == tmp_path / "artifacts"


@pytest.mark.parametrize("missing", ["PALIER_DATABASE_URL", "PALIER_CURSOR_SECRET"])
def test_production_refuses_to_start_without(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(ValidationError, match=missing):
        configured(monkeypatch, **variables)


def test_production_hides_introspection_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not configured(monkeypatch, **PRODUCTION).introspection
    assert configured(monkeypatch, PALIER_GRAPHQL_INTROSPECTION="true").introspection


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PALIER_DATABASE_URL", "mysql://db/palier"),
        ("PALIER_DATABASE_ROLE", 'palier"; drop role x'),
        ("PALIER_PORT", "70000"),
        ("PALIER_LOCK_TIMEOUT", "0"),
        ("PALIER_CURSOR_SECRET", "too short"),
        ("PALIER_READ_POOL_SIZE", "0"),
    ],
)
def test_bad_value_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match=name.removeprefix("PALIER_").lower()):
        configured(monkeypatch, **{name: value})


def test_oidc_is_set_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="PALIER_OIDC_JWKS_URL together"):
        configured(monkeypatch, PALIER_OIDC_ISSUER="https://issuer.example", PALIER_OIDC_AUDIENCE="palier")


def test_generated_secret_outlives_a_restart_and_is_closed_to_others(tmp_path: Path) -> None:
    secret = Settings().signing_secret
    assert len(secret) >= 32
    assert Settings().signing_secret == secret
    assert stat.S_IMODE((tmp_path / "cursor-secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["cursor-secret"]


def test_processes_that_start_at_once_share_one_secret() -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: Settings().signing_secret, range(32)))) == 1


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(configured(monkeypatch, **PRODUCTION))
    assert "x" * 32 not in shown
    assert "secret@" not in shown
