"""What a run keeps: one Parquet file per relation, or a folder of them where a relation was made in slices."""

from pathlib import Path
from typing import Final

KEPT: Final = {
    "crediting_rule": "ordinal",
    "component": "component_id",
    "counting": "counting_id",
    "eligibility": "seller_id, component_id, credited_seller_id, role, valid_from",
    "attainment": "seller_id, component_id, window_start, as_of, unit_id",
    "rate": "seller_id, component_id, window_start, as_of, unit_id, ordinal",
    "earned": "seller_id, component_id, window_start, as_of, unit_id",
    "earning": "seller_id, component_id, as_of",
    "checkpoint": "as_of",
    "pay": "seller_id, component_id, as_of",
    "movement": "seller_id, currency, kind, component_id, origin, transaction_id",
}
# Sorted where the rows of one seller are looked for: they lie together, and one row group of a slice is read.
KEPT_IN_SLICES: Final[dict[str, str | None]] = {
    "credit": "seller_id",
    "lost": None,
    "uncredited": None,
    "counted": "seller_id",
    "daily": None,
}
_ROW_GROUP: Final = 61_440
_SLICED_ROW_GROUP: Final = 20_480
"""Small, because a drill-down reads a row group of every slice."""


def kept(artefact: Path, relation: str) -> str:
    """What `read_parquet` reads a relation from."""
    return str(artefact / relation / "*.parquet" if relation in KEPT_IN_SLICES else artefact / f"{relation}.parquet")


def copy_to(artefact: Path, relation: str, part: str | None = None) -> str:
    """SQL that keeps a relation, or one slice of it."""
    order = KEPT[relation] if part is None else KEPT_IN_SLICES[relation]
    rows = f"SELECT * FROM {relation} ORDER BY {order}" if order else f"SELECT * FROM {relation}"
    file = artefact / f"{relation}.parquet" if part is None else artefact / relation / part
    size, method = (_ROW_GROUP, "zstd") if part is None else (_SLICED_ROW_GROUP, "lz4_raw")
    return f"COPY ({rows}) TO '{file}' (FORMAT parquet, COMPRESSION {method}, ROW_GROUP_SIZE {size})"
