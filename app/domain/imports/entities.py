"""What a row can become: the create command whose fields it fills, and the bulk command that stores it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from app.domain.accounts import rules as deals
from app.domain.accounts.commands.accounts import upsert_accounts
from app.domain.accounts.commands.opportunities import upsert_opportunities
from app.domain.accounts.contract.accounts import CreateAccount
from app.domain.accounts.contract.opportunities import CreateOpportunity
from app.domain.compensation.commands.transactions import upsert_transactions
from app.domain.compensation.contract.transactions import RecordTransaction
from app.domain.imports.mapping import EntityName, FieldMapping, Reading, Step
from app.domain.imports.mapping import Mapping as ImportMapping
from app.domain.kernel.errors import FieldError, refuse
from app.domain.kernel.external import Upserted
from app.domain.kernel.scope import Tx
from app.domain.market.commands import upsert_products, upsert_segments
from app.domain.market.contract import CreateProduct, CreateSegment
from app.domain.organisation.bulk import upsert_sellers
from app.domain.organisation.contract import CreateSeller

_NOBODY = UUID(int=0)
"""Stands for a row that is not stored yet while a body is checked."""
KEY_COLUMN = "external_key"
"""Column of the key where the columns are called as the fields."""


def _nothing(body: Any) -> Iterable[FieldError]:
    return ()


@dataclass(frozen=True)
class Entity:
    """How rows of one kind are checked and stored."""

    body: type[BaseModel]
    needs: str
    store: Callable[[Tx, str, Mapping[str, Any]], Awaitable[Upserted]]
    tables: tuple[str, ...]
    """Tables whose statistics change."""
    references: Mapping[str, EntityName] = field(default_factory=dict)
    """Fields that hold the id of a row, and of what."""
    own_rules: Callable[[Any], Iterable[FieldError]] = _nothing
    """What the context asks of a body beyond its types."""

    def target_of(self, path: str) -> EntityName | None:
        """What a field refers to; places of a list count as one."""
        return self.references.get(re.sub(r"\.\d+\.", ".", path))

    def build(self, values: Mapping[str, Any], ids: Mapping[str, UUID]) -> BaseModel:
        """The body of the create command from values and ids by field; raises `ValidationError`."""
        return self.body.model_validate(_nested({**values, **ids}))

    def faults(self, values: Mapping[str, Any], references: Iterable[str]) -> list[FieldError]:
        """What is wrong with a row, its references aside."""
        try:
            body = self.build(values, dict.fromkeys(references, _NOBODY))
        except ValidationError as error:
            return [
                FieldError(".".join(map(str, item["loc"])), str(item["type"]), str(item["msg"]))
                for item in error.errors(include_url=False, include_input=False)
            ]
        return list(self.own_rules(body))


_SELLER, _PRODUCT, _ACCOUNT = EntityName.SELLER, EntityName.PRODUCT, EntityName.ACCOUNT

ENTITIES: Mapping[EntityName, Entity] = {
    EntityName.SELLER: Entity(
        CreateSeller,
        "sellers:write",
        upsert_sellers,
        ("seller", "position", "reporting_closure"),
        {"position.manager_id": _SELLER},
    ),
    EntityName.SEGMENT: Entity(CreateSegment, "market:write", upsert_segments, ("segment",)),
    EntityName.PRODUCT: Entity(CreateProduct, "market:write", upsert_products, ("product",)),
    EntityName.ACCOUNT: Entity(
        CreateAccount,
        "accounts:write",
        upsert_accounts,
        ("account",),
        {"parent_id": _ACCOUNT, "owner_id": _SELLER},
    ),
    EntityName.OPPORTUNITY: Entity(
        CreateOpportunity,
        "opportunities:write",
        upsert_opportunities,
        ("opportunity", "opportunity_stage_change"),
        {"account_id": _ACCOUNT, "seller_id": _SELLER, "product_id": _PRODUCT},
        deals.findings,
    ),
    EntityName.TRANSACTION: Entity(
        RecordTransaction,
        "transactions:write",
        upsert_transactions,
        ("transaction", "transaction_split"),
        {
            "account_id": _ACCOUNT,
            "product_id": _PRODUCT,
            "opportunity_id": EntityName.OPPORTUNITY,
            "splits.seller_id": _SELLER,
        },
    ),
}


def check_mapping(mapping: ImportMapping) -> None:
    """Refuse with `mapping_invalid` a mapping by which no row could be stored; a pointer for each field."""
    found = [
        FieldError(f"/mapping/steps/{n}/fields/{path}", code, detail)
        for n, step in enumerate(mapping.steps)
        for path, code, detail in _faults(step)
    ]
    if found:
        raise refuse("mapping_invalid", errors=tuple(found))


def _faults(step: Step) -> Iterable[tuple[str, str, str]]:
    entity = ENTITIES[step.entity]
    known = entity.body.model_fields
    for path, given in step.fields.items():
        if path.partition(".")[0] not in known:
            yield path, "extra_forbidden", f"{step.entity} has no such field; it has {', '.join(sorted(known))}."
        elif given.reference and given.reference is not entity.target_of(path):
            yield path, "unknown_reference", f"This field does not refer to a {given.reference}."
    roots = {path.partition(".")[0] for path in step.fields}
    for name, info in known.items():
        if step.fields and info.is_required() and name not in roots:
            yield name, "missing", f"{step.entity} needs this field."


def plain_fields(entity: Entity, columns: Iterable[str]) -> dict[str, FieldMapping]:
    """The fields of columns that are called as they are; `account_key` gives a reference by the key in the source."""
    found = {}
    for column in columns:
        path = column.removesuffix("_key") + "_id" if column.endswith("_key") else column
        target = entity.target_of(path)
        if column == KEY_COLUMN:
            continue
        reading = Reading(column=[column])
        if column != path and target:
            found[path] = FieldMapping(reading=reading, reference=target)
        else:
            found[column] = FieldMapping(reading=reading)
    return found


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by dotted name as an object; places of a list are numbers, and a list ends where they do."""
    made: dict[str, Any] = {}
    for path, value in values.items():
        *above, last = path.split(".")
        place = made
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return {name: _listed(value) for name, value in made.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(part) for name, part in value.items()}
    if inner and all(name.isdigit() for name in inner if isinstance(name, str)):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
