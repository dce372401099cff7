"""Inputs into DuckDB: shape first (columns, types, nulls), then the rules the steps rely on."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from app.domain.compensation.calculation.inputs import (
    OPEN_END,
    RELATIONS,
    RULE_KINDS,
    SQL_TYPES,
    Column,
    Finding,
    Inputs,
    InvalidInputs,
    Relation,
    arrow_schema,
)

_WORDS: Final = (
    *(value for column in RELATIONS["transaction"] for value in column.values),
    *RULE_KINDS,
    *("manual", "direct", "overlay"),
)
"""What texts beside currencies are in relations that grow with transactions."""
_INTEGERS: Final = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_ACCEPTED: Final = {
    "id": {"UUID", "VARCHAR"},
    "text": {"VARCHAR"},
    "currency": {"VARCHAR"},
    "date": {"DATE"},
    "int": _INTEGERS,
    "bool": {"BOOLEAN"},
}

_OVERLAP: Final = (
    "SELECT COUNT(*) FROM (SELECT valid_from, LAG(valid_to) OVER (PARTITION BY {key} ORDER BY valid_from, valid_to)"
    " AS previous FROM {relation}) WHERE valid_from < previous"
)
_DUPLICATE: Final = "SELECT COUNT(*) FROM (SELECT {key} FROM {relation} GROUP BY {key} HAVING COUNT(*) > 1)"
_UNTILED: Final = (
    "SELECT COUNT(*) FROM (SELECT cum_lo, cum_hi,"
    " COALESCE(LAG(cum_hi) OVER (PARTITION BY {key} ORDER BY cum_lo, cum_hi), 0) AS lo,"
    " COALESCE(LEAD(cum_lo) OVER (PARTITION BY {key} ORDER BY cum_lo, cum_hi), {end}) AS hi"
    " FROM {relation}) WHERE cum_lo <> lo OR cum_hi <> hi OR cum_lo >= cum_hi OR cum_hi > 1"
)
_KEYS: Final = {
    "transaction": "transaction_id",
    "trait": "transaction_id",
    "explicit_split": "transaction_id, ordinal",
    "coverage": "territory_id, ordinal, valid_from",
    "crediting_rule": "rule_id",
    "rule_product": "rule_id, product_id",
    "rule_account": "rule_id, account_id",
    "manual_credit": "credit_id, ordinal",
    "period": "period_code",
    "settled": "end_date",
    "component": "component_id",
    "band": "component_id, ordinal",
    "formula": "component_id",
    "formula_input": "component_id, ordinal",
    "gate": "component_id, ordinal",
    "earning_limit": "component_id, per",
    "counting": "counting_id",
    "counted_product": "counting_id, product_id",
    "weight": "counting_id, ordinal",
    "weight_product": "counting_id, ordinal, product_id",
    "counted_account": "counting_id, account_id",
    "quota": "seller_id, measure, currency, period_code",
    "takeback": "return_id",
    "clawback": "component_id, from_day",
    "clawed": "seller_id, component_id, period_code, transaction_id",
    "adjustment": "adjustment_id",
    "holdback": "component_id, period_code",
    "held": "seller_id, component_id, period_code",
    "draw": "seller_id, currency",
    "owed": "seller_id, currency",
}
_EFFECTIVE: Final = {
    "membership": "account_id",
    "coverage": "territory_id, ordinal",
    "account_owner": "account_id",
    "reporting_line": "seller_id",
    "participant": "seller_id, plan_id",
    "fx_rate": "from_currency, to_currency",
}
# (code, relation, column, what to do, a query that counts offending rows)
_RULES: Final = (
    (
        "not_one_period",
        "target_period",
        "period_code",
        "give exactly one period whose dates are in order",
        "SELECT CASE WHEN COUNT(*) = 1 AND COUNT(CASE WHEN fiscal_year_start <= start_date AND start_date < end_date"
        " THEN 1 END) = 1 THEN 0 ELSE 1 END FROM target_period",
    ),
    (
        "dates_out_of_order",
        "period",
        "end_date",
        "a period ends after it starts",
        "SELECT COUNT(*) FROM period WHERE end_date <= start_date",
    ),
    (
        "not_distinct",
        "crediting_rule",
        "ordinal",
        "give each rule its own ordinal, from 1",
        "SELECT COUNT(*) - COUNT(DISTINCT CASE WHEN ordinal > 0 THEN ordinal END) FROM crediting_rule",
    ),
    (
        "unknown_rule",
        "overlay",
        "rule_id",
        "name a crediting rule that is an overlay",
        "SELECT COUNT(*) FROM overlay WHERE rule_id NOT IN (SELECT rule_id FROM crediting_rule"
        " WHERE kind IN ('named_overlay', 'product_specialist'))",
    ),
    (
        "overlay_without_place",
        "overlay",
        "account_id",
        "name an account, a territory or a product, and not both of the first two",
        "SELECT COUNT(*) FROM overlay WHERE COALESCE(account_id, territory_id, product_id) IS NULL"
        " OR (account_id IS NOT NULL AND territory_id IS NOT NULL)",
    ),
    (
        "share_out_of_range",
        "overlay",
        "share",
        "give a share above 0 and at most 1",
        "SELECT COUNT(*) FROM overlay WHERE share <= 0 OR share > 1",
    ),
    (
        "share_out_of_range",
        "manual_credit",
        "cum_hi",
        "give shares above 0 and at most 1",
        "SELECT COUNT(*) FROM manual_credit WHERE cum_lo < 0 OR cum_hi <= cum_lo OR cum_hi > 1",
    ),
    (
        "decided_twice",
        "manual_credit",
        "mode",
        "let one decision stand instead of the rules of a transaction",
        "SELECT COUNT(*) FROM (SELECT transaction_id FROM manual_credit WHERE mode = 'instead' GROUP BY transaction_id"
        " HAVING COUNT(DISTINCT credit_id) > 1)",
    ),
    (
        "split_does_not_add_up",
        "manual_credit",
        "cum_hi",
        "let the shares instead of the rules tile from 0 to 1",
        _UNTILED.format(key="credit_id", relation="(SELECT * FROM manual_credit WHERE mode = 'instead')", end="1"),
    ),
    (
        "coverage_dates_differ",
        "coverage",
        "valid_to",
        "the shares of one split of a territory have the same dates, and splits follow one another",
        "SELECT COUNT(*) FROM (SELECT valid_from, valid_to, LAG(valid_to) OVER (PARTITION BY territory_id"
        " ORDER BY valid_from, valid_to) AS previous FROM (SELECT DISTINCT territory_id, valid_from, valid_to"
        " FROM coverage)) WHERE valid_from < previous",
    ),
    (
        "settled_out_of_window",
        "settled",
        "end_date",
        "end it within the year, not after the period being paid, which alone may bear its code on that day",
        "SELECT COUNT(*) FROM settled s CROSS JOIN target_period w WHERE s.end_date <= w.fiscal_year_start"
        " OR s.end_date > w.end_date OR (s.end_date = w.end_date) <> (s.period_code = w.period_code)",
    ),
    (
        "unknown_period",
        "posted",
        "period_code",
        "name a settled period",
        "SELECT COUNT(*) FROM posted WHERE period_code NOT IN (SELECT period_code FROM settled)",
    ),
    (
        "unknown_period",
        "quota",
        "period_code",
        "name a month of the period relation",
        "SELECT COUNT(*) FROM quota WHERE period_code NOT IN (SELECT period_code FROM period)",
    ),
    *(
        (
            "unknown_component",
            relation,
            "component_id",
            "name a component",
            f"SELECT COUNT(*) FROM {relation} WHERE component_id NOT IN (SELECT component_id FROM component)",
        )
        for relation in ("band", "formula", "formula_input", "gate", "earning_limit", "activity", "objective")
    ),
    (
        "unknown_component",
        "component",
        "x_component_id",
        "name another component",
        "SELECT COUNT(*) FROM (SELECT x_component_id AS other FROM component UNION ALL SELECT y_component_id"
        " FROM component UNION ALL SELECT of_component_id FROM gate"
        " UNION ALL SELECT of_component_id FROM formula_input WHERE figure <> 'earned')"
        " WHERE other IS NOT NULL AND other NOT IN ("
        "SELECT component_id FROM component WHERE window_length <> 'transaction')",
    ),
    (
        "no_bands",
        "component",
        "component_id",
        "give the component at least one band, or a formula",
        "SELECT COUNT(*) FROM component"
        " WHERE (method <> 'formula' AND component_id NOT IN (SELECT component_id FROM band))"
        " OR (method = 'formula' AND component_id NOT IN (SELECT component_id FROM formula))",
    ),
    (
        "unknown_counting",
        "component",
        "counting_id",
        "name a counting",
        "SELECT COUNT(*) FROM component c WHERE measure NOT IN ('activity', 'objective_score') AND NOT EXISTS ("
        "SELECT 1 FROM counting f WHERE f.counting_id = c.counting_id"
        " AND (f.single OR c.window_length <> 'transaction'))",
    ),
    (
        "unsupported_currency_digits",
        "component",
        "minor_digits",
        "use 0 to 4 decimal places",
        "SELECT COUNT(*) FROM component WHERE minor_digits NOT BETWEEN 0 AND 4",
    ),
    (
        "bands_not_contiguous",
        "band",
        "x_from",
        "number bands from 1, start at zero or above, and begin each where the one before ends",
        "SELECT COUNT(*) FROM (SELECT *, ROW_NUMBER() OVER w AS place, LAG(x_to) OVER w AS previous"
        " FROM band WINDOW w AS (PARTITION BY component_id, y_place ORDER BY ordinal))"
        " WHERE x_place <> place OR x_from < 0 OR x_to <= x_from"
        " OR (place > 1 AND (previous IS NULL OR previous <> x_from))",
    ),
    (
        "rate_incomplete",
        "component",
        "method",
        "say what bands are read with, and on which side of a bound",
        "SELECT COUNT(*) FROM component WHERE method NOT IN ('flat', 'formula') AND (x_figure IS NULL"
        " OR (method = 'curve' AND outside IS NULL) OR (method <> 'curve' AND boundary IS NULL)"
        " OR (method = 'matrix' AND y_figure IS NULL))",
    ),
    (
        "not_positive",
        "takeback",
        "original_amount",
        "a takeback and the transaction it takes back have amounts above zero",
        "SELECT COUNT(*) FROM takeback WHERE original_amount <= 0 OR amount <= 0",
    ),
    (
        "rate_not_positive",
        "fx_rate",
        "rate",
        "give a rate above zero between two different currencies",
        "SELECT COUNT(*) FROM fx_rate WHERE rate <= 0 OR from_currency = to_currency",
    ),
)


def load(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """Make every input relation readable by the steps under its own name.

    Raises InvalidInputs with all findings of the first stage that has any: columns and types, then values, then rules.
    """
    relations = inputs.relations()
    nothing = [name for name, relation in relations.items() if _is_nothing(name, relation)]
    given = [name for name in relations if name not in nothing]
    for name in given:
        _attach(connection, name, relations[name])
    _stop_on([finding for name in given for finding in _shape(connection, name)])
    connection.execute(";".join(map(_empty_table, nothing)))
    # Rows that are not there break no rule, but there is to be a period.
    filled = {name for name in given if _cast(connection, name)} | {"target_period"}
    # A copy was checked as it was written.
    unchecked = [name for name in relations if name in filled and not _is_copy(relations[name])]
    _stop_on([finding for name in unchecked for finding in _values(connection, name)])
    _stop_on(_rules(connection, filled, unchecked))
    # Numbers for texts that many rows repeat: `engine` stores large relations so.
    listed = ", ".join(f"'{word}'" for word in _WORDS)
    connection.execute(f"CREATE TYPE word AS ENUM ({listed})")
    connection.execute("CREATE TYPE currency_word AS ENUM (SELECT DISTINCT currency FROM component UNION SELECT 'XXX')")


def window_of(connection: duckdb.DuckDBPyConnection) -> tuple[date, date]:
    """From the start of the fiscal year to the end of the period being paid."""
    [window] = connection.execute("SELECT fiscal_year_start, end_date FROM target_period").fetchall()
    return window


def only_between(connection: duckdb.DuckDBPyConnection, start: date, end: date) -> None:
    """Let the steps see only the transactions of [start, end)."""
    days = f"transaction_date >= DATE '{start}' AND transaction_date < DATE '{end}'"
    connection.execute(
        "CREATE OR REPLACE VIEW transaction AS SELECT * REPLACE (CAST(kind AS word) AS kind)"
        f" FROM ({_given('transaction')}) WHERE {days}"
    ).fetchall()


def reporting_cycles(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a reporting line that leads back to itself; the closure shows it."""
    if _count(connection, "SELECT COUNT(*) FROM closure WHERE depth > 0 AND seller_id = manager_id"):
        _stop_on([Finding("reporting_cycle", "reporting_line", "manager_id", "let nobody report to themselves")])


