"""Inputs into DuckDB: shape first (columns, types, nulls), then the rules the steps rely on."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.compensation.calculation.input_rules import DUPLICATE, EFFECTIVE, KEYS, OVERLAP, RULES, UNTILED
from app.domain.compensation.calculation.inputs import (
    RELATIONS,
    Copy,
    Finding,
    Inputs,
    InvalidInputs,
    Relation,
    arrow_schema,
)
from app.domain.compensation.calculation.relations.columns import OPEN_END, SQL_TYPES, Column
from app.domain.compensation.calculation.relations.crediting import RULE_KINDS

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


def load(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """Make every input relation readable by the steps under its own name.

    Raises InvalidInputs with all findings of the first stage that has any: columns and types, then values, then rules.
    """
    relations = inputs.relations()
    nothing = [name for name, relation in relations.items() if _is_nothing(name, relation)]
    given = [name for name in relations if name not in nothing]
    for name in given:
        attach(connection, f"given_{name}", relations[name])
    _stop_on([finding for name in given for finding in _shape(connection, name)])
    connection.execute(";".join(map(_empty_table, nothing)))
    # Rows that are not there break no rule, but there is to be a period.
    filled = {name for name in given if _cast(connection, name)} | {"target_period"}
    # A copy was checked as it was written.
    unchecked = [name for name in relations if name in filled and not isinstance(relations[name], Copy)]
    _stop_on([finding for name in unchecked for finding in _values(connection, name)])
    _stop_on(_rules(connection, filled, unchecked))
    # Numbers for texts that many rows repeat: `engine` stores large relations so.
    listed = ", ".join(f"'{word}'" for word in _WORDS)
    connection.execute(f"CREATE TYPE word AS ENUM ({listed})")
    connection.execute(
        "CREATE TYPE currency_word AS ENUM (SELECT DISTINCT credit_currency FROM component UNION SELECT 'XXX')"
    )


def window_of(connection: duckdb.DuckDBPyConnection) -> tuple[date, date]:
    """From the first day that is read to the end of the period being paid."""
    [window] = connection.execute("SELECT reach_start, end_date FROM target_period").fetchall()
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


def write_copy(rows: pa.Table, file: Path) -> None:
    """Write transactions, of `copy_schema` or with texts in dictionaries, as a file of a copy, once they are sound.

    That an id is there once is not looked at: the database knows it. Raises InvalidInputs.
    """
    check_copy(rows)
    partial = file.with_suffix(".partial")
    pq.write_table(
        rows,
        partial,
        row_group_size=122_880,
        compression="lz4",
        # Ids are all different, or nearly.
        use_dictionary=[column.name for column in RELATIONS["transaction"] if column.type in ("text", "currency")],
        store_decimal_as_integer=True,
        store_schema=False,
    )
    partial.replace(file)


def check_copy(rows: Path | pa.Table) -> None:
    """Refuse transactions that cannot be calculated; raises InvalidInputs."""
    with duckdb.connect(config={"threads": 2}) as connection:
        attach(connection, "transaction", rows)
        _stop_on(_values(connection, "transaction"))


def attach(connection: duckdb.DuckDBPyConnection, view: str, relation: Relation) -> None:
    """Make a relation readable under a name, as it is given."""
    if isinstance(relation, pa.Table):
        connection.register(view, relation)
    elif isinstance(relation, Copy) and not relation.files:
        connection.register(view, arrow_schema("transaction").empty_table())
    else:
        files = relation.files if isinstance(relation, Copy) else (relation,)
        connection.read_parquet([str(file) for file in files]).create_view(view)


def place(connection: duckdb.DuckDBPyConnection, name: str, relation: Relation) -> None:
    """Make one relation readable by the steps, unchecked, instead of what was there under its name."""
    attach(connection, f"given_{name}", relation)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {_given(name)}")


def table(relation: Relation) -> pa.Table:
    """A relation small enough to hold."""
    if isinstance(relation, pa.Table):
        return relation
    return pq.read_table(list(relation.files) if isinstance(relation, Copy) else relation)


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
    tests = list(RULES)
    for relation, key in KEYS.items():
        if relation not in unchecked:
            continue
        tests.append(
            ("duplicate", relation, key, "give each once", DUPLICATE.format(key=key, relation=relation)),
        )
    for relation, key in EFFECTIVE.items():
        tests.append(
            ("overlapping_dates", relation, key, "one at a time", OVERLAP.format(key=key, relation=relation)),
        )
    # The shares of a territory that share a first day are one split; part of a territory may be vacant.
    for relation, key, end in (
        ("explicit_split", "transaction_id", "1"),
        ("coverage", "territory_id, valid_from", "cum_hi"),
    ):
        untiled = UNTILED.format(key=key, relation=relation, end=end)
        tests.append(("split_does_not_add_up", relation, "cum_hi", "tile from 0 without gaps", untiled))
    asked = [test for test in tests if test[1] in filled]
    queries = " UNION ALL ".join(f"SELECT {n} AS n, ({query}) AS found" for n, (*_, query) in enumerate(asked))
    counts: dict[int, int] = dict(connection.execute(queries).fetchall())
    return [
        Finding(code, relation, column, f"{message} ({counts[n]} found)")
        for n, (code, relation, column, message, _) in enumerate(asked)
        if counts[n]
    ]
