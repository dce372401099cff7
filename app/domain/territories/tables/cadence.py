"""Stored rows of cadence policies."""

from __future__ import annotations

from typing import Any

from app.domain.kernel.tables import VersionedRow, json, text
from app.domain.territories.contract.cadence import AccountClass, CadencePolicyFields
from app.domain.territories.contract.territories import CoverageMode


class CadencePolicy(CadencePolicyFields, VersionedRow, table=True):
    """A cadence policy as stored."""

    __tablename__ = "cadence_policy"

    account_class: AccountClass | None = text(default=None)
    coverage_mode: CoverageMode | None = text(default=None)
    channel_mix: list[dict[str, Any]] = json()
