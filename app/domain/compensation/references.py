"""What a plan document names: products, families, segments and sellers that must be there when it is saved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from app.domain.compensation.terms.counted import CountedFields, TraitFields
from app.domain.compensation.terms.document import PlanDocument
from app.domain.kernel.errors import FieldError
from app.domain.kernel.money import SPOT
from app.domain.kernel.scope import Tx

_KNOWN = {
    "product": "select id as name from product where org_id = :org_id and id = any(:names)",
    "segment": "select id as name from segment where org_id = :org_id and id = any(:names)",
    "seller": "select id as name from seller where org_id = :org_id and id = any(:names)",
    "exchange rate": "select distinct name from fx_rate where org_id = :org_id and name = any(:names)",
    "family": "select distinct family as name from product where org_id = :org_id and family = any(:names)",
}


async def unknown_references(tx: Tx, document: PlanDocument) -> AsyncIterator[FieldError]:
    """`unknown_reference` at every place that names something that does not exist."""
    named = list(_named(document))
    for kind, sql in _KNOWN.items():
        listed = [(name, pointer) for of, name, pointer in named if of == kind]
        if not listed:
            continue
        known = {row["name"] for row in await tx.rows(sql, names=sorted({name for name, _ in listed}))}
        for name, pointer in listed:
            if name not in known:
                yield FieldError(pointer, "unknown_reference", f"There is no {kind} {name}.")


def _named(document: PlanDocument) -> Iterator[tuple[str, Any, str]]:
    """Kind, name and pointer of everything that is named."""
    if document.exchange_rates != SPOT:
        yield "exchange rate", document.exchange_rates, "/exchange_rates"
    for n, component in enumerate(document.components):
        here = f"/components/{n}/measure"
        traits: list[tuple[str, TraitFields]] = [
            (f"{here}/weights/{place}", weight) for place, weight in enumerate(component.measure.weights)
        ]
        if component.measure.only:
            traits.append((f"{here}/only", component.measure.only))
        for pointer, terms in traits:
            yield from (("product", id, f"{pointer}/products/{at}") for at, id in enumerate(terms.products))
            families = enumerate(terms.product_families)
            yield from (("family", name, f"{pointer}/product_families/{at}") for at, name in families)
            if isinstance(terms, CountedFields):
                yield from (("segment", id, f"{pointer}/segments/{at}") for at, id in enumerate(terms.segments))
    if document.eligibility:
        sellers = enumerate(document.eligibility.seller_ids)
        yield from (("seller", id, f"/eligibility/seller_ids/{at}") for at, id in sellers)
