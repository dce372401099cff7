"""What the caller may do next with quotas and periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.ordinary.identity import Caller
from benchmarks.ordinary.tables import FiscalPeriod, Quota
from benchmarks.ordinary.views import AllowedAction

Guard = tuple[str, Callable[[Any, Caller], bool]]

_CONCERNED: Guard = (
    "not_concerned",
    lambda quota, caller: caller.seller_id is not None and quota.seller_id == caller.seller_id,
)
_NOT_ONES_OWN: Guard = ("four_eyes", lambda quota, caller: quota.seller_id != caller.seller_id)
_PERIOD_OPEN: Guard = ("quota_period_closed", lambda quota, caller: quota.period.state == "open")

Action = tuple[str, str, tuple[Guard, ...]]
"""Name, permission and guards."""

_CANCEL: Action = ("cancel", "quotas:write", (_NOT_ONES_OWN, _PERIOD_OPEN))
QUOTA: Mapping[str, tuple[Action, ...]] = {
    "draft": (("propose", "quotas:write", (_NOT_ONES_OWN, _PERIOD_OPEN)), _CANCEL),
    "proposed": (
        ("accept", "quotas:respond", (_CONCERNED, _PERIOD_OPEN)),
        ("dispute", "quotas:respond", (_CONCERNED, _PERIOD_OPEN)),
        _CANCEL,
    ),
    "disputed": (("investigate", "quotas:decide", (_NOT_ONES_OWN,)), _CANCEL),
    "under_investigation": (
        ("revise", "quotas:decide", (_NOT_ONES_OWN, _PERIOD_OPEN)),
        ("uphold", "quotas:decide", (_NOT_ONES_OWN, _PERIOD_OPEN)),
        _CANCEL,
    ),
    "accepted": (
        ("lock", "quotas:lock", ()),
        ("amend", "quotas:write", (_NOT_ONES_OWN, _PERIOD_OPEN)),
        _CANCEL,
    ),
}
PERIOD: Mapping[str, tuple[Action, ...]] = {
    "open": (("close", "periods:close", ()),),
    "closed": (("reopen", "periods:close", ()),),
}


def quota_actions(quota: Quota, caller: Caller) -> list[AllowedAction]:
    return [_judge(action, quota, caller) for action in QUOTA.get(quota.state, ())]


def period_actions(period: FiscalPeriod, caller: Caller) -> list[AllowedAction]:
    return [_judge(action, period, caller) for action in PERIOD[period.state]]


def _judge(action: Action, subject: Any, caller: Caller) -> AllowedAction:
    name, permission, guards = action
    if permission not in caller.permissions:
        return AllowedAction(action=name, allowed=False, code="permission_required")
    failed = next((code for code, holds in guards if not holds(subject, caller)), None)
    return AllowedAction(action=name, allowed=failed is None, code=failed)
