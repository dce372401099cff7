"""From what is known of sellers to their quotas, with the proof: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, prod
from uuid import UUID

from app.domain.kernel.errors import DomainError, Invalid, define, refuse
from app.domain.quotas.cascade import Leaf, Node, cascade, tree
from app.domain.quotas.contract.allocations import (
    AllocateQuotas,
    AllocationFinding,
    AllocationMethod,
    AllocationMonth,
    AllocationNode,
    AllocationProof,
    AllocationShare,
    Blend,
    Bound,
)
from app.domain.quotas.fairness import fairness
from app.domain.quotas.rules import Portion, as_rate, digits_of, from_units, in_units, whole

define(
    "allocation_no_basis",
    Invalid,
    "Nothing is known that shares could follow",
    "Rien de connu sur quoi fonder la répartition",
    "Choose another method, or periods with won opportunities and accounts with potential.",
)

_DIGITS = Decimal("0.0001")
_ALONE = {
    AllocationMethod.EQUAL: Blend(equal=Decimal(1)),
    AllocationMethod.HISTORY: Blend(history=Decimal(1)),
    AllocationMethod.POTENTIAL: Blend(potential=Decimal(1)),
}


@dataclass(frozen=True)
class Held:
    """An amount set by hand, and why."""

    amount: Decimal
    reason: str
    settled: bool = False
    """Whether it is a quota that stays as it is, so that none is made."""


@dataclass(frozen=True)
class Candidate:
    """What is known of a seller who is to get a quota. None is not zero: nothing is known."""

    seller_id: UUID
    history: Decimal | None
    """Won amount of a period, the weighted mean over the history periods."""
    potential: Decimal | None
    """Potential of the accounts it owns."""
    other_currency: bool = False
    """Whether amounts in another currency were left out."""
    manager_id: UUID | None = None
    presence: tuple[Fraction, ...] | None = None
    """How much of each month counts, from 0 to 1; None for all of it."""
    held: Held | None = None


@dataclass(frozen=True)
class Month:
    """A month of the period and its weight."""

    period_id: UUID
    code: str
    weight: Fraction


@dataclass(frozen=True)
class Line:
    """The managers that a cascade goes through."""

    managers: Mapping[UUID, UUID | None] = field(default_factory=dict)
    """Each one's own manager, none for the first level."""
    held: Mapping[UUID, Held] = field(default_factory=dict)


def allocate(
    asked: AllocateQuotas, currency: str, candidates: Sequence[Candidate], months: Sequence[Month], line: Line = Line()
) -> AllocationProof:
    """The quotas of the candidates, in their order, with everything needed to check them.

    Raises:
        DomainError: `allocation_no_basis`, `allocation_infeasible`, `parent_below_children`.
    """
    digits = digits_of(asked.measure, currency)
    available = _availability(candidates, months)
    weights = _weights(asked, candidates, available)
    lows, highs = _bounds(asked, candidates, available, digits)
    nodes, portions = _cut(asked, candidates, weights, lows, highs, line, digits)
    computed = _without_holds(asked, candidates, weights, lows, highs, line, digits)
    total_weight = sum(weights)
    shares = [
        _share(candidate, Fraction(weights[n], total_weight), portions[n], available[n], computed[n], digits)
        for n, candidate in enumerate(candidates)
    ]
    all_months = sum(month.weight for month in months)
    return AllocationProof(
        assigned=from_units(sum(portion.units for portion in portions), digits),
        nodes=[_node(node, asked, line, digits) for node in nodes],
        shares=shares,
        months=[
            AllocationMonth(period_id=m.period_id, code=m.code, weight=as_rate(m.weight / all_months)) for m in months
        ],
        fairness=fairness(shares),
        findings=list(_findings(asked, candidates)),
    )


