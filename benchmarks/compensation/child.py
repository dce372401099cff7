"""One calculation in a process of its own, so that its memory is its own: `child.py INPUTS ARTEFACT [PARENT]`.

INPUTS is a folder of Parquet files; transactions in a folder of their own are read as a copy. Prints what it took
as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import RELATIONS, Copy, Inputs


def main(inputs: Path, artefact: Path, parent: Path | None = None) -> None:
    """Calculate and tell."""
    files = {name: inputs / f"{name}.parquet" for name in RELATIONS}
    copy = inputs / "transaction"
    given = Inputs(**files | ({"transaction": Copy(tuple(sorted(copy.iterdir())))} if copy.is_dir() else {}))
    begun = time.perf_counter()
    outcome = calculate(given, artefact, lambda *_: None, lambda: False, parent=parent)
    told = {
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time(),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "digest": outcome.digest,
        "credits": outcome.counts["credit"],
        "lines": len(outcome.lines),
        "reused": outcome.reused,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
