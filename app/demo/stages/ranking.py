"""Sales operations rank accounts: scorecards, ratings, quadrants and what became of those of a year ago."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.demo.customers import largest
from app.demo.people import Demo
from app.domain.accounts.commands.portfolio import snapshot_quadrants
from app.domain.accounts.contract.portfolio import SnapshotQuadrants

_RATED = 120
_MIX = {"priority": "0.45", "big_bet": "0.2", "quick_win": "0.3", "deprioritised": "0.05"}
_CLASSES = {"a": "72", "b": "52", "c": "32"}
_POTENTIAL = {
    "code": "potential",
    "name": "Potential",
    "kind": "quantitative",
    "figure": "potential",
    "weight": "40",
    "method": "percentile",
    "within": "segment",
    "missing": "zero",
}
_CHANCE = {
    "code": "chance",
    "name": "Chance to win",
    "kind": "quantitative",
    "figure": "win_probability",
    "weight": "20",
    "method": "linear",
    "low": "0.1",
    "high": "0.8",
    "missing": "leave_out",
}
_WON = {
    "code": "won",
    "name": "Won in twelve months",
    "kind": "quantitative",
    "figure": "won_revenue",
    "weight": "25",
    "method": "bands",
    "bands": [
        {"from_value": "1", "score": "0.3"},
        {"from_value": "50000", "score": "0.7"},
        {"from_value": "200000", "score": "1"},
    ],
    "missing": "zero",
}
_FIT = {
    "code": "strategic-fit",
    "name": "Strategic fit",
    "kind": "qualitative",
    "weight": "15",
    "method": "linear",
    "low": "1",
    "high": "5",
    "missing": "leave_out",
}


async def rank(demo: Demo) -> None:
    """Thresholds with a target mix and a snapshot of the year's first day; then scores and classes of every account."""
    await demo.do(demo.desk["sales_ops"], "set_prioritisation", basis="median", target_mix=_MIX)
    await _look_back(demo)
    await _score(demo)


async def _look_back(demo: Demo) -> None:
    """Where accounts stood on the first day of the year: kept on that day, which the demo did not live to see."""
    calendar = demo.company.calendar
    async with demo.service.operations.transaction(demo.desk["sales_ops"]) as tx:
        tx.now = datetime.combine(calendar.start, time(9), UTC)
        await snapshot_quadrants(tx, SnapshotQuadrants(name=f"Start of {calendar.year}"))


async def _score(demo: Demo) -> None:
    """A first version that a better one retires, and a draft of what may come next."""
    operations = demo.desk["sales_ops"]
    first = await _scorecard(demo, "ACCOUNTS", "Account quality", [_POTENTIAL, _CHANCE])
    await demo.do(operations, "publish_scorecard", first)
    second = await demo.do(operations, "revise_scorecard", first)
    criteria = [_POTENTIAL, _CHANCE, _WON, _FIT]
    await demo.do(operations, "update_scorecard", second, criteria=criteria)
    await _rate(demo)
    await demo.work(operations, "score_accounts", second)
    await demo.do(operations, "publish_scorecard", second)
    await _scorecard(demo, "NEW-BUSINESS", "New business", [_POTENTIAL, _CHANCE])


async def _scorecard(demo: Demo, code: str, name: str, criteria: list[dict[str, Any]]) -> UUID:
    body = {"code": code, "name": name, "criteria": criteria, "classes": _CLASSES}
    return await demo.do(demo.desk["sales_ops"], "create_scorecard", **body)


async def _rate(demo: Demo) -> None:
    """Sellers say how well their largest accounts fit."""
    count = max(Decimal(12), Decimal(_RATED) * len(demo.company.accounts) / 5_000)
    for n, account in enumerate(largest(demo.company.accounts, float(count))):
        rating = {"account_id": demo.ids[account.key], "criterion": "strategic-fit", "rating": 1 + (n * 7 + 3) % 5}
        await demo.do(demo.sellers[demo.company.owner[account.key]], "rate_account", **rating)
