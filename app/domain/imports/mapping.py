"""A mapping says how the files of a source become rows of ours. It is data, written in YAML."""

from __future__ import annotations

import re
from enum import StrEnum
from importlib.resources import files
from typing import Annotated, Self

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from app.domain.kernel.errors import FieldError, Invalid, define, refuse
from app.domain.kernel.fields import Command, ShortText

define(
    "unknown_mapping",
    Invalid,
    "There is no mapping of this name",
    "Aucune correspondance ne porte ce nom",
    "Name a shipped mapping, or send your own as `mapping_document`.",
)
define(
    "mapping_invalid",
    Invalid,
    "The mapping cannot be used",
    "La correspondance est inutilisable",
    "Correct the listed places of the mapping.",
)

_LARGEST = 256 * 1024


class EntityName(StrEnum):
    """What a row can become."""

    SELLER = "seller"
    SEGMENT = "segment"
    PRODUCT = "product"
    ACCOUNT = "account"
    OPPORTUNITY = "opportunity"
    TRANSACTION = "transaction"


class Blank(StrEnum):
    """What to do without a value."""

    NULL = "null"
    """Store nothing."""
    DEFAULT = "default"
    """Take `default`."""
    REJECT = "reject"
    """Reject the row."""


class Unknown(StrEnum):
    """What to do with a value that leads nowhere."""

    REJECT = "reject"
    """Reject the row."""
    NULL = "null"
    """Store nothing and report it."""
    KEEP = "keep"
    """Take the value as it is."""


class Case(StrEnum):
    """How to write letters."""

    UPPER = "upper"
    LOWER = "lower"
    TITLE = "title"


