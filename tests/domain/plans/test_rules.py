"""Completeness and quality never round in favour of a plan."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.plans.contract.reviews import CriterionScore
from app.domain.plans.contract.templates import RubricCriterion, SectionType, TemplateSection
from app.domain.plans.rules.content import completeness, filled
from app.domain.plans.rules.quality import plan_quality


def section(key: str, *, required: bool = True) -> TemplateSection:
    return TemplateSection(key=key, title=key, type=SectionType.TEXT, required=required)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_completeness_is_one_exactly_when_everything_required_is_filled(done: list[bool]) -> None:
    sections = [section(f"s{n}") for n in range(len(done))] + [section("more", required=False)]
    share = completeness(sections, {f"s{n}": "text" for n, is_done in enumerate(done) if is_done})
    assert (share == 1) == all(done)
    assert 0 <= Decimal(sum(done)) / len(done) - share < Decimal("0.000001")


def test_a_plan_without_required_sections_is_complete() -> None:
    assert completeness([section("more", required=False)], {}) == 1


def test_blank_text_and_empty_lists_do_not_fill_a_section() -> None:
    empty: list[object] = ["", " \n", [], {}, None]
    assert not any(filled(value) for value in empty)


amounts = st.decimals(min_value=1, max_value=100, places=3)


@given(st.lists(st.tuples(amounts, amounts, st.integers(0, 1000)), min_size=1, max_size=10))
def test_quality_is_the_weighted_share_of_the_best_score(given: list[tuple[Decimal, Decimal, int]]) -> None:
    rubric = [RubricCriterion(key=f"c{n}", title="C", weight=w, max_score=best) for n, (w, best, _) in enumerate(given)]
    scores = [
        CriterionScore(criterion=f"c{n}", score=(best * part / 1000).quantize(Decimal("0.000001")))
        for n, (_, best, part) in enumerate(given)
    ]
    quality = plan_quality(rubric, scores)
    reached = sum(c.weight * s.score for c, s in zip(rubric, scores, strict=True))
    best = sum(c.weight * c.max_score for c in rubric)
    assert 0 <= quality <= 1
    assert quality * best <= reached < (quality + Decimal("0.000001")) * best
