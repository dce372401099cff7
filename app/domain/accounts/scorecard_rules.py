"""What must hold of a scorecard: pure decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.domain.accounts.contract.scorecards import (
    ClassThresholds,
    CriterionFields,
    CriterionKind,
    ScoringMethod,
)
from app.domain.kernel.errors import FieldError

INVALID = "scorecard_invalid"

_TERMS = {
    ScoringMethod.BANDS: ("bands",),
    ScoringMethod.LINEAR: ("low", "high"),
    ScoringMethod.PERCENTILE: ("within",),
}
"""The fields that belong to each method: its own are given, the others are not."""


def findings(criteria: Sequence[CriterionFields], classes: ClassThresholds) -> Iterator[FieldError]:
    """Everything that does not hold together."""
    seen: set[str] = set()
    for n, criterion in enumerate(criteria):
        if criterion.code in seen:
            yield _finding(f"/criteria/{n}/code", f"There are two criteria {criterion.code}.")
        seen.add(criterion.code)
        yield from _of_criterion(criterion, f"/criteria/{n}")
    for (_, better), (name, worse) in pairwise((("a", classes.a), ("b", classes.b), ("c", classes.c))):
        if worse >= better:
            yield _finding(f"/classes/{name}", f"The threshold of class {name.upper()} must be below the one before.")


def _of_criterion(criterion: CriterionFields, at: str) -> Iterator[FieldError]:
    measured = criterion.kind is CriterionKind.QUANTITATIVE
    if measured and criterion.figure is None:
        yield _finding(f"{at}/figure", "A quantitative criterion needs its figure.")
    if not measured and criterion.figure is not None:
        yield _finding(f"{at}/figure", "A qualitative criterion is rated by people and has no figure.")
    for method, names in _TERMS.items():
        for name in names:
            given = getattr(criterion, name) not in (None, [])
            if method is criterion.method and not given:
                yield _finding(f"{at}/{name}", f"The method {criterion.method} needs {name}.")
            if method is not criterion.method and given:
                yield _finding(f"{at}/{name}", f"The method {criterion.method} has no {name}.")
    if criterion.method is ScoringMethod.BANDS and criterion.less_is_better:
        yield _finding(f"{at}/less_is_better", "Bands say their scores themselves.")
    if criterion.low is not None and criterion.high is not None and criterion.low >= criterion.high:
        yield _finding(f"{at}/high", "high must be above low; say less_is_better to turn the line round.")
    for n, (one, other) in enumerate(pairwise(criterion.bands), 1):
        if other.from_value <= one.from_value:
            yield _finding(f"{at}/bands/{n}/from_value", "Bands ascend: each begins above the one before.")


def _finding(pointer: str, detail: str) -> FieldError:
    return FieldError(pointer, INVALID, detail)
