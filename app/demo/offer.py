"""What the company sells, and to which segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Product:
    """A product; its weight says how often it is sold."""

    code: str
    name: str
    family: str
    list_price: str
    margin: str
    weight: int


PRODUCTS = (
    Product("PLAN-S", "Planner Start", "Planner", "2400.00", "0.72", 20),
    Product("PLAN-T", "Planner Team", "Planner", "9600.00", "0.74", 24),
    Product("PLAN-E", "Planner Enterprise", "Planner", "48000.00", "0.78", 9),
    Product("FLOW-T", "Flow Team", "Flow", "7200.00", "0.70", 18),
    Product("FLOW-E", "Flow Enterprise", "Flow", "36000.00", "0.76", 7),
    Product("EDGE-1", "Edge Gateway", "Edge", "3900.00", "0.41", 12),
    Product("EDGE-R", "Edge Rack", "Edge", "18500.00", "0.38", 5),
    Product("INSIGHT", "Insight Analytics", "Insight", "12500.00", "0.80", 11),
    Product("CARE-B", "Care Basic", "Services", "1200.00", "0.55", 26),
    Product("CARE-P", "Care Premium", "Services", "8400.00", "0.52", 12),
    Product("START", "Onboarding", "Services", "5500.00", "0.35", 10),
    Product("TRAIN", "Training Days", "Services", "1800.00", "0.45", 14),
)

SEGMENTS: tuple[dict[str, Any], ...] = (
    {"code": "ENTERPRISE", "name": "Enterprise", "rule": {"min_employees": 2000}, "tam": "410000000"},
    {"code": "MID", "name": "Mid-market", "rule": {"min_employees": 250, "max_employees": 1999}, "tam": "520000000"},
    {"code": "SMALL", "name": "Small business", "rule": {"max_employees": 249}, "tam": "260000000"},
    {
        "code": "INDUSTRY",
        "name": "Manufacturing and energy",
        "rule": {"industries": ["Manufacturing", "Energy"]},
        "tam": "330000000",
    },
    {"code": "HEALTH", "name": "Health", "rule": {"industries": ["Health"]}, "tam": "150000000"},
    {
        "code": "PUBLIC",
        "name": "Public sector, larger bodies",
        "rule": {"industries": ["Public sector"], "min_employees": 500},
        "tam": "95000000",
    },
    {
        "code": "FINANCE-DACH",
        "name": "Finance in DACH",
        "rule": {"industries": ["Finance"], "countries": ["DE", "AT", "CH"]},
        "tam": "88000000",
    },
)
