"""What the drawings of an allocation show, with the names that the actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.allocations import AllocationNode, AllocationProof
from app.domain.quotas.inputs import SEES, sight
from app.domain.quotas.tables.allocations import Allocation


@dataclass(frozen=True)
class AllocationPicture:
    """An allocation with names."""

    period: str
    measure: str
    currency: str
    total: Decimal
    proof: AllocationProof
    names: Mapping[UUID, str]

    def name(self, id: UUID | None) -> str:
        """The seller's name, or a dash for who is out of sight."""
        return self.names.get(id, "–") if id else "–"


@dataclass(frozen=True)
class Part:
    """What the quotas of a seller directly below the total, or of all below such a manager, come to."""

    name: str
    amount: Decimal
    sellers: int


async def picture_of_allocation(tx: Tx, id: UUID) -> AllocationPicture:
    """The allocation, or a refusal as if it did not exist for who may not see it."""
    await tx.visible("allocation", id)
    row = await tx.require(Allocation, id)
    period = await tx.value("select code from fiscal_period where org_id = :org_id and id = :id", id=row.period_id)
    proof = AllocationProof.model_validate(row.proof)
    ids = [share.seller_id for share in proof.shares] + [node.manager_id for node in proof.nodes if node.manager_id]
    known = await tx.rows(
        "select id, name from seller where org_id = :org_id and id = any(cast(:ids as uuid[]))"
        f" and {SEES.format(column='id')}",
        ids=ids,
        **sight(tx),
    )
    return AllocationPicture(
        period, str(row.measure), row.currency, row.total, proof, {one["id"]: one["name"] for one in known}
    )


def parts(picture: AllocationPicture) -> list[Part]:
    """The quotas by what stands directly below the total, the largest first; they add up to all of them."""
    nodes = {node.manager_id: node for node in picture.proof.nodes}
    found: dict[UUID, list[Decimal]] = {}
    for share in picture.proof.shares:
        found.setdefault(_first(nodes, share.manager_id) or share.seller_id, []).append(share.amount)
    named = [Part(picture.name(id), sum(amounts, Decimal(0)), len(amounts)) for id, amounts in found.items()]
    return sorted(named, key=lambda part: (-part.amount, part.name))


def added_by_level(picture: AllocationPicture) -> list[Decimal]:
    """What over-assignment adds at each level, the total first; with the total it makes all quotas."""
    nodes = picture.proof.nodes
    return [
        sum((node.assigned - node.amount for node in nodes if node.level == level), Decimal(0))
        for level in range(max(node.level for node in nodes) + 1)
    ]


def _first(nodes: Mapping[UUID | None, AllocationNode], manager: UUID | None) -> UUID | None:
    """The manager of the first level above; none directly below the total."""
    while manager is not None and (above := nodes[manager].parent_id) is not None:
        manager = above
    return manager
