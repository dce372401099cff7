"""Shares and months add up exactly, whatever the weights and bounds."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.domain.kernel.errors import DomainError
from app.domain.quotas.allocation import Candidate, Month, allocate
from app.domain.quotas.contract.allocations import AllocateQuotas, AllocationMethod, Blend, Bound, HistoryPeriod
from app.domain.quotas.contract.measures import QuotaMeasure
from app.domain.quotas.fairness import above_median, gini, outliers, variation
from app.domain.quotas.rules import digits_of, from_units, in_units, phase, share_out

PERIOD = UUID(int=1)
weights = st.fractions(min_value=0, max_value=10**9, max_denominator=10**6)
money = st.decimals(min_value=0, max_value=10**9, places=4)


@dataclass(frozen=True)
class Case:
    total: int
    weights: list[Fraction]
    lows: list[int]
    highs: list[int | None]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    parts = draw(
        st.lists(st.tuples(weights, st.integers(0, 10**6), st.none() | st.integers(0, 10**7)), min_size=1, max_size=30)
    )
    lows = [low for _, low, _ in parts]
    highs = [None if more is None else low + more for _, low, more in parts]
    most = sum(10**9 if high is None else high for high in highs)
    return Case(draw(st.integers(sum(lows), most)), [weight for weight, _, _ in parts], lows, highs)


def feasible(case: Case) -> bool:
    if any(weight and high is None for weight, high in zip(case.weights, case.highs, strict=True)):
        return True
    most = [low if not w else high or 0 for w, low, high in zip(case.weights, case.lows, case.highs, strict=True)]
    return case.total <= sum(most)


@given(cases())
@example(Case(1, [Fraction(0), Fraction(1)], [0, 0], [None, 0]))
def test_shares_add_up_within_their_bounds_or_are_refused(case: Case) -> None:
    if not feasible(case):
        with pytest.raises(DomainError) as refused:
            share_out(case.total, case.weights, case.lows, case.highs)
        assert refused.value.code == "allocation_infeasible"
        return
    portions = share_out(case.total, case.weights, case.lows, case.highs)
    assert sum(portion.units for portion in portions) == case.total
    for portion, low, high in zip(portions, case.lows, case.highs, strict=True):
        assert low <= portion.units
        assert high is None or portion.units <= high
        assert abs(portion.units - portion.exact) < 1


@given(cases())
def test_only_bounds_keep_shares_from_following_their_weights(case: Case) -> None:
    assume(feasible(case))
    portions = share_out(case.total, case.weights, case.lows, case.highs)
    levels = [p.exact / w for p, w in zip(portions, case.weights, strict=True) if p.bound is None and w]
    assert len(set(levels)) <= 1
    for level in levels[:1]:
        for portion, weight in zip(portions, case.weights, strict=True):
            if portion.bound is Bound.FLOOR:
                assert portion.exact >= level * weight
            elif portion.bound is Bound.GROWTH_CAP:
                assert portion.exact <= level * weight


@given(st.integers(0, 10**6), st.lists(weights.filter(bool), min_size=1, max_size=30))
def test_without_bounds_the_largest_remainders_get_one_unit_more(total: int, given: list[Fraction]) -> None:
    portions = share_out(total, given, [0] * len(given), [None] * len(given))
    remainders = {n: portion.exact - int(portion.exact) for n, portion in enumerate(portions)}
    lucky = [n for n, portion in enumerate(portions) if portion.remainder_rank]
    others = [n for n in remainders if n not in lucky]
    assert all(portions[n].units == int(portions[n].exact) + (n in lucky) for n in remainders)
    assert min((remainders[n] for n in lucky), default=Fraction(1)) >= max((remainders[n] for n in others), default=0)
    assert sorted(portions[n].remainder_rank or 0 for n in lucky) == list(range(1, len(lucky) + 1))


@given(money, st.lists(weights, min_size=1, max_size=12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_months_add_up_to_the_quota(amount: Decimal, given: list[Fraction], currency: str) -> None:
    digits = {"EUR": 2, "JPY": 0, "KWD": 3}[currency]
    amount = from_units(in_units(amount, digits), digits)
    months = phase(amount, given, digits)
    assert sum(months) == amount
    assert min(months) >= 0


candidates = st.lists(st.tuples(st.none() | money, st.none() | money), min_size=1, max_size=25).map(
    lambda known: [Candidate(UUID(int=n), history, potential) for n, (history, potential) in enumerate(known, 1)]
)


@given(
    st.sampled_from(AllocationMethod),
    candidates,
    st.decimals(min_value=Decimal("0.01"), max_value=10**9, places=2),
    st.sampled_from(["0", "0.05", "0.123456"]),
    st.none() | st.sampled_from(["0", "0.1", "5"]),
    st.none() | st.decimals(min_value=0, max_value=10**6, places=2),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_every_method_gives_quotas_that_add_up_exactly(
    method: AllocationMethod,
    known: list[Candidate],
    total: Decimal,
    over: str,
    cap: str | None,
    floor: Decimal | None,
    currency: str,
) -> None:
    digits = digits_of(QuotaMeasure.REVENUE, currency)
    total = from_units(max(in_units(total, digits), 1), digits)
    blend = Blend(equal=Decimal(1), history=Decimal("0.5"), potential=Decimal("0.25"))
    asked = AllocateQuotas(
        period_id=PERIOD,
        total=total,
        over_assignment=Decimal(over),
        method=method,
        blend=blend if method is AllocationMethod.BLEND else None,
        history=[HistoryPeriod(period_id=PERIOD, weight=Decimal(1))],
        growth_cap=None if cap is None else Decimal(cap),
        floor=floor,
    )
    months = [Month(PERIOD, "2026-M01", Fraction(1))]
    both = bool(sum(c.history or 0 for c in known) and sum(c.potential or 0 for c in known))
    facts: dict[AllocationMethod, list[Any]] = {
        AllocationMethod.HISTORY: [candidate.history for candidate in known],
        AllocationMethod.POTENTIAL: [candidate.potential for candidate in known],
        AllocationMethod.EQUAL: [True],
        AllocationMethod.BLEND: [both],
    }
    if not any(facts[method]):
        with pytest.raises(DomainError, match="Nothing is known"):
            allocate(asked, currency, known, months)
        return
    try:
        proof = allocate(asked, currency, known, months)
    except DomainError:
        # Without bounds there is always a way; which bounds leave none is a rule of `share_out`.
        assert (floor, cap) != (None, None)
        return
    assert proof.assigned == from_units(in_units(total * (1 + Decimal(over)), digits), digits)
    assert sum(share.amount for share in proof.shares) == proof.assigned
    assert [share.seller_id for share in proof.shares] == [candidate.seller_id for candidate in known]
    for share, candidate in zip(proof.shares, known, strict=True):
        assert share.amount >= (floor or 0)
        if cap is not None and candidate.history is not None:
            capped = candidate.history * (1 + Decimal(cap))
            # The floor stands above the cap, in whole smallest units.
            assert share.amount <= max(capped, (floor or Decimal(0)) + from_units(1, digits))


def history_allocation(known: list[Candidate], **more: object) -> dict[int, Decimal]:
    asked = AllocateQuotas.model_validate(
        {
            "period_id": PERIOD,
            "total": "900.00",
            "method": "history",
            "history": [{"period_id": PERIOD, "weight": "1"}],
            **more,
        }
    )
    proof = allocate(asked, "EUR", known, [Month(PERIOD, "2026-M01", Fraction(1))])
    return {share.seller_id.int: share.amount for share in proof.shares}


def seller(n: int, history: str | None) -> Candidate:
    return Candidate(UUID(int=n), None if history is None else Decimal(history), None)


def test_a_seller_without_history_counts_as_the_mean_and_one_with_none_won_as_zero() -> None:
    known = [seller(1, "100"), seller(2, "200"), seller(3, None), seller(4, "0")]
    assert history_allocation(known) == {1: 225, 2: 450, 3: 225, 4: 0}


def test_what_a_cap_takes_is_spread_over_the_others_by_weight() -> None:
    portions = share_out(100, [Fraction(6), Fraction(1), Fraction(3)], [0, 0, 0], [40, None, None])
    assert [(portion.units, portion.bound) for portion in portions] == [(40, Bound.GROWTH_CAP), (15, None), (45, None)]


def test_a_growth_cap_limits_only_those_whose_history_is_known() -> None:
    known = [seller(1, "100"), seller(2, "100"), seller(3, None)]
    assert history_allocation(known, growth_cap="0.5") == {1: 150, 2: 150, 3: 600}


def test_a_floor_above_a_cap_holds() -> None:
    known = [seller(1, "100"), seller(2, "0"), seller(3, None)]
    assert history_allocation(known, growth_cap="0", floor="50") == {1: 100, 2: 50, 3: 750}


def test_equal_loads_are_perfectly_fair() -> None:
    loads = [Decimal(2)] * 4
    assert [gini(loads), variation(loads), above_median(loads)] == [0, 0, 0]
    assert outliers(loads) == []


def test_the_gini_coefficient_of_one_who_carries_all_is_the_greatest() -> None:
    assert gini([Decimal(0), Decimal(0), Decimal(0), Decimal(8)]) == Decimal("0.75")
    assert gini([]) is None


def test_loads_far_outside_the_quartiles_are_outliers() -> None:
    assert outliers([Decimal(n) for n in (10, 11, 10, 12, 11, 50, 1)]) == [5, 6]
