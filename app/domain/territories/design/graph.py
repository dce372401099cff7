"""Which units touch which: the graph that contiguity is judged on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, cKDTree

from app.domain.territories.design.problem import NOWHERE, Floats, Ints, Problem

_FLAT = 1e-9
"""Points whose spread across their main axis is a smaller share than this lie on one line."""


@dataclass(frozen=True, eq=False)
class Graph:
    """Neighbours in compressed rows: those of unit i are ``ends[start[i]:start[i + 1]]``, ascending."""

    start: Ints
    ends: Ints
    edges: Ints
    """[e, 2] each pair once, the smaller number first."""
    islands: Ints
    """Units that were cut off from the largest part and are joined to it by their nearest unit."""


def graph_of(problem: Problem) -> Graph:
    """The neighbours given or those of a triangulation; units that stay together count as touching.

    Parts that are cut off, such as islands, are joined to the rest where they are nearest, as a ferry would.
    """
    given = problem.neighbours
    edges = triangulation(problem.points) if given is None else given.astype(np.int32).reshape(-1, 2)
    edges = _distinct(np.concatenate([edges, _chained(problem.group)]))
    edges, islands = _joined(problem.points, edges)
    return _compressed(edges, problem.units, islands)


def triangulation(points: Floats) -> Ints:
    """[e, 2] the edges of a Delaunay triangulation; units at one place are a chain, places on one line too."""
    places, inverse = np.unique(points, axis=0, return_inverse=True)
    of: Ints = inverse.reshape(-1).astype(np.int32)
    first = np.full(len(places), NOWHERE, np.int64)
    first[of[::-1]] = np.arange(len(points))[::-1]
    between = first[_edges_of_places(places)]
    return np.concatenate([between.astype(np.int32).reshape(-1, 2), _chained(of)])


def pieces(graph: Graph, assign: Ints, territories: int) -> Ints:
    """[k] how many connected parts each territory has; an empty one has none."""
    part = parts(graph, assign)
    owner = np.zeros(int(part.max(initial=-1)) + 1, np.int64)
    owner[part] = assign
    return np.bincount(owner, minlength=territories).astype(np.int32)


def parts(graph: Graph, assign: Ints) -> Ints:
    """[n] the number of the connected part of its territory that each unit is in."""
    within = graph.edges[assign[graph.edges[:, 0]] == assign[graph.edges[:, 1]]]
    return _components(within, len(assign))


def _edges_of_places(places: Floats) -> Ints:
    if len(places) < 2:
        return np.zeros((0, 2), np.int32)
    centred = places - places.mean(axis=0)
    _, spread, axes = np.linalg.svd(centred, full_matrices=False)
    if len(places) < 4 or spread[1] <= _FLAT * spread[0]:
        order = np.argsort(centred @ axes[0], kind="stable")
        return np.column_stack([order[:-1], order[1:]]).astype(np.int32)
    corners = Delaunay(places).simplices
    return _distinct(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]).astype(np.int32))


def _chained(of: Ints) -> Ints:
    """Each unit linked to the next of the same number."""
    members = np.flatnonzero(of != NOWHERE)
    order = members[np.argsort(of[members], kind="stable")]
    same = of[order[:-1]] == of[order[1:]]
    return np.column_stack([order[:-1][same], order[1:][same]]).astype(np.int32)


def _distinct(edges: Ints) -> Ints:
    ordered = np.sort(edges, axis=1)
    ordered = ordered[ordered[:, 0] != ordered[:, 1]]
    return np.unique(ordered, axis=0).astype(np.int32).reshape(-1, 2)


def _components(edges: Ints, units: int) -> Ints:
    links = coo_matrix((np.ones(len(edges), np.int8), (edges[:, 0], edges[:, 1])), (units, units))
    found: Ints = connected_components(links, directed=False)[1].astype(np.int32)
    return found


def _joined(points: Floats, edges: Ints) -> tuple[Ints, Ints]:
    """Every part joined to the largest by its nearest pair of units."""
    part = _components(edges, len(points))
    sizes = np.bincount(part)
    cut_off = np.flatnonzero(part != sizes.argmax()).astype(np.int32)
    if not len(cut_off):
        return edges, cut_off
    main = np.flatnonzero(part == sizes.argmax())
    far, nearest = cKDTree(points[main]).query(points[cut_off])
    order = np.lexsort((cut_off, far, part[cut_off]))
    leading = order[np.r_[True, np.diff(part[cut_off][order]) != 0]]
    ferries = np.column_stack([cut_off[leading], main[nearest[leading]]]).astype(np.int32)
    return _distinct(np.concatenate([edges, ferries])), cut_off


def _compressed(edges: Ints, units: int, islands: Ints) -> Graph:
    both = np.concatenate([edges, edges[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    start = np.zeros(units + 1, np.int32)
    start[1:] = np.cumsum(np.bincount(both[:, 0], minlength=units))
    return Graph(start, np.ascontiguousarray(both[:, 1]), edges, islands)
