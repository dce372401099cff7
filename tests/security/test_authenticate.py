from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from app.domain.kernel.apikeys import new_key
from app.domain.kernel.errors import Unauthenticated
from app.domain.kernel.ids import uuid7
from app.domain.kernel.permissions import Role
from app.security.authenticate import Authenticator, bearer_token
from app.security.jwks import FixedKeys
from app.security.tokens import TokenVerifier
from tests.security.rows import Rows

ISSUER, AUDIENCE = "https://id.example.com/", "palier"
SIGNER = ECKey.generate_key("P-256", {"kid": "one"})
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Directory:
    """A database that knows keys by their hash, a clock, and a count of what was asked."""

    def __init__(self) -> None:
        self.now = START.timestamp()
        self.asked = 0
        self.rows: dict[bytes, dict[str, Any]] = {}
        self.gate = asyncio.Event()
        self.gate.set()

    async def fetchrow(self, sql: str, *arguments: Any) -> Any:
        self.asked += 1
        found = self.rows.get(arguments[0])
        await self.gate.wait()
        return found

    def issue(
        self, *, expires_at: datetime | None = None, scopes: list[str] | None = None
    ) -> tuple[str, dict[str, Any]]:
        key = new_key()
        row = {"org_id": uuid7(), "principal_id": uuid7(), "name": "CRM", "roles": ["viewer"], "seller_id": None,
               "scopes": scopes, "expires_at": expires_at, "api_key_id": uuid7()}  # fmt: skip
        self.rows[key.hash] = row
        return key.text, row

    def authenticator(self, **options: Any) -> Authenticator:
        return Authenticator(self.fetchrow, clock=lambda: self.now, **options)


@pytest.fixture
def directory() -> Directory:
    return Directory()


async def test_a_key_is_looked_up_once_and_remembered_for_its_time(directory: Directory) -> None:
    text, row = directory.issue()
    authenticator = directory.authenticator(keep=30)
    for directory.now in (START.timestamp(), START.timestamp() + 29.9):
        assert (await authenticator.actor(text)).principal_id == row["principal_id"]
    assert directory.asked == 1
    directory.now = START.timestamp() + 30
    await authenticator.actor(text)
    assert directory.asked == 2


async def test_no_answer_is_remembered_longer_than_a_minute(directory: Directory) -> None:
    text, _ = directory.issue()
    authenticator = directory.authenticator(keep=86_400)
    await authenticator.actor(text)
    directory.rows.clear()
    directory.now += 60
    with pytest.raises(Unauthenticated):
        await authenticator.actor(text)


async def test_a_remembered_key_ends_with_its_expiry(directory: Directory) -> None:
    text, _ = directory.issue(expires_at=START + timedelta(seconds=10))
    authenticator = directory.authenticator(keep=30)
    await authenticator.actor(text)
    directory.rows.clear()
    directory.now += 9.9
    await authenticator.actor(text)
    directory.now += 0.1
    with pytest.raises(Unauthenticated):
        await authenticator.actor(text)


async def test_a_forgotten_key_is_asked_for_anew_and_others_are_not(directory: Directory) -> None:
    first, row = directory.issue()
    second, _ = directory.issue()
    authenticator = directory.authenticator()
    for text in (first, second):
        await authenticator.actor(text)
    directory.rows.clear()
    authenticator.forget(row["api_key_id"])
    with pytest.raises(Unauthenticated):
        await authenticator.actor(first)
    await authenticator.actor(second)


async def test_a_forgotten_principal_loses_all_its_keys(directory: Directory) -> None:
    texts = [directory.issue() for _ in range(3)]
    for _, row in texts:
        row["principal_id"] = texts[0][1]["principal_id"]
    authenticator = directory.authenticator()
    for text, _ in texts:
        await authenticator.actor(text)
    directory.rows.clear()
    authenticator.forget(texts[0][1]["principal_id"])
    for text, _ in texts:
        with pytest.raises(Unauthenticated):
            await authenticator.actor(text)


async def test_a_lookup_under_way_when_the_key_is_revoked_is_not_remembered(directory: Directory) -> None:
    text, row = directory.issue()
    authenticator = directory.authenticator()
    directory.gate.clear()
    looking = asyncio.create_task(authenticator.actor(text))
    await asyncio.sleep(0)
    directory.rows.clear()
    authenticator.forget(row["api_key_id"])
    directory.gate.set()
    await looking
    with pytest.raises(Unauthenticated):
        await authenticator.actor(text)


async def test_a_refusal_is_remembered_briefly(directory: Directory) -> None:
    key = new_key()
    authenticator = directory.authenticator(keep_refused=5)
    details = set()
    for _ in range(10):
        with pytest.raises(Unauthenticated) as refusal:
            await authenticator.actor(key.text)
        details.add(refusal.value.detail)
    assert directory.asked == 1
    assert len(details) == 1
    assert key.text not in details.pop()
    directory.now += 5
    with pytest.raises(Unauthenticated):
        await authenticator.actor(key.text)
    assert directory.asked == 2


async def test_a_flood_of_bad_keys_drives_out_no_good_one(directory: Directory) -> None:
    text, _ = directory.issue()
    authenticator = directory.authenticator(capacity=5)
    await authenticator.actor(text)
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await authenticator.actor(new_key().text)
    asked = directory.asked
    await authenticator.actor(text)
    assert directory.asked == asked


async def test_a_mistyped_key_costs_no_lookup(directory: Directory) -> None:
    with pytest.raises(Unauthenticated, match="mistyped"):
        await directory.authenticator().actor(new_key().text[:-1] + "!")
    assert directory.asked == 0


