"""Files with everything that can be wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.imports.reading import records
from app.domain.kernel.errors import DomainError


def read(folder: Path, content: bytes, name: str = "f.csv") -> list[tuple[int, dict[str, object], str | None]]:
    path = folder / name
    path.write_bytes(content)
    return [(r.row, dict(r.values), r.fault.code if r.fault else None) for r in records(path)]


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbfid,name\r\n1,"Acme, Inc."\r\n2,"two\nlines"\r\n3,x\r\n'
    assert read(tmp_path, content) == [
        (2, {"id": "1", "name": "Acme, Inc."}, None),
        (3, {"id": "2", "name": "two\nlines"}, None),
        (4, {"id": "3", "name": "x"}, None),
    ]


def test_only_the_row_is_lost_that_cannot_be_used(tmp_path: Path) -> None:
    content = b"id,name\n1,a\x00b\n2,\xff\xfe\n3,too,many\n4\n5,fine\n"
    assert [(row, fault) for row, _, fault in read(tmp_path, content)] == [
        (2, "nul_character"),
        (3, "not_utf8"),
        (4, "field_count"),
        (5, "field_count"),
        (6, None),
    ]


def test_a_file_of_only_a_header_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, b"id,name\n") == []


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"\n1,2\n", 1),
        (b"id,id\n1,2\n", 1),
        (b"id,\n1,2\n", 1),
        (b"id,na\xffme\n1,2\n", 1),
        (b'id,name\n1,"never closed\n2,x\n', 3),
        (b"id,name\n1," + b"x" * 200_000 + b"\n", 2),
    ],
)
def test_a_file_that_cannot_be_told_apart_is_refused_as_a_whole(tmp_path: Path, content: bytes, line: int) -> None:
    with pytest.raises(DomainError) as refused:
        read(tmp_path, content)
    assert (refused.value.code, refused.value.facts) == ("file_unreadable", {"file": "f.csv", "line": line})


def test_lines_of_json_are_objects_or_rejected_alone(tmp_path: Path) -> None:
    content = b'{"id": 1, "deep": {"x": [null]}}\n\n[1]\n{"id": 1, "id": 2}\n'
    content += b'{"id": "\\u0000"}\n{"id": "\\ud800"}\n\xff\n{\n{}'
    assert [(row, fault) for row, _, fault in read(tmp_path, content, "f.ndjson")] == [
        (1, None),
        (3, "malformed_json"),
        (4, "malformed_json"),
        (5, "nul_character"),
        (6, "not_utf8"),
        (7, "not_utf8"),
        (8, "malformed_json"),
        (9, None),
    ]


def test_deep_nesting_is_rejected(tmp_path: Path) -> None:
    ((_, _, fault),) = read(tmp_path, b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "f.ndjson")
    assert fault == "malformed_json"
