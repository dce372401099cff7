"""Stored rows of design scenarios. Their results are written and read as sets, in SQL alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.kernel.tables import VersionedRow, amount, json, text
from app.domain.territories.contract.scenarios import (
    DesignContiguity,
    DesignMethod,
    DesignStake,
    TerritoryScenarioFields,
)


class TerritoryScenario(TerritoryScenarioFields, VersionedRow, table=True):
    """A question to the design engine."""

    __tablename__ = "territory_scenario"

    as_of: date
    method: DesignMethod = text()
    contiguity: DesignContiguity = text()
    stake: DesignStake = text()
    disruption: Decimal | None = amount(default=None)
    measures: list[Any] = json()
    targets: list[Any] = json()
    locks: list[Any] = json()
    keep_together: list[Any] = json()
    skills: list[Any] = json()