def _stop_on(findings: list[Finding]) -> None:
    if findings:
        raise InvalidInputs(tuple(findings))


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    [(number,)] = connection.execute(query).fetchall()
    return int(number)


def _is_nothing(name: str, relation: Relation) -> bool:
    """Whether it is as documented and has no rows, as most in small organisations; transactions are a view."""
    if name == "transaction" or not isinstance(relation, pa.Table) or relation.num_rows:
        return False
    wanted = arrow_schema(name)
    return (relation.schema.names, relation.schema.types) == (wanted.names, wanted.types)


def _empty_table(name: str) -> str:
    columns = ", ".join(f"{column.name} {SQL_TYPES[column.type]}" for column in RELATIONS[name])
    return f"CREATE TABLE {name} ({columns})"


def _is_copy(relation: Relation) -> bool:
    return isinstance(relation, Path) and relation.is_dir()


def _attach(connection: duckdb.DuckDBPyConnection, name: str, relation: Relation) -> None:
    if isinstance(relation, Path):
        # A copy is a folder of several files.
        file = relation / "*.parquet" if _is_copy(relation) else relation
        connection.read_parquet(str(file)).create_view(f"given_{name}")
    else:
        connection.register(f"given_{name}", relation)


def _shape(connection: duckdb.DuckDBPyConnection, name: str) -> list[Finding]:
    found = connection.table(f"given_{name}")
    given = {column: str(kind) for column, kind in zip(found.columns, found.types, strict=True)}
    wanted = {column.name: column for column in RELATIONS[name]}
    findings = [Finding("unknown_column", name, extra, "remove it") for extra in given if extra not in wanted]
    for column in wanted.values():
        if column.name not in given:
            findings.append(Finding("missing_column", name, column.name, f"add it ({column.meaning})"))
        elif not _accepts(column.type, given[column.name]):
            message = f"give {SQL_TYPES[column.type]}, not {given[column.name]}"
            findings.append(Finding("wrong_type", name, column.name, message))
    return findings


