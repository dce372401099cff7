"""What the market can be asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import refuse
from app.domain.kernel.external import Upserted, claim, upsert
from app.domain.kernel.scope import Tx
from app.domain.market.contract import CreateProduct, CreateSegment, SegmentRule, UpdateProduct, UpdateSegment
from app.domain.market.tables import Product, Segment
from app.domain.organisation.queries import reporting_currency


@command(Kind.CREATE, "segment", needs="market:write", body=CreateSegment)
async def create_segment(tx: Tx, body: CreateSegment) -> UUID:
    """Describe a market segment by a rule over its accounts."""
    values = body.model_dump(exclude={"rule", "currency"})
    row = Segment(
        org_id=tx.org_id,
        rule=body.rule.model_dump(mode="json"),
        currency=body.currency or await reporting_currency(tx),
        **values,
    )
    return (await tx.add(row)).id


@command(Kind.UPDATE, "segment", needs="market:write", body=UpdateSegment)
async def update_segment(tx: Tx, id: UUID, body: UpdateSegment) -> None:
    """Change a segment; a rule is replaced as a whole and counts at once."""
    row = await tx.require(Segment, id)
    merge(row, body, skip=frozenset({"rule"}))
    if "rule" in body.model_fields_set:
        if body.rule is None:
            raise refuse("invalid_input", "A segment has a rule; an empty one matches every account.", pointer="/rule")
        row.rule = body.rule.model_dump(mode="json")


@command(Kind.CREATE, "product", needs="market:write", body=CreateProduct)
async def create_product(tx: Tx, body: CreateProduct) -> UUID:
    """Add a product to the catalogue."""
    _sold_some_day(body)
    currency = body.currency or await reporting_currency(tx)
    row = Product(org_id=tx.org_id, currency=currency, **body.model_dump(exclude={"currency"}))
    return (await tx.add(row)).id


@command(Kind.UPDATE, "product", needs="market:write", body=UpdateProduct)
async def update_product(tx: Tx, id: UUID, body: UpdateProduct) -> None:
    """Change a product, or end its sale."""
    row = await tx.require(Product, id)
    merge(row, body)
    _sold_some_day(row)


async def upsert_segments(tx: Tx, source: str, rows: Mapping[str, CreateSegment]) -> Upserted:
    """Store segments by their keys in `source`; needs `market:write`. A rule that is given is replaced as a whole."""
    tx.actor.require("market:write")
    values = {key: body.model_dump(mode="json", exclude_unset=True) for key, body in rows.items()}
    for key, body in rows.items():
        if "rule" in values[key]:
            values[key]["rule"] = body.rule.model_dump(mode="json")
    claimed = await claim(tx, "segment", source, rows)
    defaults = {"currency": await reporting_currency(tx), "rule": SegmentRule().model_dump(mode="json")}
    return _noted(tx, "segment.imported", source, await upsert(tx, "segment", claimed, values, defaults))


async def upsert_products(tx: Tx, source: str, rows: Mapping[str, CreateProduct]) -> Upserted:
    """Store products by their keys in `source`; needs `market:write`. See `kernel.external.upsert` on absent fields."""
    tx.actor.require("market:write")
    for key, body in rows.items():
        _sold_some_day(body, f"/{key}")
    values = {key: body.model_dump(mode="json", exclude_unset=True) for key, body in rows.items()}
    claimed = await claim(tx, "product", source, rows)
    done = await upsert(tx, "product", claimed, values, {"currency": await reporting_currency(tx)})
    return _noted(tx, "product.imported", source, done)


def _noted(tx: Tx, event: str, source: str, done: Upserted) -> Upserted:
    """One event for a set that changed anything; thousands of rows are one fact."""
    if done.created or done.changed:
        counts = {"created": done.created, "changed": done.changed, "unchanged": done.unchanged}
        tx.emit(event, "organisation", tx.org_id, source=source, **counts)
    return done


def _sold_some_day(product: Product | CreateProduct, at: str = "") -> None:
    if product.effective_to is not None and product.effective_to <= product.effective_from:
        raise refuse("invalid_input", "effective_to must follow effective_from.", pointer=f"{at}/effective_to")
