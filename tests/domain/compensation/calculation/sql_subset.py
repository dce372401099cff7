"""What a step may say: the SQL that DuckDB, PostgreSQL and Spark read alike, and only exact arithmetic.

Refused are floating point, `/`, averages, exponents, products and roundings without a stated type, `SELECT *`, and any
function beyond the list. Division is `div(n, d, digits)`; each engine defines it in `hooks/` with a few functions more.
"""

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

DIVISION = "exact_division"
HOOKS = {DIVISION, "part", "prorate", "days", "minor", "within_limits"}
"""What each engine defines in `hooks/`."""
FUNCTIONS: set[type[exp.Expr]] = {
    exp.Cast,
    exp.Case,
    exp.If,
    exp.Coalesce,
    exp.Greatest,
    exp.Least,
    exp.Round,
    exp.Floor,
    exp.Ceil,
    exp.Abs,
    exp.Sum,
    exp.Count,
    exp.Min,
    exp.Max,
    exp.Exists,
    exp.And,
    exp.Or,
}
TYPES = {exp.DataType.Type.DECIMAL, exp.DataType.Type.DATE, exp.DataType.Type.BIGINT}


def findings(sql: str) -> list[str]:
    """Everything in a step's text that leaves the subset."""
    found: list[str] = []
    # Dialects know a `div` of two operands; ours has three, so it is read under another name.
    sql = re.sub(r"\bdiv\(", f"{DIVISION}(", sql)
    for dialect in ("duckdb", "postgres", "spark"):
        try:
            parsed = sqlglot.parse(sql, dialect=dialect)
        except sqlglot.ParseError as error:
            return [f"{dialect} cannot read it: {error}"]
        if len(parsed) != 1 or not isinstance(parsed[0], exp.Select | exp.Union):
            return ["a step is one query"]
    tree = sqlglot.parse_one(sql, dialect="postgres")
    for node in tree.walk():
        found += _refused(node)
    return found


def _refused(node: exp.Expr) -> Iterator[str]:
    where = node.sql(dialect="postgres")
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        yield f"divide with div(n, d, digits): {where}"
    elif isinstance(node, exp.Mul) and not (_is_wide(_above(node)) and _is_wide(node.left)):
        yield f"cast a product and its left factor to DECIMAL(38, ...): {where}"
    elif isinstance(node, exp.Round | exp.Sum) and not _has_stated_type(node):
        yield f"cast what is rounded or added up: {where}"
    elif isinstance(node, exp.Anonymous):
        if not _is_typed_hook(node):
            yield f"not in the subset: {where}"
    elif isinstance(node, exp.Func) and type(node) not in FUNCTIONS:
        yield f"not in the subset: {where}"
    elif isinstance(node, exp.DataType) and node.this not in TYPES:
        yield f"not an exact type: {where}"
    elif isinstance(node, exp.Literal) and not node.is_string and not node.this.isdigit():
        yield f"write decimals as CAST('...' AS DECIMAL): {where}"
    elif isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
        yield f"name the columns: {where}"
    elif isinstance(node, exp.Window):
        yield f"not in the subset: {where}"


def _above(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent


def _is_wide(node: exp.Expr | None) -> bool:
    if not isinstance(node, exp.Cast) or node.to.this != exp.DataType.Type.DECIMAL:
        return False
    return str(node.to.expressions[0]) == "38"


def _has_stated_type(node: exp.Expr) -> bool:
    """Under a cast, with nothing but sums, differences and COALESCE between."""
    parent = _above(node)
    while isinstance(parent, exp.Sub | exp.Add | exp.Coalesce):
        parent = _above(parent)
    return isinstance(parent, exp.Cast)


def _is_typed_hook(node: exp.Anonymous) -> bool:
    """Whether it is a hook whose result is cast, or goes into another hook; days are integers by themselves."""
    parent = _above(node)
    while isinstance(parent, exp.Sub | exp.Add | exp.Case | exp.If | exp.Mul | exp.Coalesce):
        parent = _above(parent)
    inner = isinstance(parent, exp.Anonymous) and parent.name in HOOKS
    return node.name in HOOKS and (node.name == "days" or inner or isinstance(parent, exp.Cast))
