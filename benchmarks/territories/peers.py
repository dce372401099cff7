"""What others would do with the same accounts: packages of the extra `bench-territories`, as far as installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import numpy as np

from app.domain.territories.design.graph import graph_of
from app.domain.territories.design.measure import centres_of, deviations, loads_of
from app.domain.territories.design.problem import Ints, Problem

Peer = Callable[[Problem], Ints]


def _repaired(problem: Problem) -> Ints:
    """k-means, then, heaviest territory first, its unit that is nearest to another centre goes there."""
    from sklearn.cluster import KMeans

    assign = KMeans(problem.territories, n_init=1, random_state=1).fit_predict(problem.points).astype(np.int32)
    centres = centres_of(problem, assign)
    loads, share = loads_of(problem, assign), 1 / problem.targets.mean(axis=0)
    for _ in range(min(problem.units, 5_000)):
        heaviest = int((loads * share).max(axis=1).argmax())
        units = np.flatnonzero(assign == heaviest)
        lighter = np.flatnonzero((loads * share).max(axis=1) < 1)
        if not len(units) or not len(lighter) or (deviations(problem, loads) <= problem.tolerance).all():
            break
        near = lighter[np.argsort(np.linalg.norm(centres[lighter] - centres[heaviest], axis=1))[:8]]
        km = np.linalg.norm(problem.points[units, None] - centres[near], axis=2)
        unit, place = np.unravel_index(km.argmin(), km.shape)
        assign[units[unit]] = near[place]
        loads[heaviest] -= problem.loads[units[unit]]
        loads[near[place]] += problem.loads[units[unit]]
    return assign


def _constrained(problem: Problem) -> Ints:
    from k_means_constrained import KMeansConstrained

    each = problem.units / problem.territories
    fitted = KMeansConstrained(
        problem.territories, size_min=int(each * 0.98), size_max=int(np.ceil(each * 1.02)), random_state=1
    )
    return np.asarray(fitted.fit_predict(problem.points), np.int32)


def _metis(problem: Problem) -> Ints:
    import pymetis

    graph = graph_of(problem)
    weights = np.rint(problem.loads / problem.loads.mean(axis=0) * 100).astype(int)
    _, parts = pymetis.part_graph(
        problem.territories, xadj=graph.start, adjncy=graph.ends, vweights=weights[:, 0].tolist(), recursive=False
    )
    return np.asarray(parts, np.int32)


def _gerrychain(problem: Problem) -> Ints:
    import networkx
    from gerrychain import Graph
    from gerrychain.partition import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    plain = networkx.Graph(graph_of(problem).edges.tolist())
    networkx.set_node_attributes(plain, dict(enumerate(problem.loads[:, 0].tolist())), "load")
    graph = Graph.from_networkx(plain)
    target, halves = float(problem.targets[0, 0]), partial(bipartition_tree, max_attempts=5_000)
    parts = recursive_tree_part(graph, range(problem.territories), target, "load", 0.05, 0, halves, rng=1)
    return np.array([parts[unit] for unit in range(problem.units)], np.int32)


def _spopt(problem: Problem) -> Ints:
    import geopandas
    from libpysal.weights import W
    from spopt.region import WardSpatial

    graph = graph_of(problem)
    neighbours = {unit: graph.ends[graph.start[unit] : graph.start[unit + 1]].tolist() for unit in range(problem.units)}
    frame = geopandas.GeoDataFrame({"x": problem.points[:, 0], "y": problem.points[:, 1]})
    model = WardSpatial(frame, W(neighbours, silence_warnings=True), ["x", "y"], problem.territories)
    model.solve()
    return np.asarray(model.labels_, np.int32)


_PEERS: dict[str, tuple[str, int, Peer]] = {
    "scikit-learn + greedy repair": ("sklearn", 200_000, _repaired),
    "k-means-constrained": ("k_means_constrained", 1_000, _constrained),
    "METIS": ("pymetis", 30_000, _metis),
    "gerrychain": ("gerrychain", 5_000, _gerrychain),
    "spopt": ("spopt", 30_000, _spopt),
}
"""Each peer with its package and the units above which it takes many minutes or more memory than there is."""


def peers(problem: Problem) -> dict[str, Peer | None]:
    """The peers of a problem by name; None for one that is not installed or is not made for so many units."""
    return {
        name: peer if find_spec(package) and problem.units <= most else None
        for name, (package, most, peer) in _PEERS.items()
    }
