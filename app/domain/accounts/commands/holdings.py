"""What the penetration cube can be asked to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from pydantic_core import to_json

from app.domain.accounts.commands.shared import refuse_all, see
from app.domain.accounts.contract.holdings import CellsSet, CreateHolding, HoldingStatus, SetCells, UpdateHolding
from app.domain.accounts.queries import account_seen
from app.domain.accounts.tables.accounts import Account
from app.domain.accounts.tables.contacts import Contact
from app.domain.accounts.tables.holdings import Holding
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import FieldError, refuse
from app.domain.kernel.scope import Tx


@command(Kind.CREATE, "holding", needs="accounts:write", body=CreateHolding)
async def create_holding(tx: Tx, body: CreateHolding) -> UUID:
    """Fill a cell that is empty: of a unit, or of a person in it."""
    await see(tx, account=body.account_id, product=body.product_id, contact=body.contact_id)
    refuse_all(_contradictions(body.status, body.competitor))
    if body.contact_id and (await tx.require(Contact, body.contact_id)).account_id != body.account_id:
        raise refuse("unknown_reference", "The contact belongs to another unit.", pointer="/contact_id")
    currency = body.currency or (await tx.require(Account, body.account_id)).currency
    return (await tx.add(Holding(org_id=tx.org_id, **body.model_dump() | {"currency": currency}))).id


@command(Kind.UPDATE, "holding", needs="accounts:write", body=UpdateHolding)
async def update_holding(tx: Tx, id: UUID, body: UpdateHolding) -> None:
    """Change a cell. The competitor is forgotten when the status becomes another."""
    row = await tx.require(Holding, id)
    merge(row, body)
    if body.competitor is None and row.status != HoldingStatus.COMPETITOR:
        row.competitor = None
    refuse_all(_contradictions(row.status, row.competitor))


@command(Kind.DELETE, "holding", needs="accounts:write")
async def delete_holding(tx: Tx, id: UUID, _: object) -> None:
    """Empty a cell: nothing is known of it any more."""
    await tx.session.delete(await tx.require(Holding, id))


@command(Kind.COLLECTION, "holding", needs="accounts:write", body=SetCells, action="set-cells", result=CellsSet)
async def set_holding_cells(tx: Tx, body: SetCells) -> CellsSet:
    """Fill or change up to 1,000 cells at once, all or none. What a filled cell does not name stays as it is."""
    currencies = await _lock_accounts(tx, {cell.account_id for cell in body.cells})
    await _check(tx, body, currencies)
    cells = [
        cell.model_dump(mode="json")
        | {"names": sorted(cell.model_fields_set), "currency": cell.currency or currencies[cell.account_id]}
        for cell in body.cells
    ]
    stored = await tx.rows(_SET, cells=to_json(cells).decode())
    created = sum(1 for row in stored if row["created"])
    counts = {"created": created, "changed": len(stored) - created, "unchanged": len(cells) - len(stored)}
    if stored:
        tx.emit("holding.cells_set", "organisation", tx.org_id, **counts)
    return CellsSet(**counts)


def _contradictions(status: HoldingStatus, competitor: str | None, at: str = "") -> Iterator[FieldError]:
    if competitor is not None and status != HoldingStatus.COMPETITOR:
        yield FieldError(f"{at}/competitor", "invalid_input", "Only a cell with the status competitor names one.")


async def _check(tx: Tx, body: SetCells, currencies: Mapping[UUID, str]) -> None:
    """Refuse with every cell that refers to what is not there, contradicts itself or stands twice."""
    products = {cell.product_id for cell in body.cells}
    contacts = {cell.contact_id for cell in body.cells if cell.contact_id}
    rows = await tx.rows(
        "select id, null as account_id from product where org_id = :org_id and id = any(:products) union all"
        " select id, account_id from contact where org_id = :org_id and id = any(:contacts)",
        products=list(products),
        contacts=list(contacts),
    )
    unit_of = {row["id"]: row["account_id"] for row in rows}
    times = Counter((cell.account_id, cell.product_id, cell.contact_id) for cell in body.cells)

    def findings() -> Iterator[FieldError]:
        for n, cell in enumerate(body.cells):
            at = f"/cells/{n}"
            if cell.account_id not in currencies:
                yield FieldError(f"{at}/account_id", "unknown_reference", f"There is no account {cell.account_id}.")
            if cell.product_id not in unit_of:
                yield FieldError(f"{at}/product_id", "unknown_reference", f"There is no product {cell.product_id}.")
            if cell.contact_id and unit_of.get(cell.contact_id) != cell.account_id:
                yield FieldError(f"{at}/contact_id", "unknown_reference", "There is no such contact in the unit.")
            if times[cell.account_id, cell.product_id, cell.contact_id] > 1:
                yield FieldError(at, "invalid_input", "The cell stands more than once.")
            yield from _contradictions(cell.status, cell.competitor, at)

    refuse_all(findings())


async def _lock_accounts(tx: Tx, ids: set[UUID]) -> dict[UUID, str]:
    """The currencies of the accounts that the actor sees; who sets cells of one unit waits for the other."""
    rows = await tx.rows(
        f"select id, currency from account where org_id = :org_id and id = any(:ids) and {_SEEN}"
        " order by id for no key update",
        ids=list(ids),
        all_rows=tx.actor.sees_all_rows,
        me=tx.actor.seller_id,
        today=tx.today,
    )
    return {row["id"]: row["currency"] for row in rows}


_SEEN = account_seen("account").format(
    sees_all="cast(:all_rows as boolean)", org=":org_id", seller="cast(:me as uuid)", today=":today"
)
_KEPT = ("potential", "currency", "shown_on", "since", "competitor")
_STAYS = ", ".join(
    f"case when held.id is null or document -> 'names' ? '{name}' then given.{name} else held.{name} end as {name}"
    for name in _KEPT
)
# Given null and not given are two things: `names` tells what a caller named.
_SET = f"""
insert into holding as stored (org_id, account_id, product_id, contact_id, status, competitor, potential, currency,
  shown_on, since)
select :org_id, cell.account_id, cell.product_id, cell.contact_id, cell.status,
  case when cell.status = 'competitor' then cell.competitor end, cell.potential, cell.currency, cell.shown_on,
  cell.since
from (
  select given.account_id, given.product_id, given.contact_id, given.status, {_STAYS}
  from jsonb_array_elements(cast(:cells as jsonb)) document
  cross join lateral jsonb_populate_record(cast(null as holding), document) given
  left join holding held on held.org_id = :org_id and held.account_id = given.account_id
   and held.product_id = given.product_id and held.contact_id is not distinct from given.contact_id
) cell
on conflict on constraint holding_one_cell do update
set status = excluded.status, {", ".join(f"{name} = excluded.{name}" for name in _KEPT)}
where (stored.status, {", ".join(f"stored.{name}" for name in _KEPT)})
  is distinct from (excluded.status, {", ".join(f"excluded.{name}" for name in _KEPT)})
returning stored.version = 1 as created
"""
