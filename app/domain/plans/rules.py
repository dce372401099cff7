"""What a plan may hold, how complete it is and how good: pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Code, LongText, ShortText
from app.domain.kernel.money import Money, plain
from app.domain.plans.contract import (
    CriterionScore,
    PlanAction,
    PlanKind,
    RubricCriterion,
    SectionKey,
    SectionType,
    TemplateSection,
)

_RATE = Decimal("0.000001")

_CONTENT: Mapping[SectionType, TypeAdapter[Any]] = {
    SectionType.TEXT: TypeAdapter(LongText),
    SectionType.TABLE: TypeAdapter(Annotated[list[dict[SectionKey, ShortText]], Field(max_length=200)]),
    SectionType.MEASURES: TypeAdapter(Annotated[dict[Code, Money], Field(max_length=40)]),
    SectionType.ACCOUNTS: TypeAdapter(Annotated[list[UUID], Field(max_length=100)]),
    SectionType.ACTIONS: TypeAdapter(Annotated[list[PlanAction], Field(max_length=100)]),
}


def template_findings(sections: Sequence[TemplateSection], rubric: Sequence[RubricCriterion]) -> Iterator[FieldError]:
    """What is wrong with a template: doubled keys, columns outside tables, a table without columns."""
    for name, keys in (("sections", [s.key for s in sections]), ("rubric", [c.key for c in rubric])):
        for n, key in enumerate(keys):
            if key in keys[:n]:
                yield FieldError(f"/{name}/{n}/key", "duplicate_key", f"The key {key!r} stands twice.")
    for n, section in enumerate(sections):
        if (section.type is SectionType.TABLE) != bool(section.columns):
            yield FieldError(f"/sections/{n}/columns", "table_columns", "Tables, and only they, have columns.")


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
    adapter, at = _CONTENT[section.type], f"/sections/{section.key}"
    try:
        read = adapter.validate_json(to_json(value), strict=True)
    except ValidationError as error:
        return None, [
            FieldError(
                at + "".join(f"/{part}" for part in item["loc"]),
                str(item["type"]),
                str(item["msg"]).removeprefix("Value error, "),
            )
            for item in error.errors(include_url=False, include_input=False)
        ]
    unknown = [
        FieldError(f"{at}/{n}/{column}", "unknown_column", f"The table has no column {column!r}.")
        for n, row in enumerate(read if section.type is SectionType.TABLE else ())
        for column in row
        if column not in section.columns
    ]
    return adapter.dump_python(read, mode="json"), unknown


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


def score_findings(rubric: Sequence[RubricCriterion], scores: Sequence[CriterionScore]) -> Iterator[FieldError]:
    """Whether every criterion of the rubric is scored once, from 0 to its best score."""
    best = {criterion.key: criterion.max_score for criterion in rubric}
    seen: set[str] = set()
    for n, given in enumerate(scores):
        if given.criterion not in best:
            detail = f"The rubric has no criterion {given.criterion!r}."
            yield FieldError(f"/scores/{n}/criterion", "unknown_criterion", detail)
        elif given.criterion in seen:
            yield FieldError(f"/scores/{n}/criterion", "duplicate_key", f"{given.criterion!r} is scored twice.")
        elif given.score > best[given.criterion]:
            yield FieldError(
                f"/scores/{n}/score", "above_best_score", f"The best score is {plain(best[given.criterion])}."
            )
        seen.add(given.criterion)
    for key in best:
        if key not in seen:
            yield FieldError("/scores", "missing", f"The criterion {key!r} is not scored.")


def plan_quality(rubric: Iterable[RubricCriterion], scores: Iterable[CriterionScore]) -> Decimal:
    """Σ weight·score / Σ weight·max_score, rounded down so that a plan below the bar never rounds up to it."""
    given = {score.criterion: score.score for score in scores}
    reached = best = Decimal(0)
    for criterion in rubric:
        reached += criterion.weight * given[criterion.key]
        best += criterion.weight * criterion.max_score
    return (reached / best).quantize(_RATE, ROUND_FLOOR)
