"""What the organisation can be asked to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.kernel.apikeys import new_key
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, Forbidden, Invalid, define, refuse
from app.domain.kernel.permissions import PERMISSIONS, Role, permissions_of
from app.domain.kernel.scope import Tx
from app.domain.organisation.contract import (
    CreateApiKey,
    CreateFiscalYear,
    CreateFxRate,
    CreatePrincipal,
    CreateSeller,
    CreateSellerSkill,
    EndSeller,
    IssuedApiKey,
    MoveSeller,
    PeriodKind,
    PeriodState,
    PositionFields,
    UpdateOrganisation,
    UpdatePrincipal,
    UpdateSeller,
    UpdateSellerSkill,
)
from app.domain.organisation.line import rebuild_line
from app.domain.organisation.placeholders import check_person
from app.domain.organisation.rules import fiscal_periods
from app.domain.organisation.tables import (
    ApiKey,
    ExchangeRate,
    FiscalPeriod,
    Organisation,
    Position,
    Principal,
    Seller,
    SellerSkill,
)
from app.domain.organisation.workflow import FISCAL_PERIOD  # noqa: F401

define(
    "position_order",
    Invalid,
    "The date does not follow the present position",
    "La date ne suit pas le poste actuel",
    "Choose a later date.",
)
define(
    "key_exceeds_issuer",
    Forbidden,
    "The key would allow what its issuer may not do",
    "La clé permettrait ce que son émetteur ne peut pas faire",
    "Narrow it with `scopes`, let the person sign in by the identity provider, or ask the operator of the service.",
)
define("unknown_scope", Invalid, "A scope is not known", "Une portée est inconnue", "Use permission names.")
define("period_closed", Conflict, "The period is closed", "La période est close", "Use an open period.")


@command(Kind.UPDATE, "organisation", needs="organisation:write", body=UpdateOrganisation)
async def update_organisation(tx: Tx, id: UUID, body: UpdateOrganisation) -> None:
    """Change the organisation's settings."""
    # The organisation is its own key: there is no second part to look it up by.
    row = await tx.session.get_one(Organisation, tx.org_id)
    merge(row, body)


@command(Kind.CREATE, "seller", needs="sellers:write", body=CreateSeller)
async def create_seller(tx: Tx, body: CreateSeller) -> UUID:
    """Hire a seller into its first position."""
    own = body.model_dump(exclude={"position"})
    seller = await tx.add(Seller(org_id=tx.org_id, **own))
    await _take_position(tx, seller.id, body.position, body.hired_on)
    return seller.id


@command(Kind.UPDATE, "seller", needs="sellers:write", body=UpdateSeller)
async def update_seller(tx: Tx, id: UUID, body: UpdateSeller) -> None:
    """Correct a seller's name, address, number or home base."""
    merge(await tx.require(Seller, id), body)


@command(Kind.ACTION, "seller", needs="sellers:write", body=MoveSeller, action="move", event="seller.moved")
async def move_seller(tx: Tx, id: UUID, body: MoveSeller) -> None:
    """Give a seller another job role, team or manager from a day on."""
    await _end_position(tx, id, body.effective_from)
    await _take_position(tx, id, body, body.effective_from)
    # A seller is read with its position, so its version counts the move.
    await tx.execute("update seller set name = name where org_id = :org_id and id = :id", id=id)


@command(Kind.ACTION, "seller", needs="sellers:write", body=EndSeller, action="end")
async def end_seller(tx: Tx, id: UUID, body: EndSeller) -> None:
    """Record that a seller leaves. An open position holds the territories it leaves until they are filled."""
    seller = await tx.require(Seller, id)
    if seller.placeholder:
        raise refuse("open_position")
    await _end_position(tx, id, body.left_on)
    seller.left_on = body.left_on
    await tx.flush()
    await rebuild_line(tx, [id])
    tx.emit("seller.ended", "seller", id, left_on=body.left_on)


