"""Designing territories: balance, travel and time beside what users take today."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.domain.territories.design.create import create
from app.domain.territories.design.measure import evaluate
from app.domain.territories.design.problem import NOWHERE, Problem, Search, Solution
from app.domain.territories.design.rebalance import rebalance
from benchmarks.measure import Options
from benchmarks.results import Comparison, Results
from benchmarks.territories import pmedian, scoring
from benchmarks.territories.instances import Instance, accounts, drifted, instances
from benchmarks.territories.peers import Peer, peers

INSTANCES = "TERRITORY_INSTANCES"
"""Environment: a folder of published p-median instances."""
_LONG_RUNS = 10
_PUBLISHED_SECONDS = 60.0


def run(options: Options) -> Results:
    """Compile, then measure every instance side by side with its peers, then the published instances if given."""
    results = Results()
    begun = time.perf_counter()
    create(accounts(300, 5), Search(iterations=20_000))
    print(f"first call, compiling what is not kept from before: {time.perf_counter() - begun:.1f} s\n")
    print(f"{'':40}{'peer':>26}{'seconds':>9}{'cpu':>8}{'deviation':>16}{'mean km':>9}")
    for instance in instances(options.scale):
        if options.only in instance.name:
            _measure(instance, results)
    for units, territories in ((1_000, 20), (5_000, 50)):
        name = f"re-balance {units:,} in {territories}, 5 %"
        if options.only in name:
            _rebalance(
                name, drifted(max(200, int(units * options.scale)), max(4, int(territories * options.scale))), results
            )
    if options.only in "long runs":
        _long_runs(accounts(max(200, int(5_000 * options.scale)), max(4, int(50 * options.scale))), results)
    scoring.run(options, results)
    folder = os.environ.get(INSTANCES)
    if folder and options.only in "p-median":
        _published(Path(folder), results)
    return results


def _measure(instance: Instance, results: Results) -> None:
    problem = instance.problem
    search = Search(iterations=instance.iterations)
    mine, seconds = _timed(instance.name, "product", problem, partial(create, problem, search))
    if not mine.feasible:
        raise SystemExit(f"{instance.name}: the plan does not keep its tolerance")
    print(f"{'':40}expected in {instance.expected_seconds:g} s on 2 cores")
    for name, peer in peers(problem).items():
        if peer is None:
            print(f"{'':40}{name:>26}   absent")
            continue
        try:
            theirs, their_seconds = _timed("", name, problem, partial(_evaluated, problem, peer))
        except RuntimeError as error:
            print(f"{'':40}{name:>26}   found no plan: {error}")
            continue
        for figure, value, unit, other in (
            ("seconds", seconds, "s", their_seconds),
            ("mean distance", _mean_km(problem, mine), "km", _mean_km(problem, theirs)),
            ("largest deviation", 100 * mine.deviation.max(), "%", 100 * theirs.deviation.max()),
        ):
            ratio = float(value / other) if other else float("inf")
            results.comparisons.append(Comparison(f"{instance.name}: {figure}", float(value), unit, name, ratio))


def _rebalance(name: str, problem: Problem, results: Results) -> None:
    """What moves beside what would if accounts could be shared, what must, and what a design from nothing moves."""
    search = Search(iterations=400 * problem.units)
    mine, _ = _timed(name, "product", problem, partial(rebalance, problem, search))
    if not mine.feasible:
        raise SystemExit(f"{name}: the plan does not keep its tolerance and its locks")
    fresh, _ = _timed("", "from nothing", problem, partial(create, problem, search))
    for other, stake in (
        ("shares, at the same weights", mine.relaxed_stake),
        ("bound", mine.bound),
        ("from nothing, renamed", _renamed(problem, fresh)),
    ):
        ratio = mine.moved_stake / stake if stake else float("inf")
        moved, theirs = (100 * each / float(problem.stake.sum()) for each in (mine.moved_stake, stake or 0.0))
        print(f"{'':40}{other:>28}: {theirs:.2f} % of revenue moves; product {moved:.2f} %, {ratio:.2f} times")
        results.comparisons.append(Comparison(f"{name}: revenue moved", moved, "%", other, ratio))


def _renamed(problem: Problem, fresh: Solution) -> float:
    """Stake that moves to a design from nothing when each territory takes the name under which most stays."""
    had = problem.today != NOWHERE
    kept = np.zeros((problem.territories, problem.territories))
    np.add.at(kept, (fresh.assign[had], problem.today[had]), problem.stake[had])
    rows, columns = linear_sum_assignment(-kept)
    return float(problem.stake[had].sum() - kept[rows, columns].sum())


def _evaluated(problem: Problem, peer: Peer) -> Solution:
    return evaluate(problem, peer(problem))


def _timed(title: str, who: str, problem: Problem, design: Callable[[], Solution]) -> tuple[Solution, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    found = design()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    deviation = " / ".join(f"{100 * each:.1f}" for each in found.deviation)
    print(
        f"{title:40}{who:>26}{seconds:9.1f}{cpu:8.1f}{deviation + ' %':>16}{_mean_km(problem, found):9.2f}", flush=True
    )
    return found, seconds


def _mean_km(problem: Problem, found: Solution) -> float:
    return found.travel / float(problem.weight.sum())


def _long_runs(problem: Problem, results: Results) -> None:
    """The ordinary run beside the best of ten runs with another seed each and ten times the moves."""
    ordinary = create(problem, Search(iterations=8_000_000)).travel
    best = min(create(problem, Search(seed=seed, iterations=80_000_000)).travel for seed in range(1, _LONG_RUNS + 1))
    print(f"mean distance beside the best of {_LONG_RUNS} long runs: {100 * (ordinary / best - 1):+.2f} %", flush=True)
    figure = "5k to 50: mean distance"
    total = float(problem.weight.sum())
    results.comparisons.append(
        Comparison(figure, ordinary / total, "km", f"best of {_LONG_RUNS} long runs", ordinary / best)
    )


def _published(folder: Path, results: Results) -> None:
    """Every instance that a best value is known for, for a minute each."""
    gaps = []
    for path in sorted(path for path in folder.rglob("*") if path.stem in pmedian.BEST_KNOWN):
        search = Search(iterations=2_000_000_000, deadline=_PUBLISHED_SECONDS, clock=time.monotonic)
        found = create(pmedian.read(path), search)
        known = pmedian.BEST_KNOWN[path.stem]
        if not found.feasible:
            raise SystemExit(f"{path.stem}: a capacity is exceeded")
        gaps.append(100 * (found.travel / known - 1))
        print(f"{path.stem:40}{'best known':>26}{found.travel:14.2f}{gaps[-1]:8.3f} %", flush=True)
        results.comparisons.append(Comparison(path.stem, found.travel, "", "best known", found.travel / known))
    if gaps:
        print(f"mean gap {np.mean(gaps):.3f} %, worst {max(gaps):.3f} %")
