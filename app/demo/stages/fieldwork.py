"""Sellers visit, call and write; sales operations say how often that should happen and what it costs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from app.demo.people import Demo
from app.demo.plot import Activity

_TRAVEL = {"cost_per_km": "0.42", "hourly_cost": "55.00", "average_speed_kmh": "65", "visits_per_tour": 4}
_MIXES = {
    "field": (("visit", "0.6"), ("call", "0.4")),
    "hybrid": (("visit", "0.5"), ("video", "0.5")),
    "remote": (("call", "0.5"), ("video", "0.3"), ("email", "0.2")),
}
_INTERVALS = {"A": 30, "B": 60, "C": 120}
_REST = 240
"""Days between two touches of any other account."""


async def plan_cadence(demo: Demo) -> None:
    """How often accounts are touched, by class and mode, and what travelling costs."""
    operations = demo.desk["sales_ops"]
    await demo.do(operations, "set_travel_settings", **_TRAVEL)
    policies = [
        _policy(f"{account_class} accounts, {mode}", interval, mode, account_class)
        for account_class, interval in _INTERVALS.items()
        for mode in _MIXES
    ]
    policies.append(_policy("Everybody else", _REST, None, None))
    await demo.all(operations, "create_cadence_policy", [(None, policy) for policy in policies])


async def visit(demo: Demo) -> None:
    """Every seller records what it did and plans what it will do; some of that is called off."""
    by_seller: dict[str, list[Activity]] = defaultdict(list)
    for activity in demo.company.activities:
        by_seller[activity.seller].append(activity)
    for number, own in by_seller.items():
        who = demo.sellers[number]
        ids = await demo.all(who, "create_activity", [(None, _activity(demo, activity)) for activity in own])
        off: list[tuple[UUID | None, dict[str, Any]]] = [
            (id, {}) for activity, id in zip(own, ids, strict=True) if activity.cancelled
        ]
        await demo.all(who, "cancel_activity", off)


def _policy(name: str, interval: int, mode: str | None, account_class: str | None) -> dict[str, Any]:
    mix = _MIXES[mode or "remote"]
    return {
        "name": name,
        "account_class": account_class,
        "coverage_mode": mode,
        "interval_days": interval,
        "window_days": interval // 5,
        "channel_mix": [{"channel": channel, "share": share} for channel, share in mix],
    }


def _activity(demo: Demo, activity: Activity) -> dict[str, Any]:
    return {
        "account_id": demo.ids[activity.account],
        "kind": activity.kind,
        "planned_on": activity.planned_on,
        "done_on": activity.done_on,
        "duration_minutes": activity.minutes,
        "distance_km": activity.distance_km,
        "outcome": activity.outcome,
    }
