"""From what is known of sellers to their quotas, with the proof: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from uuid import UUID

from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.quotas.contract.allocations import (
    AllocateQuotas,
    AllocationFinding,
    AllocationMethod,
    AllocationMonth,
    AllocationProof,
    AllocationShare,
    Blend,
    Fairness,
)
from app.domain.quotas.rules import (
    Portion,
    above_median,
    as_rate,
    digits_of,
    from_units,
    gini,
    in_units,
    outliers,
    share_out,
    variation,
)

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
class Candidate:
    """What is known of a seller who is to get a quota. None is not zero: nothing is known."""

    seller_id: UUID
    history: Decimal | None
    """Won amount of a period, the weighted mean over the history periods."""
    potential: Decimal | None
    """Potential of the accounts it owns."""
    other_currency: bool = False
    """Whether amounts in another currency were left out."""


@dataclass(frozen=True)
class Month:
    """A month of the period and its weight."""

    period_id: UUID
    code: str
    weight: Fraction


def allocate(
    asked: AllocateQuotas, currency: str, candidates: Sequence[Candidate], months: Sequence[Month]
) -> AllocationProof:
    """The quotas of the candidates, in their order, with everything needed to check them.

    Raises:
        DomainError: `allocation_no_basis`, `allocation_infeasible`.
    """
    digits = digits_of(asked.measure, currency)
    target = in_units(asked.total * (1 + asked.over_assignment), digits)
    weights = _weights(asked, candidates)
    lows, highs = _bounds(asked, candidates, digits)
    portions = share_out(target, weights, lows, highs)
    total_weight = sum(weights)
    shares = [
        _share(candidate, weight / total_weight, portion, digits)
        for candidate, weight, portion in zip(candidates, weights, portions, strict=True)
    ]
    all_months = sum(month.weight for month in months)
    return AllocationProof(
        assigned=from_units(target, digits),
        shares=shares,
        months=[
            AllocationMonth(period_id=m.period_id, code=m.code, weight=as_rate(m.weight / all_months)) for m in months
        ],
        fairness=_fairness(shares),
        findings=list(_findings(asked, candidates)),
    )


def _parts(asked: AllocateQuotas) -> Blend:
    return asked.blend or _ALONE[asked.method]


def _weights(asked: AllocateQuotas, candidates: Sequence[Candidate]) -> list[Fraction]:
    """Each basis is brought to a sum of one before it is blended, so that bases of unlike size count as they should."""
    parts = _parts(asked)
    weights = [Fraction(0)] * len(candidates)
    for part, values in (
        (parts.equal, [Decimal(1)] * len(candidates)),
        (parts.history, [candidate.history for candidate in candidates]),
        (parts.potential, [candidate.potential for candidate in candidates]),
    ):
        if part:
            basis = _completed(values)
            total = sum(basis)
            if not total:
                raise refuse("allocation_no_basis", pointer="/method")
            weights = [weight + Fraction(part) * value / total for weight, value in zip(weights, basis, strict=True)]
    if not any(weights):
        raise refuse("allocation_no_basis", "The blend gives no basis any weight.", pointer="/blend")
    return weights


def _completed(values: Sequence[Decimal | None]) -> list[Fraction]:
    """Unknown values become the mean of the known ones: neither a gift nor a punishment."""
    known = [Fraction(value) for value in values if value is not None]
    mean = sum(known, Fraction(0)) / len(known) if known else Fraction(0)
    return [mean if value is None else Fraction(value) for value in values]


def _bounds(asked: AllocateQuotas, candidates: Sequence[Candidate], digits: int) -> tuple[list[int], list[int | None]]:
    low = ceil((asked.floor or Decimal(0)).scaleb(digits))
    highs = [_cap(asked, candidate) for candidate in candidates]
    units = [None if high is None else max(low, floor(high * 10**digits)) for high in highs]
    return [low] * len(candidates), units


def _cap(asked: AllocateQuotas, candidate: Candidate) -> Fraction | None:
    """The most a seller gets: its history, and the growth allowed on it."""
    if asked.growth_cap is None or candidate.history is None:
        return None
    return Fraction(candidate.history) * (1 + Fraction(asked.growth_cap))


def _share(candidate: Candidate, weight: Fraction, portion: Portion, digits: int) -> AllocationShare:
    exact = portion.exact / 10**digits
    return AllocationShare(
        seller_id=candidate.seller_id,
        history=candidate.history,
        potential=candidate.potential,
        weight=as_rate(weight),
        bound=portion.bound,
        exact=(Decimal(exact.numerator) / exact.denominator).quantize(_DIGITS),
        remainder_rank=portion.remainder_rank,
        amount=from_units(portion.units, digits),
    )


def _fairness(shares: Sequence[AllocationShare]) -> Fairness:
    loads = {share.seller_id: share.amount / share.potential for share in shares if share.potential}
    values, sellers = list(loads.values()), list(loads)
    spread = {"gini": gini(values), "variation": variation(values), "highest": above_median(values)}
    return Fairness(
        sellers=len(loads),
        outliers=[sellers[n] for n in outliers(values)],
        **{name: None if value is None else as_rate(value) for name, value in spread.items()},
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
