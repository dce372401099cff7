"""Files as a stream of records, whatever is wrong with single rows. Never more than a row in memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.kernel.errors import refuse

_LONGEST_LINE = 1024 * 1024
NDJSON = (".ndjson", ".jsonl")
"""Endings of files that hold one JSON object per line."""


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be used."""

    code: str
    detail: str
    column: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Record:
    """One row as it stands in the file: values by column, or what is wrong with all of it."""

    row: int
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None


def header_of(path: Path) -> list[str]:
    """The columns of a CSV file, or `file_unreadable`."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        try:
            header = next(csv.reader(lines, strict=True), None)
        except csv.Error as error:
            raise _unreadable(path, 1, str(error)) from None
    if not header:
        raise _unreadable(path, 1, "it has no header")
    if fault := _text_fault(",".join(header)):
        raise _unreadable(path, 1, fault.detail)
    if len(set(header)) != len(header) or "" in header:
        raise _unreadable(path, 1, "a column has no name, or two have the same")
    return header


def records(path: Path) -> Iterator[Record]:
    """The rows of a file; `file_unreadable` where nothing after a place can be told apart."""
    return _ndjson(path) if path.suffix in NDJSON else _csv(path)


def _csv(path: Path) -> Iterator[Record]:
    header = header_of(path)
    row = 1
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        next(reader)
        try:
            for cells in reader:
                row += 1
                if not cells:
                    continue
                if len(cells) != len(header):
                    detail = f"The row has {len(cells)} fields, the header {len(header)}."
                    yield Record(row, fault=Fault("field_count", detail))
                    continue
                yield Record(row, dict(zip(header, cells, strict=True)), _text_fault("".join(cells)))
        except csv.Error as error:
            raise _unreadable(path, reader.line_num, str(error)) from None


def _ndjson(path: Path) -> Iterator[Record]:
    with path.open("rb") as lines:
        for row, line in enumerate(iter(lambda: lines.readline(_LONGEST_LINE + 1), b""), 1):
            if len(line) > _LONGEST_LINE:
                raise _unreadable(path, row, f"the line is longer than {_LONGEST_LINE} bytes")
            if line.strip():
                yield _object(row, line)


def _object(row: int, line: bytes) -> Record:
    try:
        found = json.loads(line, object_pairs_hook=_no_doubles)
        fault = next(filter(None, map(_text_fault, _texts(found))), None)
    except UnicodeDecodeError:
        return Record(row, fault=_NOT_UTF8)
    except (ValueError, RecursionError) as error:
        return Record(row, fault=Fault("malformed_json", str(error)[:200]))
    if not isinstance(found, dict):
        return Record(row, fault=Fault("malformed_json", "The line is not an object."))
    return Record(row, found, fault)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from _texts(part)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


_NOT_UTF8 = Fault("not_utf8", "The row is not UTF-8.")


def _text_fault(text: str) -> Fault | None:
    """Bytes that are no UTF-8 were let through as lone surrogates, so that only their row is lost."""
    if "\x00" in text:
        return Fault("nul_character", "The row holds the NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError:
        return _NOT_UTF8
    return None


def _unreadable(path: Path, line: int, why: str) -> Exception:
    return refuse("file_unreadable", f"{path.name}, line {line}: {why[:200]}.", file=path.name, line=line)
