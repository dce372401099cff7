"""The inputs of a run, kept beside its artefact so that it can be recalculated whatever changes later."""

import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq

from app.domain.compensation.calculation.inputs import RELATIONS, Copy, Inputs, Relation


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
    """The inputs in a folder; None unless it has all of them."""
    found = {name: _read(folder / name) for name in RELATIONS}
    return Inputs(**found) if all(found.values()) else None


def _read(path: Path) -> Relation | None:
    if path.is_dir():
        return Copy(tuple(sorted(path.iterdir())))
    file = path.with_suffix(".parquet")
    return file if file.exists() else None


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
