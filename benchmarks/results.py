"""What a run found: a table to read, and a file to compare with."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Comparison:
    """One figure of the product beside one peer."""

    figure: str
    value: float
    unit: str
    peer: str
    ratio: float
    """The product's value divided by the peer's."""


@dataclass
class Results:
    """Every comparison of a run, in order."""

    comparisons: list[Comparison] = field(default_factory=list)

    def add(self, figure: str, unit: str, product: Sequence[float], peers: Mapping[str, Sequence[float]]) -> None:
        """Compare the medians of a figure's turns."""
        value = statistics.median(product)
        for peer, turns in peers.items():
            ratio = value / statistics.median(turns)
            self.comparisons.append(Comparison(figure, value, unit, peer, ratio))

    def write(self, path: Path) -> None:
        """`{figure: {value, unit, peer, ratio}}`, an entry per figure and peer."""
        entries = {
            f"{each.figure} / {each.peer}": {
                "value": round(each.value, 1),
                "unit": each.unit,
                "peer": each.peer,
                "ratio": round(each.ratio, 3),
            }
            for each in self.comparisons
        }
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(entries, indent=2) + "\n")
        print(f"\nwritten to benchmarks/results/{path.name}")
