"""What a component may say that pays a share of what a team earns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.domain.compensation.terms.choices import Pays
from app.domain.compensation.terms.limits import LimitPer
from app.domain.compensation.terms.window import WhenPaid, WindowLength
from app.domain.kernel.errors import FieldError

if TYPE_CHECKING:
    from app.domain.compensation.terms.component import ComponentFields


def earnings_findings(component: ComponentFields, pointer: str) -> Iterator[FieldError]:
    """`earnings_window`, `earnings_rate`, `earnings_figure`, `earnings_limit` and `earnings_terms`.

    What a team earns is known when everything else is, so a share of it is paid as it comes, and nothing looks at it.
    """
    window, flat = component.window, component.rate.flat
    if window.over is not WindowLength.YEAR or window.paid is not WhenPaid.EACH_PERIOD or window.quota:
        text = "Earnings are paid on as they come: use the window year, paid each_period, without a quota."
        yield FieldError(f"{pointer}/window", "earnings_window", text)
    if flat is None or flat.pays is not Pays.RATE:
        yield FieldError(f"{pointer}/rate", "earnings_rate", "Pay one flat rate on what the team earns.")
    for below, looked_at in component.inputs():
        if looked_at.component is None:
            text = "Look at another component, such as one that measures the team and is paid never."
            yield FieldError(f"{pointer}{below}/component", "earnings_figure", text)
    for n, limit in enumerate(component.limits):
        if limit.per is not LimitPer.YEAR:
            yield FieldError(f"{pointer}/limits/{n}/per", "earnings_limit", "Earnings are limited per year.")
    for name in ("budget", "clawback"):
        if getattr(component, name):
            yield FieldError(f"{pointer}/{name}", "earnings_terms", "That of the team's own components applies.")
