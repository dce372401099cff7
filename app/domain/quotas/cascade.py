"""A total cut level by level along the reporting line, exactly at every level: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.quotas.rules import Portion, share_out

define(
    "parent_below_children",
    Invalid,
    "What is to be shared is less than what is held below it",
    "Le montant à répartir est inférieur à ce qui est fixé en dessous",
    "Raise the amount of the one above, or lower the holds and the floor below it; `least` is what they come to.",
)


@dataclass(frozen=True)
class Leaf:
    """A seller who gets a quota: how much weight it has, and between which whole amounts it must lie."""

    weight: int
    low: int
    high: int | None
    held: bool = False


@dataclass(eq=False)
class Node:
    """Those who share one amount: leaves by place, and managers who share theirs in turn."""

    manager_id: UUID | None = None
    parent_id: UUID | None = None
    level: int = 0
    leaves: list[int] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    held: int | None = None
    """The amount it gets whatever its weight."""

    def __post_init__(self) -> None:
        self.weight, self.low = 0, 0
        self.high: int | None = None
        self.amount, self.assigned = 0, 0
        self.portion: Portion | None = None
        """How its own amount came about; the total has none."""
        self.portions: list[Portion] = []
        """What its children got: leaves first."""


def tree(managers: Mapping[UUID, UUID | None], above: Sequence[UUID | None], holds: Mapping[UUID, int]) -> list[Node]:
    """The total and the managers below it, parents first. `managers` gives each one's own manager, `above` each leaf's.

    Whoever is not among `managers` counts as the total.
    """
    top = Node()
    nodes = {id: Node(id, held=holds.get(id)) for id in managers}
    for id, node in nodes.items():
        own = managers[id]
        node.parent_id = own if own in nodes else None
        (top if node.parent_id is None else nodes[node.parent_id]).nodes.append(node)
    for place, manager in enumerate(above):
        (top if manager is None else nodes.get(manager, top)).leaves.append(place)
    ordered = [top]
    for node in ordered:
        node.nodes.sort(key=lambda child: child.manager_id or UUID(int=0))
        for child in node.nodes:
            child.level = node.level + 1
        ordered += node.nodes
    return ordered


def cascade(total: int, nodes: Sequence[Node], leaves: Sequence[Leaf], rates: Sequence[Decimal]) -> list[Portion]:
    """What each leaf gets, and into `nodes` what each of them got and gave. `rates` are over-assignments by level.

    Raises:
        DomainError: `allocation_infeasible`, `parent_below_children`.
    """
    for node in reversed(nodes):
        _weigh(node, leaves, _rate(rates, node.level))
    nodes[0].amount = total
    any_held = any(one.held for one in leaves) or any(node.held is not None for node in nodes)
    found: dict[int, Portion] = {}
    for node in nodes:
        node.assigned = _given(node, leaves, _rate(rates, node.level), any_held=any_held)
        children = _children(node, leaves)
        node.portions = share_out(
            node.assigned,
            [child.weight for child in children],
            [child.low for child in children],
            [child.high for child in children],
        )
        found |= zip(node.leaves, node.portions, strict=False)
        for child, portion in zip(node.nodes, node.portions[len(node.leaves) :], strict=True):
            child.amount, child.portion = portion.units, portion
    return [found[place] for place in range(len(leaves))]


def _rate(rates: Sequence[Decimal], level: int) -> Fraction:
    return Fraction(rates[level]) if level < len(rates) else Fraction(0)


def _children(node: Node, leaves: Sequence[Leaf]) -> list[Leaf | Node]:
    return [*(leaves[place] for place in node.leaves), *node.nodes]


def _sums(node: Node, leaves: Sequence[Leaf]) -> tuple[int, int | None]:
    """The least and the most that the children can add up to."""
    least, most, unlimited = 0, 0, False
    for child in _children(node, leaves):
        least += child.low
        most += child.low if not child.weight else child.high or 0
        unlimited = unlimited or (bool(child.weight) and child.high is None)
    return least, None if unlimited else most


def _weigh(node: Node, leaves: Sequence[Leaf], rate: Fraction) -> None:
    """The weight of a node is its leaves'; its bounds are those within which its children find shares."""
    node.weight = sum(child.weight for child in _children(node, leaves))
    least, most = _sums(node, leaves)
    if node.held is not None:
        node.low = node.high = node.held
        return
    node.low = _least_reaching(least, rate)
    node.high = None if most is None else max(node.low, _most_within(most, rate))


def _given(node: Node, leaves: Sequence[Leaf], rate: Fraction, *, any_held: bool) -> int:
    """What the children are to add up to; between bounds that leave no exact sum, the next that they allow."""
    wanted = grown(node.amount, rate)
    least, most = _sums(node, leaves)
    if wanted < least and (node.held is not None or (node.manager_id is None and any_held)):
        named = None if node.manager_id is None else str(node.manager_id)
        pointer = "/total" if named is None else "/holds"
        raise refuse("parent_below_children", pointer=pointer, parent=named, wanted=wanted, least=least)
    if node.held is None and node.manager_id is not None:
        # Not every sum is a whole amount with over-assignment: of those that are not, the bound is taken.
        wanted = max(wanted, least)
        wanted = wanted if most is None else min(wanted, most)
    return wanted


def grown(amount: int, rate: Fraction) -> int:
    """The amount with its over-assignment, rounded half up."""
    over, under = rate.numerator + rate.denominator, rate.denominator
    return (2 * amount * over + under) // (2 * under)


def _least_reaching(amount: int, rate: Fraction) -> int:
    over, under = rate.numerator + rate.denominator, rate.denominator
    return max(0, -((under - 2 * under * amount) // (2 * over)))


def _most_within(amount: int, rate: Fraction) -> int:
    over, under = rate.numerator + rate.denominator, rate.denominator
    return (2 * under * (amount + 1) - under - 1) // (2 * over)
