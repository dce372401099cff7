"""Columns of many rows in one value each: PostgreSQL strings them together, and Arrow takes them as they are.

A value that travels by itself costs more than what it says: a message for its row, a length, digits as text. Only the
worker imports this.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.domain.compensation.calculation.relations.columns import Column

_NO_ID = UUID(int=0)
_NO_AMOUNT = -(2**63)
_UNITS = 10_000
"""An amount has four places, and its 18 digits fit into eight bytes."""


def packed(column: Column, value: str) -> str:
    """The aggregate that strings together ids, amounts, currencies or words; nulls leave no gap.

    Aggregates of one select see their rows in the same order.
    """
    match column.type:
        case "id":
            return f"string_agg(uuid_send(coalesce({value}, '{_NO_ID}')), null)"
        case "amount":
            return f"string_agg(int8send(coalesce(cast({value} * {_UNITS} as bigint), {_NO_AMOUNT})), null)"
        case "currency":
            return f"string_agg(bpcharsend({value}), null)"
    numbers = " ".join(f"when '{word}' then bytea '\\x{number:02x}'" for number, word in enumerate(column.values))
    return f"string_agg(case {value} {numbers} end, null)"


def unpacked(column: Column, blocks: Sequence[bytes]) -> pa.Array:
    """The values of all blocks, one after the other; currencies and words as a dictionary."""
    raw = b"".join(blocks)
    match column.type:
        case "id":
            halves = np.frombuffer(raw, np.int64).reshape(-1, 2)
            known = (halves[:, 0] | halves[:, 1]) != 0
            return pa.ExtensionArray.from_storage(pa.uuid(), _array(pa.binary(16), raw, known))
        case "amount":
            units = np.frombuffer(raw, ">i8").astype(np.int64)
            return _array(pa.decimal64(18, 4), units, units != _NO_AMOUNT)
        case "currency":
            codes = pa.Array.from_buffers(pa.binary(3), len(raw) // 3, [None, pa.py_buffer(raw)]).dictionary_encode()
            texts = codes.dictionary.cast(pa.binary()).cast(pa.string())
            return pa.DictionaryArray.from_arrays(codes.indices, texts)
    return pa.DictionaryArray.from_arrays(np.frombuffer(raw, np.int8), list(column.values))


def _array(kind: pa.DataType, values: object, known: npt.NDArray[np.bool_]) -> pa.Array:
    missing = len(known) - int(np.count_nonzero(known))
    valid = pa.py_buffer(np.packbits(known, bitorder="little")) if missing else None
    return pa.Array.from_buffers(kind, len(known), [valid, pa.py_buffer(values)], missing)
