from __future__ import annotations

import base64
import hashlib
import hmac
import json
import warnings
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from app.domain.kernel.errors import Unauthenticated
from app.security.jwks import FixedKeys
from app.security.tokens import Identity, TokenVerifier

NOW = 1_800_000_000
ISSUER, AUDIENCE = "https://id.example.com/", "palier"
ORG = UUID("0190a000-0000-7000-8000-000000000001")

RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})


def key_set(*keys: Key) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def verifier(*keys: Key) -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, FixedKeys(key_set(*(keys or (RSA, EC, ED)))), clock=lambda: NOW)


def claims(**changed: Any) -> dict[str, Any]:
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": NOW + 600, "iat": NOW - 1}
    return {name: value for name, value in {**good, **changed}.items() if value is not ...}


def sign(key: Key = RSA, algorithm: str = "RS256", header: dict[str, Any] | None = None, **changed: Any) -> str:
    head = {"alg": algorithm, "kid": key.kid, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    with warnings.catch_warnings(action="ignore"):
        return jwt.encode(head, claims(**changed), key, registry=registry)


def forge(header: Any, payload: Any, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def refused(token: str, by: TokenVerifier | None = None) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await (by or verifier()).verify(token)
    assert refusal.value.code == "unauthenticated"
    return refusal.value.detail


@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")], ids=lambda x: str(x)[:7]
)
async def test_a_good_token_names_its_subject_without_a_warning(key: Key, algorithm: str) -> None:
    token = sign(key, algorithm)
    with warnings.catch_warnings(action="error"):
        identity = await verifier().verify(token)
    assert identity == Identity(ISSUER, "ada", None, float(NOW + 600))


async def test_one_audience_of_several_and_the_organisation_are_read() -> None:
    token = sign(aud=["other", AUDIENCE], palier_org=str(ORG))
    assert (await verifier().verify(token)).organisation == ORG


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"iss": "https://evil.example.com/"}, "claim iss"),
        ({"iss": ISSUER.rstrip("/")}, "claim iss"),
        ({"iss": [ISSUER]}, "claim iss"),
        ({"iss": ...}, "must carry"),
        ({"aud": "other"}, "claim aud"),
        ({"aud": ["other"]}, "claim aud"),
        ({"aud": "palier2"}, "claim aud"),
        ({"aud": []}, "claim aud"),
        ({"aud": {"palier": 1}}, "claim aud"),
        ({"aud": ...}, "must carry"),
        ({"exp": NOW - 30}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": str(NOW + 600)}, "claim exp"),
        ({"exp": True}, "claim exp"),
        ({"exp": float("nan")}, "claim exp"),
        ({"exp": ...}, "must carry"),
        ({"nbf": NOW + 31}, "claim nbf"),
        ({"nbf": "soon"}, "claim nbf"),
        ({"iat": NOW + 3600}, "claim iat"),
        ({"sub": ...}, "must carry"),
        ({"sub": ""}, "claim sub"),
        ({"sub": 7}, "claim sub"),
        ({"sub": "a\x00b"}, "claim sub"),
        ({"sub": "x" * 501}, "claim sub"),
        ({"palier_org": "acme"}, "palier_org"),
        ({"palier_org": 7}, "palier_org"),
    ],
)
async def test_a_bad_claim_is_refused_by_name(changed: dict[str, Any], said: str) -> None:
    token = sign(**changed)
    detail = await refused(token)
    assert said in detail
    assert token not in detail


@pytest.mark.parametrize("changed", [{"exp": NOW - 29}, {"nbf": NOW + 30}, {"iat": NOW + 30}])
async def test_clocks_may_differ_by_the_leeway(changed: dict[str, Any]) -> None:
    assert (await verifier().verify(sign(**changed))).subject == "ada"


async def test_a_time_beyond_all_calendars_does_not_break_us() -> None:
    for exp in (10**30, 10**400, 1e300):
        assert (await verifier().verify(sign(exp=exp))).expires_at == 2**53


async def test_an_unsigned_token_is_refused() -> None:
    for name in ("none", "None", "NONE"):
        assert "algorithm" in await refused(forge({"alg": name, "kid": "rsa"}, claims()))


async def test_the_public_key_does_not_serve_as_a_shared_secret() -> None:
    for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode()):
        unsigned = forge({"alg": "HS256", "kid": "rsa"}, claims()).rpartition(".")[0]
        signature = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
        token = f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        assert "algorithm" in await refused(token)