def month_weights(candidate: Candidate, months: Sequence[Month]) -> list[Fraction]:
    """What a quota of the candidate is spread by: the weights of the months, as far as it is present."""
    if candidate.presence is None:
        return [month.weight for month in months]
    return [month.weight * share for month, share in zip(months, candidate.presence, strict=True)]


def _availability(candidates: Sequence[Candidate], months: Sequence[Month]) -> list[Fraction]:
    total = sum(month.weight for month in months)
    known: dict[tuple[Fraction, ...] | None, Fraction] = {None: Fraction(1)}
    for candidate in candidates:
        if candidate.presence not in known:
            known[candidate.presence] = sum(month_weights(candidate, months), Fraction(0)) / total
    return [known[candidate.presence] for candidate in candidates]


def _cut(
    asked: AllocateQuotas,
    candidates: Sequence[Candidate],
    weights: Sequence[int],
    lows: Sequence[int],
    highs: Sequence[int | None],
    line: Line,
    digits: int,
) -> tuple[list[Node], list[Portion]]:
    leaves = []
    for candidate, weight, low, high in zip(candidates, weights, lows, highs, strict=True):
        held = None if candidate.held is None else in_units(candidate.held.amount, digits)
        leaves.append(Leaf(weight, low, high) if held is None else Leaf(weight, held, held, held=True))
    holds = {id: in_units(held.amount, digits) for id, held in line.held.items()}
    nodes = tree(line.managers, [candidate.manager_id for candidate in candidates], holds)
    rates = [asked.over_assignment, *asked.level_over_assignment]
    return nodes, cascade(in_units(asked.total, digits), nodes, leaves, rates)


def _without_holds(
    asked: AllocateQuotas,
    candidates: Sequence[Candidate],
    weights: Sequence[int],
    lows: Sequence[int],
    highs: Sequence[int | None],
    line: Line,
    digits: int,
) -> list[Decimal | None]:
    """What those who are held would get if nobody were; none where nobody is held, or no allocation fits."""
    if not any(candidate.held for candidate in candidates):
        return [None] * len(candidates)
    free = [Candidate(c.seller_id, c.history, c.potential, manager_id=c.manager_id) for c in candidates]
    try:
        _, portions = _cut(asked, free, weights, lows, highs, Line(line.managers), digits)
    except DomainError:
        return [None] * len(candidates)
    return [
        from_units(portion.units, digits) if candidate.held else None
        for candidate, portion in zip(candidates, portions, strict=True)
    ]


def _parts(asked: AllocateQuotas) -> Blend:
    return asked.blend or _ALONE[asked.method]


def _weights(asked: AllocateQuotas, candidates: Sequence[Candidate], available: Sequence[Fraction]) -> list[int]:
    """Each basis is brought to a sum of one before it is blended, so that bases of unlike size count as they should.

    Whole numbers in the same proportions: the product of all sums stands in for one.
    """
    parts = _parts(asked)
    given: list[tuple[Decimal, list[Decimal | None]]] = [
        (parts.equal, [Decimal(1) for _ in candidates]),
        (parts.history, [candidate.history for candidate in candidates]),
        (parts.potential, [candidate.potential for candidate in candidates]),
    ]
    bases = [(part, _completed(values)) for part, values in given if part]
    sums = [sum(basis) for _, basis in bases]
    if not bases:
        raise refuse("allocation_no_basis", "The blend gives no basis any weight.", pointer="/blend")
    if not all(sums):
        raise refuse("allocation_no_basis", pointer="/method")
    factors = whole([Fraction(part) * prod(sums) / of for (part, _), of in zip(bases, sums, strict=True)])
    weights = [
        sum(factor * value for factor, value in zip(factors, values, strict=True))
        for values in zip(*(basis for _, basis in bases), strict=True)
    ]
    present = [weight * share for weight, share in zip(weights, whole(available), strict=True)]
    if not any(present):
        raise refuse("allocation_no_basis", "Nobody with any weight is there in the period.", pointer="/method")
    return present