def _accepts(wanted: str, given: str) -> bool:
    if wanted in _ACCEPTED:
        return given in _ACCEPTED[wanted]
    if given.startswith("DECIMAL("):
        return _scale(given) <= _scale(SQL_TYPES[wanted])
    return given in _INTEGERS


def _scale(decimal_type: str) -> int:
    return int(decimal_type.removesuffix(")").split(",")[1])


def _cast(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Make the relation, and say whether there is anything in it as far as one can see."""
    # Transactions stay where they are: the snapshot is the only step that reads them.
    kind = "VIEW" if name == "transaction" else "TABLE"
    try:
        return connection.execute(f"CREATE {kind} {name} AS {_given(name)}").fetchall() != [(0,)]
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise InvalidInputs((Finding("value_out_of_range", name, "*", str(error).splitlines()[0]),)) from error


def _given(name: str) -> str:
    columns = ", ".join(_select(column) for column in RELATIONS[name])
    return f"SELECT {columns} FROM given_{name}"


def _select(column: Column) -> str:
    expression = f"CAST({column.name} AS {SQL_TYPES[column.type]})"
    if column.name == "valid_to":
        expression = f"COALESCE({expression}, DATE '{OPEN_END}')"
    return f"{expression} AS {column.name}"


def _values(connection: duckdb.DuckDBPyConnection, name: str) -> list[Finding]:
    tests: list[tuple[str, str, str, str]] = []
    for column in RELATIONS[name]:
        if not column.nullable:
            tests.append(("required", column.name, "give a value in every row", f"{column.name} IS NULL"))
        if column.values:
            listed = ", ".join(f"'{value}'" for value in column.values)
            allowed = "use one of " + ", ".join(column.values)
            tests.append(("unsupported_value", column.name, allowed, f"{column.name} NOT IN ({listed})"))
        if column.type == "currency":
            condition = f"NOT regexp_full_match({column.name}, '[A-Z]{{3}}')"
            tests.append(("not_a_currency", column.name, "use an ISO 4217 code", condition))
        if column.name == "valid_to":
            tests.append(("dates_out_of_order", "valid_to", "end after the start", "valid_to <= valid_from"))
    counts = ", ".join(f"COUNT(CASE WHEN {condition} THEN 1 END)" for *_, condition in tests)
    try:
        [row] = connection.execute(f"SELECT {counts} FROM {name}").fetchall()
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise InvalidInputs((Finding("value_out_of_range", name, "*", str(error).splitlines()[0]),)) from error
    return [
        Finding(code, name, column, f"{message} ({count} rows)")
        for (code, column, message, _), count in zip(tests, row, strict=True)
        if count
    ]


def _rules(connection: duckdb.DuckDBPyConnection, filled: Collection[str], unchecked: Collection[str]) -> list[Finding]:
    tests = list(_RULES)
    for relation, key in _KEYS.items():
        if relation not in unchecked:
            continue
        tests.append(
            ("duplicate", relation, key, "give each once", _DUPLICATE.format(key=key, relation=relation)),
        )
    for relation, key in _EFFECTIVE.items():
        tests.append(
            ("overlapping_dates", relation, key, "one at a time", _OVERLAP.format(key=key, relation=relation)),
        )
    # The shares of a territory that share a first day are one split; part of a territory may be vacant.
    for relation, key, end in (
        ("explicit_split", "transaction_id", "1"),
        ("coverage", "territory_id, valid_from", "cum_hi"),
    ):
        untiled = _UNTILED.format(key=key, relation=relation, end=end)
        tests.append(("split_does_not_add_up", relation, "cum_hi", "tile from 0 without gaps", untiled))
    asked = [test for test in tests if test[1] in filled]
    queries = " UNION ALL ".join(f"SELECT {n} AS n, ({query}) AS found" for n, (*_, query) in enumerate(asked))
    counts: dict[int, int] = dict(connection.execute(queries).fetchall())
    return [
        Finding(code, relation, column, f"{message} ({counts[n]} found)")
        for n, (code, relation, column, message, _) in enumerate(asked)
        if counts[n]
    ]
