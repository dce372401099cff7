"""How amounts came about: the figures that formulas read, and how each deal was paid that is paid by itself."""

from collections import defaultdict
from typing import Any, Final

import duckdb

from app.domain.compensation.calculation.lines import Slice, Working
from app.domain.compensation.calculation.rows import records

_FIGURES: Final = ", ".join(f"f.v{n}" for n in range(1, 13))
_KEYS: Final = (
    "{other}.seller_id = u.seller_id AND {other}.component_id = u.component_id"
    " AND {other}.window_start = u.window_start AND {other}.as_of = u.as_of AND {other}.unit_id = u.unit_id"
)
_WINDOWS: Final = f"""
    SELECT p.seller_id, p.component_id, p.origin, u.window_start, f.exact, u.earned, {_FIGURES}
    FROM pay p
    JOIN component c ON c.component_id = p.component_id AND c.method = 'formula'
      AND c.window_length <> 'transaction'
    JOIN earned u ON u.seller_id = p.seller_id AND u.component_id = p.component_id AND u.window_start < p.as_of
      AND u.as_of = LEAST(p.as_of, u.window_end)
    JOIN computed f ON {_KEYS.format(other="f")}
    ORDER BY p.seller_id, p.component_id, p.origin, u.window_start
"""
# The deals of the pay period that earned them. At one flat rate, and nothing else, there is nothing to tell.
_DEAL: Final = """
    FROM pay p
    JOIN checkpoint k ON k.period_code = p.origin
    JOIN component c ON c.component_id = p.component_id AND c.window_length = 'transaction' AND (
      c.method <> 'flat' OR c.budget IS NOT NULL OR c.component_id IN (SELECT component_id FROM gate)
      OR c.component_id IN (SELECT component_id FROM earning_limit WHERE per = 'window'))
    JOIN earned u ON u.seller_id = p.seller_id AND u.component_id = p.component_id AND u.window_start >= k.previous
      AND u.window_start < k.as_of
"""
_DEALS: Final = f"""
    SELECT p.seller_id, p.component_id, p.origin, u.window_start, u.unit_id, f.exact,
      CASE WHEN c.budget IS NULL THEN u.earned ELSE b.earned END AS earned, c.method, l.x, l.y, {_FIGURES}
    {_DEAL}
    LEFT JOIN lookup l ON {_KEYS.format(other="l")}
    LEFT JOIN computed f ON {_KEYS.format(other="f")}
    LEFT JOIN budgeted b ON b.seller_id = u.seller_id AND b.component_id = u.component_id
      AND b.window_start = u.window_start AND b.unit_id = u.unit_id AND b.as_of = k.as_of
    ORDER BY p.seller_id, p.component_id, p.origin, u.window_start, u.unit_id
"""
_DEAL_SLICES: Final = f"""
    SELECT u.unit_id, r.seller_id, r.component_id, p.origin, r.window_start, r.ordinal, r.x_from, r.x_to, r.value,
      r.amount, r.earned
    {_DEAL}
    JOIN rate r ON {_KEYS.format(other="r")} AND r.amount <> 0 AND r.earned IS NOT NULL
    ORDER BY r.ordinal
"""


def workings(connection: duckdb.DuckDBPyConnection) -> tuple[Working, ...]:
    """Those of the lines of a run, whose relations are there: every window of formulas, the deals of the period."""
    windows = [
        Working(seller, component, origin, start, None, _told(figures), computed, earned, ())
        for seller, component, origin, start, computed, earned, *figures in records(connection, _WINDOWS)
    ]
    slices: defaultdict[tuple[Any, ...], list[Slice]] = defaultdict(list)
    for unit, *band in records(connection, _DEAL_SLICES):
        part = Slice(*band)
        slices[part.seller_id, part.component_id, part.origin, part.window_start, unit].append(part)
    deals = []
    for seller, component, origin, start, unit, computed, earned, method, x, y, *named in records(connection, _DEALS):
        figures = _told(named if method == "formula" else [x, y])
        cut = tuple(slices[seller, component, origin, start, unit])
        deals.append(Working(seller, component, origin, start, unit, figures, computed, earned, cut))
    return (*windows, *deals)


def _told(values: list[Any]) -> tuple[Any, ...]:
    """Without those behind the last."""
    last = max((place for place, value in enumerate(values, 1) if value is not None), default=0)
    return tuple(values[:last])
