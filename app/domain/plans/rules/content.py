"""What templates and plans may hold, and how complete a plan is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Code, LongText, ShortText
from app.domain.kernel.money import Figure, Money
from app.domain.plans.contract.plans import KnownContact, PlanAction, WhitespaceEntry
from app.domain.plans.contract.templates import (
    ColumnType,
    PlanKind,
    RubricCriterion,
    SectionColumn,
    SectionKey,
    SectionSource,
    SectionType,
    TemplateSection,
)

_RATE = Decimal("0.000001")

_CONTENT: Mapping[SectionType, TypeAdapter[Any]] = {
    SectionType.TEXT: TypeAdapter(LongText),
    SectionType.TABLE: TypeAdapter(Annotated[list[dict[SectionKey, Any]], Field(max_length=200)]),
    SectionType.MEASURES: TypeAdapter(Annotated[dict[Code, Money], Field(max_length=40)]),
    SectionType.ACCOUNTS: TypeAdapter(Annotated[list[UUID], Field(max_length=100)]),
    SectionType.ACTIONS: TypeAdapter(Annotated[list[PlanAction], Field(max_length=100)]),
    SectionType.RELATIONSHIP_MAP: TypeAdapter(Annotated[list[KnownContact], Field(max_length=100)]),
    SectionType.WHITESPACE: TypeAdapter(Annotated[list[WhitespaceEntry], Field(max_length=200)]),
}
_CELLS: Mapping[ColumnType, TypeAdapter[Any]] = {
    ColumnType.TEXT: TypeAdapter(ShortText),
    ColumnType.NUMBER: TypeAdapter(Figure),
    ColumnType.MONEY: TypeAdapter(Money),
    ColumnType.DATE: TypeAdapter(date),
    ColumnType.CHOICE: TypeAdapter(ShortText),
}
_FILLS: Mapping[SectionSource, SectionType] = {
    SectionSource.KEY_ACCOUNTS: SectionType.ACCOUNTS,
    SectionSource.QUADRANTS: SectionType.TABLE,
    SectionSource.WHITESPACE: SectionType.WHITESPACE,
    SectionSource.CONTACTS: SectionType.RELATIONSHIP_MAP,
    SectionSource.CADENCE: SectionType.ACTIONS,
}
QUADRANT_COLUMNS = {
    "quadrant": ColumnType.TEXT,
    "accounts": ColumnType.NUMBER,
    "potential": ColumnType.MONEY,
}
"""Columns that a table filled from the quadrants must have."""


def template_findings(sections: Sequence[TemplateSection], rubric: Sequence[RubricCriterion]) -> Iterator[FieldError]:
    """What is wrong with a template: doubled keys, columns outside tables, sources that do not fit."""
    columns = [(f"sections/{n}/columns", [c.key for c in section.columns]) for n, section in enumerate(sections)]
    for name, keys in (("sections", [s.key for s in sections]), ("rubric", [c.key for c in rubric]), *columns):
        for n, key in enumerate(keys):
            if key in keys[:n]:
                yield FieldError(f"/{name}/{n}/key", "duplicate_key", f"The key {key!r} stands twice.")
    for n, section in enumerate(sections):
        if (section.type is SectionType.TABLE) != bool(section.columns):
            yield FieldError(f"/sections/{n}/columns", "table_columns", "Tables, and only they, have columns.")
        for m, column in enumerate(section.columns):
            if (column.type is ColumnType.CHOICE) != bool(column.choices):
                at = f"/sections/{n}/columns/{m}/choices"
                yield FieldError(at, "column_choices", "Columns of the type choice, and only they, have choices.")
        yield from _source_findings(section, f"/sections/{n}/source")


def _source_findings(section: TemplateSection, at: str) -> Iterator[FieldError]:
    source = section.source
    if source is None:
        return
    if section.type is not _FILLS[source]:
        yield FieldError(at, "source_type", f"{source} fills a section of the type {_FILLS[source]}.")
    elif source is SectionSource.QUADRANTS:
        found = {column.key: column.type for column in section.columns}
        for key, type_ in QUADRANT_COLUMNS.items():
            if found.get(key) is not type_:
                yield FieldError(at, "source_columns", f"The table needs a column {key} of the type {type_}.")


def subject_findings(kind: PlanKind, account_id: UUID | None, territory_id: UUID | None) -> Iterator[FieldError]:
    """Whether a plan names what its kind is about, and nothing else."""
    for field, given, wanted in (
        ("account_id", account_id, kind == PlanKind.ACCOUNT_PLAN),
        ("territory_id", territory_id, kind == PlanKind.TERRITORY_PLAN),
    ):
        if wanted and given is None:
            yield FieldError(f"/{field}", "missing", f"A plan of the kind {kind} needs it.")
        elif given is not None and not wanted:
            yield FieldError(f"/{field}", "not_applicable", f"A plan of the kind {kind} has none.")


def read_sections(
    sections: Iterable[TemplateSection], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[FieldError]]:
    """The content as it is stored, and what is wrong with it. A section given as null stays null."""
    known = {section.key: section for section in sections}
    content: dict[str, Any] = {}
    findings: list[FieldError] = []
    for key, value in given.items():
        if key not in known:
            findings.append(FieldError(f"/sections/{key}", "unknown_section", f"The template has no section {key!r}."))
        elif value is None:
            content[key] = None
        else:
            content[key], found = _read(known[key], value)
            findings += found
    return content, findings


def _read(section: TemplateSection, value: Any) -> tuple[Any, list[FieldError]]:
    at = f"/sections/{section.key}"
    read, findings = _parse(_CONTENT[section.type], value, at)
    if findings or section.type is not SectionType.TABLE:
        return read, findings
    columns = {column.key: column for column in section.columns}
    for n, row in enumerate(read):
        for key, cell in row.items():
            if key not in columns:
                detail = f"The table has no column {key!r}."
                findings.append(FieldError(f"{at}/{n}/{key}", "unknown_column", detail))
            else:
                row[key], found = _cell(columns[key], cell, f"{at}/{n}/{key}")
                findings += found
    return read, findings


def _cell(column: SectionColumn, value: Any, at: str) -> tuple[Any, list[FieldError]]:
    read, findings = _parse(_CELLS[column.type], value, at)
    if not findings and column.type is ColumnType.CHOICE and read not in column.choices:
        findings.append(FieldError(at, "unknown_choice", f"Choose one of: {', '.join(column.choices)}."))
    return read, findings


def _parse(adapter: TypeAdapter[Any], value: Any, at: str) -> tuple[Any, list[FieldError]]:
    """The value in the form in which it is stored, or what is wrong with it."""
    try:
        return adapter.dump_python(adapter.validate_json(to_json(value), strict=True), mode="json"), []
    except ValidationError as error:
        return None, [
            FieldError(
                at + "".join(f"/{part}" for part in item["loc"]),
                str(item["type"]),
                str(item["msg"]).removeprefix("Value error, "),
            )
            for item in error.errors(include_url=False, include_input=False)
        ]


def filled(value: Any) -> bool:
    """Whether a section says anything."""
    return bool(value.strip() if isinstance(value, str) else value)


def completeness(sections: Iterable[TemplateSection], content: Mapping[str, Any]) -> Decimal:
    """Required sections filled over required sections, rounded down so that 1 means all; 1 when none is required."""
    required = [section.key for section in sections if section.required]
    if not required:
        return Decimal(1)
    done = sum(filled(content.get(key)) for key in required)
    return (Decimal(done) / len(required)).quantize(_RATE, ROUND_FLOOR)


def in_order(sections: Iterable[TemplateSection], content: Mapping[str, Any]) -> dict[str, Any]:
    """The content in the order of the template, without what is empty."""
    return {section.key: content[section.key] for section in sections if content.get(section.key) is not None}
