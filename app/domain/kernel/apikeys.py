"""The form of API keys: `palier_[environment_]<id>_<secret>_<checksum>`, which a double click selects whole.

The beginning is readable and stored, so that people and secret scanners recognise a key; the secret holds 190 random
bits and is stored only as a SHA-256, which is enough for a value nobody can guess; the checksum finds a mistyped or cut
key before anything is looked up.
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass, field
from hashlib import sha256
from zlib import crc32

from app.domain.kernel.errors import refuse

KEY_START = "palier_"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH, _SECRET_LENGTH, _CHECKSUM_LENGTH = 8, 32, 6
_FORM = re.compile(
    rf"(?P<body>(?P<prefix>{KEY_START}(?:[a-z]{{1,12}}_)?[0-9A-Za-z]{{{_ID_LENGTH}}})_[0-9A-Za-z]{{{_SECRET_LENGTH}}})"
    rf"_(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})"
)


@dataclass(frozen=True)
class ApiKey:
    """A key whose form is right; whether anybody holds it is for the database to say."""

    text: str = field(repr=False)
    """The whole key. Shown to its holder once, never stored or logged."""
    prefix: str
    """The readable beginning, by which people tell keys apart."""

    @property
    def hash(self) -> bytes:
        """What is stored instead of the key: 32 bytes."""
        return hash_key(self.text)


def new_key(environment: str = "") -> ApiKey:
    """Make a key. `environment` marks what it is for, such as `test`: a word of up to twelve small letters."""
    if not re.fullmatch(r"[a-z]{0,12}", environment):
        raise ValueError("the environment of a key is a word of up to twelve small letters")
    prefix = KEY_START + (f"{environment}_" if environment else "") + _random(_ID_LENGTH)
    body = f"{prefix}_{_random(_SECRET_LENGTH)}"
    return ApiKey(f"{body}_{_checksum(body)}", prefix)


def parse_key(text: str) -> ApiKey:
    """Read a key as its holder sent it; refuse one that was cut, mistyped or never ours with `unauthenticated`."""
    match = _FORM.fullmatch(text)
    if match is None or _checksum(match["body"]) != match["checksum"]:
        raise refuse("unauthenticated", "The API key is incomplete or mistyped.")
    return ApiKey(text, match["prefix"])


def hash_key(text: str) -> bytes:
    """The SHA-256 of a whole key."""
    return sha256(text.encode()).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def _checksum(body: str) -> str:
    number, digits = crc32(body.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