async def test_a_shared_secret_in_the_key_set_is_left_out() -> None:
    secret = OctKey.generate_key(256, {"kid": "oct"})
    mixed = {"keys": [secret.as_dict(private=True), *key_set(RSA)["keys"]]}
    by = TokenVerifier(ISSUER, AUDIENCE, FixedKeys(mixed), clock=lambda: NOW)
    assert (await by.verify(sign())).subject == "ada"
    assert "algorithm" in await refused(sign(secret, "HS256"), by)


async def test_an_algorithm_off_the_list_is_refused_though_its_key_is_published() -> None:
    assert "algorithm" in await refused(sign(RSA, "RS512"))
    assert "algorithm" in await refused(sign(RSA, "PS256"))


async def test_a_key_of_the_wrong_kind_does_not_verify() -> None:
    assert "publish" in await refused(sign(EC, "ES256", {"kid": "rsa"}))
    assert "publish" in await refused(sign(header={"kid": "ed"}))
    longer = ECKey.generate_key("P-384", {"kid": "ec"})
    assert "publish" in await refused(sign(EC, "ES256"), verifier(longer))


async def test_a_strangers_signature_under_a_known_name_does_not_verify() -> None:
    assert "does not verify" in await refused(sign(STRANGER))


async def test_a_changed_payload_or_signature_does_not_verify() -> None:
    head, payload, signature = sign().split(".")
    other = sign(sub="eve").split(".")[1]
    for token in (f"{head}.{other}.{signature}", f"{head}.{payload}.{signature[:-8]}AAAAAAAA", f"{head}.{payload}."):
        assert "does not verify" in await refused(token)


async def test_an_unknown_key_name_is_refused() -> None:
    assert "publish" in await refused(sign(STRANGER, header={"kid": "elsewhere"}))


async def test_a_token_may_leave_the_key_name_out_only_if_one_key_fits() -> None:
    token = sign(header={"kid": None})
    assert (await verifier(RSA, EC).verify(token)).subject == "ada"
    second = RSAKey.generate_key(2048, {"kid": "second"})
    assert "publish" in await refused(token, verifier(RSA, second))


@pytest.mark.parametrize("extension", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"b64": False}, {"crit": 1}])
async def test_critical_extensions_are_refused(extension: dict[str, Any]) -> None:
    assert "critical" in await refused(forge({"alg": "RS256", "kid": "rsa", **extension}, claims()))


async def test_key_locations_in_the_token_are_not_followed() -> None:
    own = {"jku": "https://evil.example.com/keys", "jwk": STRANGER.as_dict(private=False)}
    assert "does not verify" in await refused(sign(STRANGER, header={"jku": own["jku"]}))
    head = {"alg": "RS256", "kid": "rsa", **own}
    assert "does not verify" in await refused(forge(head, claims(), b"x" * 501))


RUBBISH = ["", ".", "..", "a.b.c", "é.b.c", "e30.e30.e30", "x" * 20_000, "eyJ" * 3000, "a.b.c.d.e", "\x00", "bnVsbA.."]
HEADERS = (["alg"], "alg", {"alg": ["RS256"]}, {"alg": "RS256", "kid": {}})


@pytest.mark.parametrize("token", [*RUBBISH, *(forge(header, {}) for header in HEADERS)])
async def test_rubbish_is_refused_as_such(token: str) -> None:
    detail = await refused(token)
    assert len(token) < 5 or token not in detail


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["alg", "kid", "typ", "crit", "b64", "x5c", "jwk"])
    return st.lists(inner) | st.dictionaries(names, inner | st.sampled_from(["RS256", "rsa"]))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), nested, max_leaves=8))
async def test_no_header_breaks_the_verifier(header: Any) -> None:
    for head in (header, {"alg": "RS256", "kid": "rsa", "typ": header, "x5c": header, "jwk": header}):
        await refused(forge(head, claims(), b"x" * 501))


USELESS = [None, 1, {}, {"kty": "RSA"}, {"kty": ["EC"]}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}]
FOR_ENCRYPTION = ECKey.generate_key("P-256", {"use": "enc"})


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"keys": {}}, {"keys": []}, {"keys": USELESS}, key_set(FOR_ENCRYPTION), key_set(*[EC] * 101)],
    ids=range(8),
)
def test_a_key_set_without_a_usable_key_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match="key set"):
        FixedKeys(document)


async def test_a_short_rsa_key_is_left_out() -> None:
    with warnings.catch_warnings(action="ignore"):
        short = RSAKey.generate_key(1024, {"kid": "short"})
        by = verifier(short, RSA)
        token = sign(short)
    assert "publish" in await refused(token, by)
