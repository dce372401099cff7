"""The inputs of a run, kept beside its artefact so that it can be recalculated whatever changes later."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb
import pyarrow.parquet as pq

from app.domain.compensation.calculation.inputs import RELATIONS, Copy, Inputs, Relation, arrow_schema
from app.domain.compensation.calculation.relations.columns import SQL_TYPES

LATER: Final = ("trait", "formula", "formula_input", "weight", "weight_product", "label", "asked_label")
"""Relations that the first runs did not keep, because there was nothing to say in them."""
BEFORE: Final[Mapping[str, Mapping[str, str]]] = {
    "component": {
        "x_standing": "'none'",
        "x_ties": "NULL",
        "y_standing": "'none'",
        "looks_back": "FALSE",
        "credit_currency": "currency",
        "quota_share": "NULL",
        "quota_amount": "NULL",
        "nearest": "0",
        "furthest": "NULL",
        "earned_by": "NULL",
        "beside": "FALSE",
    },
    "formula_input": {"standing": "'none'"},
    "gate": {"standing": "'none'", "at_most": "NULL"},
    "counting": {
        **dict.fromkeys(
            ("renewal", "term_from", "term_to", "discount_from", "discount_to", "counted_from", "counted_to"), "NULL"
        ),
        "all_labels": "TRUE",
        "annualised": "FALSE",
        "customers": "FALSE",
    },
    "weight": {"all_labels": "TRUE"},
    "target_period": {"reach_start": "fiscal_year_start"},
}
"""Columns that were added to relations since, as SQL of what every row meant before it could say otherwise."""


def kept_beside(artefact: Path) -> Path:
    """Where the inputs of an artefact are."""
    return artefact.with_name(f"{artefact.name}-inputs")


def keep(inputs: Inputs, folder: Path) -> None:
    """Write the inputs; those of an attempt that ended early are replaced. Files are linked where they can be."""
    shutil.rmtree(folder, ignore_errors=True)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, relation in inputs.relations().items():
        _write(relation, partial / name)
    partial.rename(folder)


def read_kept(folder: Path) -> Inputs | None:
    """The inputs in a folder, of a run of any age; None unless it has all that there was then."""
    found = {name: _read(folder / name) for name in RELATIONS}
    return Inputs(**found) if all(relation is not None for relation in found.values()) else None


def _read(path: Path) -> Relation | None:
    if path.is_dir():
        return Copy(tuple(sorted(path.iterdir())))
    file = path.with_suffix(".parquet")
    if file.exists():
        return _completed(path.name, file)
    return arrow_schema(path.name).empty_table() if path.name in LATER and path.parent.exists() else None


def _completed(name: str, file: Path) -> Relation:
    """The relation with the columns that it did not have when it was kept."""
    known = pq.read_schema(file).names
    missing = {column: value for column, value in BEFORE.get(name, {}).items() if column not in known}
    if not missing:
        return file
    meant = ", ".join(
        f"CAST({missing[column.name]} AS {SQL_TYPES[column.type]}) AS {column.name}"
        for column in RELATIONS[name]
        if column.name in missing
    )
    with duckdb.connect() as connection:
        return connection.read_parquet(str(file)).project(f"*, {meant}").to_arrow_table()


def _write(relation: Relation, path: Path) -> None:
    if isinstance(relation, Copy):
        path.mkdir()
        for number, file in enumerate(relation.files):
            link(file, path / f"{number:04}.parquet")
    elif isinstance(relation, Path):
        link(relation, path.with_suffix(".parquet"))
    else:
        pq.write_table(relation, path.with_suffix(".parquet"), compression="zstd")


def link(file: Path, path: Path) -> None:
    """The file under another name, without a copy where the disk can."""
    try:
        os.link(file, path)
    except OSError:
        shutil.copyfile(file, path)
