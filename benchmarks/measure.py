"""Turns: the same load to each peer in turn, round after round, so that a drift of the machine hits all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.load import Outcome

_WARM_UP = 0.5


@dataclass(frozen=True)
class Options:
    """How long and how much; see `python -m benchmarks --help`."""

    seconds: float
    rounds: int
    connections: int
    scale: float
    only: str
    durable: bool


Turn = Callable[[float], Outcome]
"""Loads one peer for a time."""


def interleaved(turns: Mapping[str, Turn], options: Options) -> dict[str, list[Outcome]]:
    """The outcomes of every peer, by its name: A B C, A B C, … after a short turn of each to get warm.

    A turn with a failed request ends the run: what fails fast would count as fast.
    """
    for turn in turns.values():
        turn(_WARM_UP)
    outcomes: dict[str, list[Outcome]] = {name: [] for name in turns}
    for _ in range(options.rounds):
        for name, turn in turns.items():
            outcomes[name].append(_checked(name, turn(options.seconds)))
    return outcomes


def rate(outcomes: list[Outcome]) -> float:
    """Median of the turns' answers per second."""
    return statistics.median(each.rate for each in outcomes)


def latency(outcomes: list[Outcome]) -> float:
    """Median of the turns' median latencies, in milliseconds."""
    return statistics.median(each.p50 for each in outcomes)


def _checked(name: str, outcome: Outcome) -> Outcome:
    if outcome.errors or not outcome.answered:
        raise SystemExit(f"{name}: {outcome.errors} requests failed; first:\n{outcome.first_error}")
    return outcome