def _completed(values: Sequence[Decimal | None]) -> list[int]:
    """Unknown values become the mean of the known ones, neither a gift nor a punishment; all as whole numbers."""
    known = [int(value.scaleb(4)) for value in values if value is not None]
    total = sum(known)
    return [total if value is None else int(value.scaleb(4)) * len(known) for value in values]


def _bounds(
    asked: AllocateQuotas, candidates: Sequence[Candidate], available: Sequence[Fraction], digits: int
) -> tuple[list[int], list[int | None]]:
    """The floor asks for as much of it as a seller is available; the cap is over what was won, whoever was there."""
    asked_low = Fraction((asked.floor or Decimal(0)).scaleb(digits))
    lows = [ceil(asked_low * share) if asked_low else 0 for share in available]
    caps = [_cap(asked, candidate) for candidate in candidates]
    units = [None if cap is None else floor(cap * 10**digits) for cap in caps]
    return lows, [None if cap is None else max(low, cap) for low, cap in zip(lows, units, strict=True)]


def _cap(asked: AllocateQuotas, candidate: Candidate) -> Fraction | None:
    """The most a seller gets: its history, and the growth allowed on it."""
    if asked.growth_cap is None or candidate.history is None:
        return None
    return Fraction(candidate.history) * (1 + Fraction(asked.growth_cap))


def _share(
    candidate: Candidate, weight: Fraction, portion: Portion, available: Fraction, computed: Decimal | None, digits: int
) -> AllocationShare:
    return AllocationShare(
        seller_id=candidate.seller_id,
        manager_id=candidate.manager_id,
        history=candidate.history,
        potential=candidate.potential,
        weight=as_rate(weight),
        available=as_rate(available),
        bound=Bound.HOLD if candidate.held else portion.bound,
        computed=computed,
        reason=candidate.held.reason if candidate.held else None,
        exact=(Decimal(portion.exact.numerator) / portion.exact.denominator).scaleb(-digits).quantize(_DIGITS),
        remainder_rank=portion.remainder_rank,
        amount=from_units(portion.units, digits),
    )


def _node(node: Node, asked: AllocateQuotas, line: Line, digits: int) -> AllocationNode:
    rates = [asked.over_assignment, *asked.level_over_assignment]
    held = line.held.get(node.manager_id) if node.manager_id else None
    own = node.portion
    return AllocationNode(
        manager_id=node.manager_id,
        parent_id=node.parent_id,
        level=node.level,
        amount=from_units(node.amount, digits),
        over_assignment=rates[node.level] if node.level < len(rates) else Decimal(0),
        children=len(node.portions),
        assigned=from_units(node.assigned, digits),
        remainder_units=sum(1 for portion in node.portions if portion.remainder_rank),
        bound=Bound.HOLD if held else own.bound if own else None,
        remainder_rank=own.remainder_rank if own else None,
        reason=held.reason if held else None,
    )


def _findings(asked: AllocateQuotas, candidates: Sequence[Candidate]) -> Iterator[AllocationFinding]:
    parts = _parts(asked)
    for candidate in candidates:
        if candidate.history is None and (parts.history or asked.growth_cap is not None):
            yield _finding(candidate, "no_history", "No closed opportunities: mean weight, no growth cap.")
        if candidate.potential is None and parts.potential:
            yield _finding(candidate, "no_potential", "No account with a potential: mean weight.")
        if candidate.other_currency and (parts.history or parts.potential or asked.growth_cap is not None):
            yield _finding(candidate, "other_currency", "Amounts in another currency were left out.")
        cap = _cap(asked, candidate)
        if cap is not None and asked.floor is not None and cap < asked.floor:
            yield _finding(candidate, "cap_below_floor", "The growth cap is below the floor: the floor holds.")


def _finding(candidate: Candidate, code: str, detail: str) -> AllocationFinding:
    return AllocationFinding(seller_id=candidate.seller_id, code=code, detail=detail)
