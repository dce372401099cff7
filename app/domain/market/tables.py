"""Stored rows of the market; private to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.domain.kernel.tables import VersionedRow, amount, json, rate
from app.domain.market.contract import ProductFields, SegmentFields


class Segment(SegmentFields, VersionedRow, table=True):
    """A segment as stored; its rule is a `SegmentRule` in JSON."""

    __tablename__ = "segment"

    rule: dict[str, Any] = json()
    tam: Decimal | None = amount(default=None)
    currency: str


class Product(ProductFields, VersionedRow, table=True):
    """A product as stored."""

    __tablename__ = "product"

    list_price: Decimal | None = amount(default=None)
    margin: Decimal | None = rate(default=None)
    currency: str