@pytest.mark.parametrize("text", ["", "palier_", "eyJ", "\udcff", "é", "x" * 100_000])
async def test_rubbish_is_refused_without_a_lookup(directory: Directory, text: str) -> None:
    for options in ({}, {"verifier": verifier(directory)}):
        with pytest.raises(Unauthenticated):
            await directory.authenticator(**options).actor(text)
    assert directory.asked == 0


async def test_an_integration_may_what_its_scopes_list_and_no_more(directory: Directory) -> None:
    text, row = directory.issue(scopes=["accounts:read"])
    row["roles"] = ["integration"]
    actor = await directory.authenticator().actor(text)
    assert actor.permissions == {"accounts:read"}
    text, row = directory.issue()
    row["roles"] = ["integration"]
    assert (await directory.authenticator().actor(text)).permissions == frozenset()


@pytest.mark.parametrize("line", ["Bearer abc", "bearer abc", "BEARER   abc ", " Bearer abc"])
def test_the_bearer_token_is_read(line: str) -> None:
    assert bearer_token(line) == "abc"


@pytest.mark.parametrize("line", [None, "", "Bearer", "Bearer ", "Basic abc", "abc", "Bearerabc"])
def test_a_header_without_a_bearer_token_is_refused(line: str | None) -> None:
    with pytest.raises(Unauthenticated, match="Bearer"):
        bearer_token(line)


# ---- with the database ----


def verifier(clock: Any) -> TokenVerifier:
    keys = FixedKeys({"keys": [SIGNER.as_dict(private=False)]})
    return TokenVerifier(ISSUER, AUDIENCE, keys, clock=lambda: clock.now)


class Now:
    now = START.timestamp()


def token(**changed: Any) -> str:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": int(Now.now) + 600, **changed}
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, SIGNER)


async def test_both_keys_of_a_rotation_work_until_the_old_one_ends(rows: Rows, app_connection: Any) -> None:
    org = await rows.organisation()
    principal = await rows.principal(org, "sales_ops")
    (old, old_id), (new, _) = await rows.key(org, principal), await rows.key(org, principal)
    authenticator = Authenticator(app_connection.fetchrow)
    await rows.owner.execute("update api_key set expires_at = now() + interval '1 hour' where id = $1", old_id)
    assert await authenticator.actor(old.text) == await authenticator.actor(new.text)
    await rows.owner.execute("update api_key set expires_at = now() - interval '1 second' where id = $1", old_id)
    authenticator.forget(old_id)
    with pytest.raises(Unauthenticated, match="expired"):
        await authenticator.actor(old.text)
    assert (await authenticator.actor(new.text)).roles == {Role.SALES_OPS}


async def test_a_token_acts_as_the_person_known_by_its_subject(rows: Rows, app_connection: Any) -> None:
    org = await rows.organisation()
    seller = await rows.seller(org)
    principal = await rows.principal(org, "manager", subject="ada", seller=seller)
    actor = await Authenticator(app_connection.fetchrow, verifier=verifier(Now), clock=lambda: Now.now).actor(token())
    assert (actor.org_id, actor.principal_id, actor.seller_id) == (org, principal, seller)
    assert actor.roles == {Role.MANAGER}
    assert actor.scopes is None


async def test_roles_in_a_token_count_for_nothing(rows: Rows, app_connection: Any) -> None:
    await rows.principal(await rows.organisation(), "viewer", subject="ada")
    authenticator = Authenticator(app_connection.fetchrow, verifier=verifier(Now), clock=lambda: Now.now)
    assert (await authenticator.actor(token(roles=["admin"], scope="keys:write"))).roles == {Role.VIEWER}


async def test_whoever_belongs_to_several_organisations_names_one(rows: Rows, app_connection: Any) -> None:
    orgs = [await rows.organisation(name) for name in "AB"]
    for org in orgs:
        await rows.principal(org, subject="ada")
    authenticator = Authenticator(app_connection.fetchrow, verifier=verifier(Now), clock=lambda: Now.now)
    with pytest.raises(Unauthenticated, match="several"):
        await authenticator.actor(token())
    for org in orgs:
        assert (await authenticator.actor(token(palier_org=str(org)))).org_id == org
    with pytest.raises(Unauthenticated, match="nobody"):
        await authenticator.actor(token(palier_org=str(UUID(int=1))))


async def test_a_person_unknown_or_switched_off_is_refused(rows: Rows, app_connection: Any) -> None:
    principal = await rows.principal(await rows.organisation(), subject="ada")
    authenticator = Authenticator(app_connection.fetchrow, verifier=verifier(Now), clock=lambda: Now.now)
    with pytest.raises(Unauthenticated, match="nobody"):
        await authenticator.actor(token(sub="eve"))
    await authenticator.actor(token())
    await rows.owner.execute("update principal set active = false")
    authenticator.forget(principal)
    with pytest.raises(Unauthenticated, match="nobody"):
        await authenticator.actor(token())


async def test_a_remembered_token_ends_with_its_expiry(directory: Directory) -> None:
    row = {
        "org_id": uuid7(),
        "principal_id": uuid7(),
        "name": "Ada",
        "roles": ["viewer"],
        "seller_id": None,
        "organisations": 1,
    }

    async def fetchrow(sql: str, *arguments: Any) -> Any:
        directory.asked += 1
        return row

    authenticator = Authenticator(fetchrow, verifier=verifier(directory), keep=30, clock=lambda: directory.now)
    text = token(exp=int(directory.now) + 10)
    await authenticator.actor(text)
    directory.now += 9
    await authenticator.actor(text)
    assert directory.asked == 1
    directory.now += 31
    with pytest.raises(Unauthenticated, match="expired"):
        await authenticator.actor(text)
