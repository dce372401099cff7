"""How amounts came about: the figures that formulas read, and how each deal was paid that is paid by itself.

The workings of a line are one text, a JSON array of objects: window_start, transaction_id, figures, slices, computed
and earned. Of a deal `window_start` is its day, of a window there is no transaction; `figures` are in the order of the
inputs of the formula, or along x and y; `slices` are those of a table that pays a deal; `earned` is what a budget
leaves. Numbers are texts, as everywhere in JSON.
"""

from typing import Final

import duckdb
import pyarrow as pa

_MOST_FIGURES: Final = 12
_KEYS: Final = (
    "{other}.seller_id = u.seller_id AND {other}.component_id = u.component_id"
    " AND {other}.window_start = u.window_start AND {other}.as_of = u.as_of AND {other}.unit_id = u.unit_id"
)


def _text(decimal: str) -> str:
    """A decimal without needless zeros beyond two digits."""
    return f"regexp_replace(CAST({decimal} AS VARCHAR), '(\\.\\d\\d\\d*?)0+$', '\\1')"


def _listed(decimals: list[str]) -> str:
    """Without those behind the last."""
    last = ", ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE {n} END" for n, name in enumerate(decimals, 1))
    return f"[{', '.join(map(_text, decimals))}][1:GREATEST({last})]"


_FIGURES: Final = _listed([f"f.v{n}" for n in range(1, _MOST_FIGURES + 1)])
_WORKING: Final = (
    "to_json({{window_start: u.window_start, transaction_id: {unit}, figures: {figures}, slices: {slices},"
    f" computed: {_text('f.exact')}, earned: {_text('{earned}')}}}}})"
)
_WINDOWS: Final = f"""
    SELECT p.seller_id, p.component_id, p.origin, u.window_start, u.unit_id,
      {_WORKING.format(unit="NULL", figures=_FIGURES, slices="[]", earned="u.earned")} AS told
    FROM pay p
    JOIN component c ON c.component_id = p.component_id AND c.method = 'formula'
      AND c.window_length <> 'transaction'
    JOIN earned u ON u.seller_id = p.seller_id AND u.component_id = p.component_id AND u.window_start < p.as_of
      AND u.as_of = LEAST(p.as_of, u.window_end)
    JOIN computed f ON {_KEYS.format(other="f")}
"""
# The deals of the pay period that earned them. At one flat rate, and nothing else, there is nothing to tell.
_TOLD: Final = """
    SELECT component_id, method, budget IS NOT NULL AS budgeted FROM component c
    WHERE window_length = 'transaction' AND (method <> 'flat' OR budget IS NOT NULL
      OR component_id IN (SELECT component_id FROM gate)
      OR component_id IN (SELECT component_id FROM earning_limit WHERE per = 'window'))
"""
_SLICES: Final = f"""
    SELECT r.seller_id, r.component_id, r.window_start, r.as_of, r.unit_id, list({{ordinal: r.ordinal,
      window_start: r.window_start, lower: {_text("r.x_from")}, upper: {_text("r.x_to")}, value: {_text("r.value")},
      amount: {_text("r.amount")}, earned: {_text("r.earned")}}} ORDER BY r.ordinal) AS slices
    FROM rate r
    JOIN told c ON c.component_id = r.component_id
    WHERE r.amount <> 0 AND r.earned IS NOT NULL
    GROUP BY ALL
"""
_DEAL: Final = _WORKING.format(
    unit="u.unit_id",
    figures=f"CASE WHEN c.method = 'formula' THEN {_FIGURES} ELSE {_listed(['l.x', 'l.y'])} END",
    slices="COALESCE(s.slices, [])",
    earned="CASE WHEN c.budgeted THEN b.earned ELSE u.earned END",
)
_DEALS: Final = f"""
    SELECT p.seller_id, p.component_id, p.origin, u.window_start, u.unit_id, {_DEAL} AS told
    FROM pay p
    JOIN checkpoint k ON k.period_code = p.origin
    JOIN told c ON c.component_id = p.component_id
    JOIN earned u ON u.seller_id = p.seller_id AND u.component_id = p.component_id AND u.window_start >= k.previous
      AND u.window_start < k.as_of
    LEFT JOIN slice s ON {_KEYS.format(other="s")}
    LEFT JOIN lookup l ON {_KEYS.format(other="l")}
    LEFT JOIN computed f ON {_KEYS.format(other="f")}
    LEFT JOIN budgeted b ON b.seller_id = u.seller_id AND b.component_id = u.component_id
      AND b.window_start = u.window_start AND b.unit_id = u.unit_id AND b.as_of = k.as_of
"""
_LINES: Final = f"""
    WITH told AS ({_TOLD}), slice AS ({_SLICES}), working AS ({_WINDOWS} UNION ALL {_DEALS})
    SELECT CAST(seller_id AS VARCHAR) AS seller_id, CAST(component_id AS VARCHAR) AS component_id, origin,
      '[' || string_agg(CAST(told AS VARCHAR), ',' ORDER BY window_start, unit_id) || ']' AS workings
    FROM working
    GROUP BY ALL
    ORDER BY seller_id, component_id, origin
"""


def workings(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Those of the lines of a run, whose relations are there: every window of formulas, the deals of the period."""
    return connection.sql(_LINES).to_arrow_table()
