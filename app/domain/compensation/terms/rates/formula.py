"""A formula over named figures, for pay that no table describes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.domain.compensation.formula.syntax import LONGEST
from app.domain.compensation.terms.choices import Pays
from app.domain.kernel.fields import NO_NUL, Fields


class FormulaFields(Fields):
    """An amount, computed from figures of this and other components and from constants of the plan."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST), NO_NUL]
    """Such as `min(measured * 0.05, target * 2)`; see `docs/plan-document.md` for the figures it may name."""

    @property
    def pays(self) -> Pays:
        """It comes to an amount."""
        return Pays.AMOUNT
