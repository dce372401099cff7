"""A cascade adds up at every level, whatever is held, capped, ramped or away, and proves it."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.kernel.errors import DomainError
from app.domain.quotas.allocation import Candidate, Held, Line, Month, allocate, month_weights
from app.domain.quotas.cascade import grown
from app.domain.quotas.contract.allocations import AllocateQuotas, AllocationMethod, AllocationProof, Bound
from app.domain.quotas.rules import digits_of, from_units, in_units, phase

PERIOD = UUID(int=1)
MONTHS = [Month(PERIOD, f"2026-M{n:02d}", Fraction(n)) for n in range(1, 13)]
amounts = st.decimals(min_value=0, max_value=10**6, places=2)
presences = st.none() | st.integers(0, 31**2).map(lambda n: tuple(Fraction((n * m) % 32, 31) for m in range(12)))


def manager(n: int) -> UUID:
    return UUID(int=1000 + n)


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[Candidate], Line]:
    count = draw(st.integers(1, 5))
    managers = {
        manager(n): manager(draw(st.integers(0, n - 1))) if n and draw(st.booleans()) else None for n in range(count)
    }
    known = [
        Candidate(
            UUID(int=n),
            draw(st.none() | amounts),
            draw(st.none() | amounts),
            manager_id=manager(draw(st.integers(0, count - 1))),
            presence=draw(presences),
            held=Held(draw(amounts), "Agreed.") if draw(st.integers(0, 3)) == 0 else None,
        )
        for n in range(1, draw(st.integers(1, 12)) + 1)
    ]
    # A manager without anybody below has nothing to share.
    led = {one.manager_id for one in known}
    while more := {managers[id] for id in led if id} - led - {None}:
        led |= more
    held = {id: Held(draw(amounts), "Agreed.") for id in led if id and draw(st.integers(0, 5)) == 0}
    return known, Line({id: of for id, of in managers.items() if id in led}, held)


def check(proof: AllocationProof, asked: AllocateQuotas, currency: str = "EUR") -> None:
    """Every child of every cut adds up to what its parent gave, and that is its amount with over-assignment."""
    digits = digits_of(asked.measure, currency)
    nodes = {node.manager_id: node for node in proof.nodes}
    assert nodes[None].amount == asked.total
    for node in proof.nodes:
        children = [share.amount for share in proof.shares if share.manager_id == node.manager_id]
        children += [
            below.amount for below in proof.nodes if below.parent_id == node.manager_id and below is not nodes[None]
        ]
        assert (len(children), sum(children)) == (node.children, node.assigned)
        wanted = grown(in_units(node.amount, digits), Fraction(node.over_assignment))
        # Held children may leave no whole sum; then it is off by less than one unit of the parent makes.
        assert abs(in_units(node.assigned, digits) - wanted) <= 1 + node.over_assignment
        if node.manager_id is None:
            assert in_units(node.assigned, digits) == wanted
    assert sum(share.amount for share in proof.shares) == proof.assigned


@given(
    lines(),
    st.decimals(min_value="0.01", max_value=10**7, places=2),
    st.lists(st.sampled_from(["0", "0.03", "0.1", "0.333333"]), max_size=4),
    st.sampled_from([AllocationMethod.EQUAL, AllocationMethod.HISTORY, AllocationMethod.POTENTIAL]),
    st.none() | st.sampled_from(["0", "0.2", "3"]),
    st.none() | st.decimals(min_value=0, max_value=5000, places=2),
)
def test_children_sum_to_the_parent_at_every_level(
    built: tuple[list[Candidate], Line],
    total: Decimal,
    over: list[str],
    method: AllocationMethod,
    cap: str | None,
    floor: Decimal | None,
) -> None:
    known, line = built
    asked = AllocateQuotas.model_validate(
        {
            "period_id": PERIOD,
            "total": total,
            "over_assignment": Decimal(over[0]) if over else Decimal(0),
            "level_over_assignment": [Decimal(rate) for rate in over[1:]],
            "cascade": True,
            "method": method,
            "history": [{"period_id": PERIOD, "weight": Decimal(1)}],
            "growth_cap": None if cap is None else Decimal(cap),
            "floor": floor,
        }
    )
    try:
        proof = allocate(asked, "EUR", known, MONTHS, line)
    except DomainError as refused:
        # Without bounds there is always a way, if there is anything to follow.
        bounded = bool(line.held or cap or floor or any(one.held for one in known))
        expected = {"allocation_no_basis"} | ({"allocation_infeasible", "parent_below_children"} if bounded else set())
        if refused.code in expected:
            return
        raise
    check(proof, asked)
    for share, candidate in zip(proof.shares, known, strict=True):
        if candidate.held:
            assert (share.amount, share.bound, share.reason) == (candidate.held.amount, Bound.HOLD, "Agreed.")
        months = phase(share.amount, month_weights(candidate, MONTHS), 2)
        assert sum(months) == share.amount
    for node in proof.nodes:
        if node.manager_id and node.manager_id in line.held:
            assert node.amount == line.held[node.manager_id].amount


def cut(known: list[Candidate], line: Line | None = None, **more: Any) -> AllocationProof:
    asked = AllocateQuotas.model_validate({"period_id": PERIOD, "total": "100.00", "cascade": True, **more})
    proof = allocate(asked, "EUR", known, MONTHS, line or Line({manager(0): None, manager(1): None}))
    check(proof, asked)
    return proof


def team(n: int, *sellers: int, **more: Any) -> list[Candidate]:
    return [Candidate(UUID(int=seller), None, None, manager_id=manager(n), **more) for seller in sellers]


def test_over_assignment_grows_level_by_level() -> None:
    proof = cut([*team(0, 1, 2), *team(1, 3)], over_assignment="0.1", level_over_assignment=["0.05"])
    assert {(node.level, node.amount, node.assigned) for node in proof.nodes} == {
        (0, Decimal("100.00"), Decimal("110.00")),
        (1, Decimal("73.33"), Decimal("77.00")),
        (1, Decimal("36.67"), Decimal("38.50")),
    }
    assert proof.assigned == Decimal("115.50")


def test_a_team_takes_what_a_hold_leaves_and_the_computed_amount_is_kept() -> None:
    bob, cleo = team(0, 1, 2)
    held = Candidate(bob.seller_id, None, None, manager_id=bob.manager_id, held=Held(Decimal("50.00"), "New logo."))
    proof = cut([held, cleo, *team(1, 3, 4)])
    assert [share.amount for share in proof.shares] == [
        Decimal(amount) for amount in ("50.00", "0.00", "25.00", "25.00")
    ]
    assert [(share.bound, share.computed, share.reason) for share in proof.shares[:1]] == [
        (Bound.HOLD, Decimal("25.00"), "New logo.")
    ]


def test_a_manager_held_below_its_sellers_is_named() -> None:
    held = [
        Candidate(one.seller_id, None, None, manager_id=manager(0), held=Held(Decimal(30), "x"))
        for one in team(0, 1, 2)
    ]
    line = Line({manager(0): None}, {manager(0): Held(Decimal("59.99"), "y")})
    with pytest.raises(DomainError) as refused:
        cut([*held, Candidate(UUID(int=9), None, None)], line)
    assert refused.value.code == "parent_below_children"
    assert refused.value.facts == {"parent": str(manager(0)), "wanted": 5999, "least": 6000}


def test_a_total_below_what_is_held_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        cut(team(0, 1, held=Held(Decimal("100.01"), "x")), Line({manager(0): None}))
    assert (refused.value.code, refused.value.errors[0].pointer) == ("parent_below_children", "/total")


def test_who_is_there_for_half_of_the_weight_gets_half_and_only_then() -> None:
    half = tuple(Fraction(int(month.weight in (6, 9, 12, 4, 8))) for month in MONTHS)
    (here,), (away,) = team(0, 1), team(0, 2, presence=half)
    proof = cut([here, away], Line({manager(0): None}), total="150.00")
    assert [(share.amount, share.available) for share in proof.shares] == [
        (Decimal("100.00"), Decimal(1)),
        (Decimal("50.00"), Decimal("0.5")),
    ]
    months = phase(Decimal("50.00"), month_weights(away, MONTHS), 2)
    assert [month > 0 for month in months] == [bool(share) for share in half]


def test_nobody_there_leaves_nothing_to_follow() -> None:
    with pytest.raises(DomainError, match="Nobody with any weight"):
        cut(team(0, 1, presence=(Fraction(0),) * 12), Line({manager(0): None}))


@pytest.mark.parametrize(("amount", "units"), [("0.005", 1), ("0.004", 0)])
def test_over_assignment_rounds_half_up(amount: str, units: int) -> None:
    assert grown(100, Fraction(amount)) == 100 + units
    assert from_units(units, 2) <= Decimal("0.01")
