"""The inputs of a run, kept beside its artefact so that it can be recalculated whatever changes later."""

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, Relation


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
        _write(relation, partial / f"{name}.parquet")
    partial.rename(folder)


def read_kept(folder: Path) -> Inputs | None:
    """The inputs in a folder; None unless it has all of them."""
    found = {name: folder / f"{name}.parquet" for name in RELATIONS}
    return Inputs(**found) if all(path.exists() for path in found.values()) else None


def _write(relation: Relation, path: Path) -> None:
    if isinstance(relation, pa.Table):
        pq.write_table(relation, path, compression="zstd")
        return
    if relation.is_dir():
        path.mkdir()
        for file in relation.glob("*.parquet"):
            link(file, path / file.name)
    else:
        link(relation, path)


def link(file: Path, path: Path) -> None:
    """The file under another name, without a copy where the disk can."""
    try:
        os.link(file, path)
    except OSError:
        shutil.copyfile(file, path)