@command(Kind.CREATE, "seller_skill", needs="sellers:write", body=CreateSellerSkill)
async def create_seller_skill(tx: Tx, body: CreateSellerSkill) -> UUID:
    """Record a skill of a seller; each is recorded once."""
    await tx.visible("seller", body.seller_id, pointer="/seller_id")
    return (await tx.add(SellerSkill(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.UPDATE, "seller_skill", needs="sellers:write", body=UpdateSellerSkill)
async def update_seller_skill(tx: Tx, id: UUID, body: UpdateSellerSkill) -> None:
    """Change how well a seller masters a skill."""
    merge(await tx.require(SellerSkill, id), body)


@command(Kind.DELETE, "seller_skill", needs="sellers:write")
async def delete_seller_skill(tx: Tx, id: UUID, body: Any) -> None:
    """Remove a skill of a seller."""
    await tx.session.delete(await tx.require(SellerSkill, id))


@command(Kind.COLLECTION, "fiscal_period", needs="calendar:write", body=CreateFiscalYear, action="create-year")
async def create_fiscal_year(tx: Tx, body: CreateFiscalYear) -> UUID:
    """Set up a fiscal year with its months, quarters and halves; answers with the year."""
    if body.start_date.day > 28:
        raise refuse("invalid_input", "A fiscal year starts on day 1 to 28 of a month.", pointer="/start_date")
    year_id = None
    for cut in fiscal_periods(body.fiscal_year, body.start_date, body.pattern):
        row = FiscalPeriod(
            org_id=tx.org_id,
            code=cut.code,
            kind=cut.kind,
            fiscal_year=body.fiscal_year,
            ordinal=cut.ordinal,
            start_date=cut.start,
            end_date=cut.end,
            state=PeriodState.OPEN,
        )
        tx.session.add(row)
        year_id = row.id if cut.kind is PeriodKind.YEAR else year_id
    assert year_id is not None
    return year_id


@command(Kind.CREATE, "fx_rate", needs="calendar:write", body=CreateFxRate)
async def create_fx_rate(tx: Tx, body: CreateFxRate) -> UUID:
    """Record an exchange rate; an open one of the name for the pair ends where this begins."""
    if body.from_currency == body.to_currency:
        raise refuse("invalid_input", "The two currencies are the same.", pointer="/to_currency")
    await tx.execute(
        "update fx_rate set effective_to = :start where org_id = :org_id and from_currency = :source"
        " and to_currency = :target and name = :name and effective_to is null and effective_from < :start",
        start=body.effective_from,
        source=body.from_currency,
        target=body.to_currency,
        name=body.name,
    )
    return (await tx.add(ExchangeRate(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.CREATE, "principal", needs="keys:write", body=CreatePrincipal)
async def create_principal(tx: Tx, body: CreatePrincipal) -> UUID:
    """Let a person or a program in."""
    if body.seller_id:
        await tx.visible("seller", body.seller_id, pointer="/seller_id")
        await check_person(tx, body.seller_id, "/seller_id")
    row = await tx.add(Principal(org_id=tx.org_id, **body.model_dump(mode="json") | {"seller_id": body.seller_id}))
    # The trail says who was given which power: whoever lets people in could let in a second self.
    tx.emit("principal.created", "principal", row.id, roles=row.roles, seller_id=row.seller_id)
    return row.id


@command(Kind.UPDATE, "principal", needs="keys:write", body=UpdatePrincipal)
async def update_principal(tx: Tx, id: UUID, body: UpdatePrincipal) -> None:
    """Correct a principal's name or address, shut it out, or let it in again."""
    if body.active is False and id == tx.actor.principal_id:
        raise refuse("four_eyes", "Another administrator has to shut you out.", pointer="/active")
    merge(await tx.require(Principal, id), body)
    said = body.model_dump(mode="json", include={"active"}, exclude_unset=True)
    tx.emit("principal.updated", "principal", id, **said)


@command(
    Kind.COLLECTION,
    "api_key",
    needs="keys:write",
    body=CreateApiKey,
    action="issue",
    result=IssuedApiKey,
    shown_once=True,
)
async def issue_api_key(tx: Tx, body: CreateApiKey) -> IssuedApiKey:
    """Issue an API key that allows no more than its issuer may do; the answer shows its secret this once."""
    principal = await tx.require(Principal, body.principal_id, pointer="/principal_id")
    if unknown := set(body.scopes or ()) - PERMISSIONS.keys():
        raise refuse("unknown_scope", f"There is no permission {sorted(unknown)[0]}.", pointer="/scopes")
    scopes = None if body.scopes is None else frozenset(body.scopes)
    # Whoever issues a key has seen it: it must not make anybody approve, accept or see pay in another's name.
    if beyond := permissions_of(frozenset(map(Role, principal.roles)), scopes) - tx.actor.permissions:
        raise refuse("key_exceeds_issuer", f"It would allow {sorted(beyond)[0]}.", permissions=sorted(beyond))
    if body.expires_at is not None and (body.expires_at.tzinfo is None or body.expires_at <= tx.now):
        raise refuse("invalid_input", "It must be an instant with its offset, in the future.", pointer="/expires_at")
    key = new_key()
    row = ApiKey(org_id=tx.org_id, prefix=key.prefix, hash=key.hash, **body.model_dump())
    await tx.add(row)
    tx.emit("api_key.issued", "api_key", row.id, principal_id=body.principal_id, scopes=body.scopes)
    return IssuedApiKey(id=row.id, key=key.text)


@command(Kind.ACTION, "api_key", needs="keys:write", action="revoke", event="api_key.revoked")
async def revoke_api_key(tx: Tx, id: UUID, body: Any) -> None:
    """Revoke an API key at once."""
    row = await tx.require(ApiKey, id)
    row.revoked_at = row.revoked_at or tx.now


async def _take_position(tx: Tx, seller: UUID, position: PositionFields, start: Any) -> None:
    if position.manager_id:
        await tx.visible("seller", position.manager_id, pointer="/manager_id")
    fields = {name: getattr(position, name) for name in PositionFields.model_fields}
    await tx.add(Position(org_id=tx.org_id, seller_id=seller, effective_from=start, **fields))
    await rebuild_line(tx, [seller])


async def _end_position(tx: Tx, seller: UUID, end: Any) -> None:
    ended = await tx.execute(
        "update position set effective_to = :end where org_id = :org_id and seller_id = :seller"
        " and effective_to is null and effective_from < :end",
        seller=seller,
        end=end,
    )
    if not ended:
        raise refuse("position_order", f"There is no open position that began before {end - timedelta(0)}.")
