"""What a saved search finds, as SQL: one text for reading, for links and for watches."""

from __future__ import annotations

from collections.abc import Mapping

_FACTS: Mapping[str, tuple[str, ...]] = {
    "lead": (
        "name", "company", "email", "city", "country", "job_function", "industry", "employees", "source", "score",
        "state", "owner_id",
    ),
    "account": (
        "name", "parent_id", "industry", "country", "city", "employees", "annual_revenue", "potential",
        "win_probability", "currency", "owner_id",
    ),
}  # fmt: skip
"""The facts whose change a watch reports."""

_SEARCHED: Mapping[str, str] = {
    "lead": "concat_ws(' ', {row}.name, {row}.company, {row}.industry, {row}.source)",
    "account": "concat_ws(' ', {row}.name, {row}.industry)",
}
_LISTS: Mapping[str, Mapping[str, str]] = {
    "lead": {"cities": "city", "countries": "country", "job_functions": "job_function", "industries": "industry"},
    "account": {"cities": "city", "countries": "country", "industries": "industry"},
}


def found(target: str, search: str, row: str) -> str:
    """Whether a row of `lead` or `account` is found by a row of `saved_search`; both are aliases or placeholders."""
    keyword = f"lower({search}.criteria ->> 'keyword')"
    lists = [*_LISTS[target].items(), ("owner_ids", "owner_id")]
    conditions = [
        f"{search}.target = '{target}'",
        f"({keyword} is null or position({keyword} in lower({_SEARCHED[target].replace('{row}', row)})) > 0)",
        *(
            f"({search}.criteria -> '{name}' = jsonb_build_array()"
            f" or {search}.criteria -> '{name}' ? cast({row}.{column} as text))"
            for name, column in lists
        ),
        f"({search}.criteria ->> 'min_employees' is null"
        f" or {row}.employees >= cast({search}.criteria ->> 'min_employees' as int))",
        f"({search}.criteria ->> 'max_employees' is null"
        f" or {row}.employees <= cast({search}.criteria ->> 'max_employees' as int))",
    ]
    return f"({' and '.join(conditions)})"


def facts(target: str, row: str) -> str:
    """The facts of a row that a watch remembers, as one document of texts."""
    return "jsonb_build_object(" + ", ".join(f"'{name}', cast({row}.{name} as text)" for name in _FACTS[target]) + ")"
