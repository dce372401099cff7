"""How evenly quotas lie on those who get them: pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median, quantiles

from app.domain.kernel.money import plain
from app.domain.quotas.contract.allocations import AllocationShare, Fairness, FairnessBasis, Outlier
from app.domain.quotas.rules import as_rate

_OUTSIDE = Decimal("1.5")


def fairness(shares: Sequence[AllocationShare]) -> list[Fairness]:
    """Quota over potential and quota over history, each with its spread and who lies outside of it."""
    return [_over(basis, shares) for basis in FairnessBasis]


def _over(basis: FairnessBasis, shares: Sequence[AllocationShare]) -> Fairness:
    known = [(share, of) for share in shares if (of := getattr(share, str(basis)))]
    if not known:
        return Fairness(basis=basis, sellers=0, outliers=[])
    loads = [share.amount / of for share, of in known]
    middle = median(loads)
    spread = {"gini": gini(loads), "variation": variation(loads), "median": middle, "highest": above_median(loads)}
    outside = outliers(loads)
    fence = fences(loads) if outside else None
    return Fairness(
        basis=basis,
        sellers=len(known),
        worst_id=known[max(range(len(loads)), key=loads.__getitem__)][0].seller_id,
        outliers=[_explained(basis, *known[n], loads[n], middle, fence) for n in outside if fence],
        **{name: None if value is None else as_rate(value) for name, value in spread.items()},
    )


def _explained(
    basis: FairnessBasis,
    share: AllocationShare,
    of: Decimal,
    load: Decimal,
    middle: Decimal,
    fence: tuple[Decimal, Decimal],
) -> Outlier:
    said = [f"{plain(share.amount)} over a {basis} of {plain(of)} is {load:.2f} times it"]
    if middle:
        side = "more" if load > middle else "less"
        said.append(f"{abs(load / middle - 1):.0%} {side} than the median of {middle:.2f}")
    if share.bound is not None:
        said.append(f"its amount comes from the {str(share.bound).replace('_', ' ')}")
    other = share.potential if basis is FairnessBasis.HISTORY else share.history
    if other is None:
        unknown = "potential" if basis is FairnessBasis.HISTORY else "history"
        said.append(f"its {unknown} is not known")
    lower, upper = (as_rate(max(edge, Decimal(0))) for edge in fence)
    return Outlier(
        seller_id=share.seller_id,
        load=as_rate(load),
        median=as_rate(middle),
        lower=lower,
        upper=upper,
        detail="; ".join(said) + ".",
    )


def gini(loads: Sequence[Decimal]) -> Decimal | None:
    """The Gini coefficient of loads that are not negative; None without any, or when all are zero."""
    ordered, total, count = sorted(loads), sum(loads, Decimal(0)), len(loads)
    if not total:
        return None
    ranked = sum((rank * load for rank, load in enumerate(ordered, 1)), Decimal(0))
    return 2 * ranked / (count * total) - Decimal(count + 1) / count


def variation(loads: Sequence[Decimal]) -> Decimal | None:
    """The coefficient of variation: standard deviation of the whole over the mean; None when there is no mean."""
    mean = sum(loads, Decimal(0)) / len(loads) if loads else Decimal(0)
    if not mean:
        return None
    return (sum(((load - mean) ** 2 for load in loads), Decimal(0)) / len(loads)).sqrt() / mean


def fences(loads: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """The least and the most load that is no outlier: 1.5 interquartile ranges outside the quartiles."""
    lower, _, upper = quantiles(loads, n=4, method="inclusive")
    reach = _OUTSIDE * (upper - lower)
    return lower - reach, upper + reach


def outliers(loads: Sequence[Decimal]) -> list[int]:
    """The places of loads outside the fences; none among fewer than four."""
    if len(loads) < 4:
        return []
    lower, upper = fences(loads)
    return [n for n, load in enumerate(loads) if load < lower or load > upper]


def above_median(loads: Sequence[Decimal]) -> Decimal | None:
    """By how much the highest load exceeds the median, as a share of it; None when there is no median."""
    middle = median(loads) if loads else Decimal(0)
    return max(loads) / middle - 1 if middle else None
