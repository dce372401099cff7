from __future__ import annotations

import string
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.kernel.apikeys import hash_key, new_key, parse_key
from app.domain.kernel.errors import Unauthenticated


@pytest.mark.parametrize("environment", ["", "test", "a", "twelveletter"])
def test_a_key_reads_back_as_it_was_made(environment: str) -> None:
    key = new_key(environment)
    assert parse_key(key.text) == key
    assert key.text.startswith(key.prefix + "_")
    assert len(key.prefix) == len("palier_") + (len(environment) + 1 if environment else 0) + 8


def test_keys_differ_and_only_their_hash_need_be_stored() -> None:
    keys = {new_key().text for _ in range(200)}
    assert len(keys) == 200
    key = new_key()
    assert key.hash == hash_key(key.text) == sha256(key.text.encode()).digest()


def test_the_secret_does_not_show_when_a_key_is_printed() -> None:
    key = new_key()
    secret = key.text.split("_")[-2]
    assert secret not in repr(key)
    assert secret not in key.prefix


@given(st.integers(0, 999), st.sampled_from(string.ascii_letters + string.digits + "_- \x00\n"))
def test_any_one_changed_character_is_found_by_the_checksum(place: int, other: str) -> None:
    text = new_key("test").text
    at = place % len(text)
    # The key is another each time, so it may not decide what is drawn.
    changed = other if other != text[at] else "é"
    with pytest.raises(Unauthenticated) as refusal:
        parse_key(text[:at] + changed + text[at + 1 :])
    assert text not in refusal.value.detail


@given(st.text(max_size=80))
def test_anything_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        parse_key("palier_" + text)


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "0", lambda t: t + "\n", lambda t: t.upper(), lambda t: " " + t]
)
def test_a_cut_or_padded_key_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(Unauthenticated):
        parse_key(change(new_key().text))


@pytest.mark.parametrize("environment", ["Test", "a_b", "thirteenletter", "é", "1"])
def test_an_environment_that_would_blur_the_form_is_a_programming_error(environment: str) -> None:
    with pytest.raises(ValueError, match="environment"):
        new_key(environment)