Column = Annotated[str, Field(min_length=1, max_length=200)]
Columns = Annotated[
    list[Column],
    BeforeValidator(lambda given: [given] if isinstance(given, str) else given),
    Field(min_length=1, max_length=5),
]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}$")]
Source = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""Name of the system the keys belong to."""
Words = Annotated[dict[str, str], Field(max_length=2_000)]


class Reading(Command):
    """How a value is read from one column, or from several put together. Rules apply in the order of the fields."""

    column: Columns
    join: str = Field(default="/", max_length=10)
    """What stands between the values of several columns."""
    trim: bool = True
    """Drop blanks at both ends."""
    correct: Words = Field(default_factory=dict)
    """Misspellings and what was meant; other values stay as they are."""
    replace: Words = Field(default_factory=dict)
    """Parts of the text to write differently."""
    case: Case | None = None
    translate: Words | None = None
    """Every value of the source and ours; see `untranslated` for others."""
    untranslated: Unknown = Unknown.REJECT
    date_format: str | None = Field(default=None, max_length=40, examples=["%d/%m/%Y"])
    """How the source writes days; ISO 8601 when absent."""
    decimal_point: str | None = Field(default=None, min_length=1, max_length=1)
    """Decimal sign of the source; a point when absent."""
    thousands: str | None = Field(default=None, min_length=1, max_length=1)
    """Sign between thousands in the source."""
    scale: str | None = Field(default=None, pattern=r"^\d{1,12}(\.\d{1,9})?$")
    """Factor from the unit of the source to ours: `1000000` when it counts in millions."""


class Key(Reading):
    """What the source calls the row; never blank."""


class FieldMapping(Command):
    """Where a field gets its value: a constant, or columns and rules."""

    constant: str | None = None
    """The same value for every row."""
    reading: Reading | None = None
    blank: Blank = Blank.NULL
    default: str | None = None
    reference: EntityName | None = None
    """The value is the key that this entity has in the source."""
    unknown: Unknown = Unknown.REJECT
    """What to do with a reference to a row that nobody knows; it cannot be kept."""

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, given: object) -> object:
        """In the file the rules stand beside `blank` and `reference`, not below a word of their own."""
        if not isinstance(given, dict) or "reading" in given or "column" not in given:
            return given
        own = {name: value for name, value in given.items() if name in cls.model_fields}
        return own | {"reading": {name: value for name, value in given.items() if name not in own}}

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.constant is None) == (self.reading is None):
            raise ValueError("give either a constant or a column")
        if (self.blank is Blank.DEFAULT) != (self.default is not None):
            raise ValueError("a default goes with `blank: default`")
        if self.reference and (self.unknown is Unknown.KEEP or self.reading is None):
            raise ValueError("a reference is read from a column, and an unknown one cannot be kept")
        return self


class Condition(Command):
    """Rows to import; others are left out and counted under the reason."""

    column: Column
    one_of: list[str] = Field(min_length=1, max_length=200)
    reason: ShortText = Field(min_length=1)


class Step(Command):
    """One file read into one entity. Without `key` and `fields` its columns are called as the fields themselves."""

    file: FileName
    entity: EntityName
    key: Key | None = None
    where: list[Condition] = Field(default_factory=list, max_length=10)
    distinct: bool = False
    """The file names the same row many times, as a list of sellers does with their manager."""
    fields: dict[str, FieldMapping] = Field(default_factory=dict, max_length=100)
    """By the name of the field in the create command; inner fields after a dot, such as `amount.currency`."""
    unused_columns: Annotated[dict[Column, ShortText], Field(max_length=500)] = Field(default_factory=dict)
    """Columns that are left out, with the reason."""

    @model_validator(mode="after")
    def _key_with_fields(self) -> Self:
        if (self.key is None) != (not self.fields):
            raise ValueError("give both key and fields, or neither")
        return self

    @property
    def readings(self) -> list[Reading]:
        """Everything the step reads from columns."""
        found = [field.reading for field in self.fields.values() if field.reading]
        return [*found, self.key] if self.key else list(found)

    @property
    def columns(self) -> set[str]:
        """The columns that the step needs."""
        read = {column for reading in self.readings for column in reading.column}
        return read | {condition.column for condition in self.where}


class Mapping(Command):
    """How the files of a source become rows, step by step; later steps may refer to rows of earlier ones."""

    source: Source
    description: ShortText = ""
    steps: list[Step] = Field(min_length=1, max_length=50)
    ignored_files: Annotated[dict[FileName, ShortText], Field(max_length=50)] = Field(default_factory=dict)
    """Files that are left out, with the reason."""


def shipped(name: str) -> Mapping:
    """A mapping that comes with the product, or `unknown_mapping`."""
    home = files(__package__) / "mappings"
    known = sorted(entry.name.removesuffix(".yaml") for entry in home.iterdir() if entry.name.endswith(".yaml"))
    if name not in known:
        raise refuse("unknown_mapping", f"There is no mapping {name[:80]!r}; shipped are {', '.join(known)}.")
    return load((home / f"{name}.yaml").read_text(encoding="utf-8"))


def load(text: str) -> Mapping:
    """Read a mapping from YAML, or refuse with `mapping_invalid` and a pointer per finding."""
    if len(text) > _LARGEST:
        raise refuse("mapping_invalid", f"A mapping has at most {_LARGEST} characters.")
    try:
        return Mapping.model_validate(_parse(text))
    except ValidationError as error:
        raise refuse("mapping_invalid", errors=tuple(_findings(error))) from None


def _parse(text: str) -> object:
    try:
        # An alias would let a few lines stand for billions.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.BaseLoader)):
            raise refuse("mapping_invalid", "A mapping has no YAML aliases.")
        # Every scalar stays text: no country NO that is false, no number that loses digits.
        return yaml.load(text, yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise refuse("mapping_invalid", f"It is not valid YAML: {str(error)[:300]}") from None


def _findings(error: ValidationError) -> list[FieldError]:
    return [
        FieldError(
            "/mapping" + "".join(f"/{part}" for part in item["loc"]),
            str(item["type"]),
            re.sub("^Value error, ", "", str(item["msg"])),
        )
        for item in error.errors(include_url=False, include_input=False)
    ]
