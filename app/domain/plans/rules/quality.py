"""How good a plan is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal

from app.domain.kernel.errors import FieldError
from app.domain.kernel.money import plain
from app.domain.plans.contract.reviews import CriterionScore
from app.domain.plans.contract.templates import RubricCriterion

_RATE = Decimal("0.000001")


def score_findings(
    rubric: Sequence[RubricCriterion], scores: Sequence[CriterionScore], at: str = ""
) -> Iterator[FieldError]:
    """Whether every criterion of the rubric is scored once, from 0 to its best score."""
    best = {criterion.key: criterion.max_score for criterion in rubric}
    seen: set[str] = set()
    for n, given in enumerate(scores):
        if given.criterion not in best:
            detail = f"The rubric has no criterion {given.criterion!r}."
            yield FieldError(f"{at}/scores/{n}/criterion", "unknown_criterion", detail)
        elif given.criterion in seen:
            yield FieldError(f"{at}/scores/{n}/criterion", "duplicate_key", f"{given.criterion!r} is scored twice.")
        elif given.score > best[given.criterion]:
            detail = f"The best score is {plain(best[given.criterion])}."
            yield FieldError(f"{at}/scores/{n}/score", "above_best_score", detail)
        seen.add(given.criterion)
    for key in best:
        if key not in seen:
            yield FieldError(f"{at}/scores", "missing", f"The criterion {key!r} is not scored.")


def plan_quality(rubric: Iterable[RubricCriterion], scores: Iterable[CriterionScore]) -> Decimal:
    """Σ weight·score / Σ weight·max_score, rounded down so that a plan below the bar never rounds up to it."""
    given = {score.criterion: score.score for score in scores}
    reached = best = Decimal(0)
    for criterion in rubric:
        reached += criterion.weight * given[criterion.key]
        best += criterion.weight * criterion.max_score
    return (reached / best).quantize(_RATE, ROUND_FLOOR)
