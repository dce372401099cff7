"""The plans in force as relations of the calculation. Only the worker imports this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.domain.accounts.queries import IN_SEGMENT
from app.domain.compensation.plan_rows import (
    TRAITS,
    Row,
    band_rows,
    component_row,
    counting_id,
    counting_row,
    formula_rows,
    gate_rows,
    label_rows,
    limit_rows,
    looked_back_at,
    weight_rows,
)
from app.domain.compensation.queries import PLANS_IN_FORCE_SQL
from app.domain.compensation.tables.plans import CompensationPlan
from app.domain.compensation.terms.choices import OF_A_TRANSACTION, Earlier
from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.counted import TraitFields
from app.domain.kernel.money import SPOT
from app.domain.kernel.scope import Tx

_COMPONENTS = f"""
select c.id, c.plan_id, c.ordinal, c.code, c.terms, plan.currency, plan.constants, plan.exchange_rates
from compensation_component c
join ({PLANS_IN_FORCE_SQL.format(org=":org_id", fiscal_year=":fiscal_year")}) plan
  on plan.org_id = c.org_id and plan.id = c.plan_id
order by c.plan_id, c.ordinal
"""
_PRODUCTS = (
    "select id from product where org_id = :org_id and (id = any(cast(:products as uuid[])) or family = any(:families))"
)
_ACCOUNTS = f"""
select distinct account.id from account
join segment on segment.org_id = account.org_id and segment.id = any(cast(:segments as uuid[]))
where account.org_id = :org_id and {IN_SEGMENT.format(segment="segment", account="account")}
"""

_MONTHS = {"month": 1, "rolling": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True)
class Plans:
    """What the plans in force say, as rows of the relations they fill."""

    relations: dict[str, list[Row]]

    @property
    def triggers(self) -> list[str]:
        """The events that some component counts."""
        return sorted({row["trigger"] for row in self.relations["counting"]})

    @property
    def look_at_traits(self) -> bool:
        """Whether some component looks at renewal, contract length or discount."""
        asked = [row for name in ("counting", "weight") for row in self.relations[name]]
        figures = {row["figure"] for row in (*self.relations["gate"], *self.relations["formula_input"])}
        figures |= {row[axis] for row in self.relations["component"] for axis in ("x_figure", "y_figure")}
        named = any(row[trait] is not None for row in asked for trait in TRAITS)
        named = named or any(row["annualised"] for row in self.relations["counting"])
        return named or not figures.isdisjoint(OF_A_TRANSACTION)

    @property
    def credit_currencies(self) -> list[str]:
        """In what credits are kept."""
        return sorted({row["credit_currency"] for row in self.relations["component"]})

    @property
    def reach(self) -> int:
        """How many months before the fiscal year are read."""
        back = list(looked_back_at(self.relations))
        found = [0]
        for row in self.relations["component"]:
            rolling = (row["months"] or 1) - 1
            away = dict.fromkeys(Earlier, 12) | {Earlier.PREVIOUS: _MONTHS.get(row["window_length"], 0)}
            windows = [Earlier(window) for id, window in back if id == row["component_id"]]
            found += [rolling, *(away[window] + rolling for window in windows)]
        return max(found)


async def read_plans(tx: Tx, fiscal_year: int) -> Plans:
    """The components in force in a fiscal year, with the products and accounts that they count."""
    found = [
        (row, ComponentFields.model_validate(row["terms"]))
        for row in await tx.rows(_COMPONENTS, fiscal_year=fiscal_year)
    ]
    relations = plan_relations(
        ((row["id"], row["plan_id"], row["ordinal"], row["currency"], terms) for row, terms in found),
        {row["plan_id"]: [ConstantFields.model_validate(c) for c in row["constants"]] for row, _ in found},
        {row["plan_id"]: row["exchange_rates"] for row, _ in found},
    )
    listed: dict[str, list[Row]] = {"counted_product": [], "counted_account": [], "weight_product": []}
    done: set[UUID] = set()
    for row, terms in found:
        only, counting = terms.measure.only, counting_id(terms, row["id"], row["currency"])
        if counting in done:
            continue
        done.add(counting)
        for ordinal, weight in enumerate(terms.measure.weights, 1):
            place = {"counting_id": str(counting), "ordinal": ordinal}
            listed["weight_product"] += [place | {"product_id": str(id)} for id in await _products(tx, weight)]
        if only:
            own = [{"counting_id": str(counting), "product_id": str(id)} for id in await _products(tx, only)]
            listed["counted_product"] += own
        if only and only.segments:
            accounts = await tx.rows(_ACCOUNTS, segments=only.segments)
            listed["counted_account"] += [{"counting_id": str(counting), "account_id": str(a["id"])} for a in accounts]
    return Plans(relations | listed)


async def _products(tx: Tx, traits: TraitFields) -> list[UUID]:
    if not traits.of_products:
        return []
    found = await tx.rows(_PRODUCTS, products=traits.products, families=traits.product_families)
    return [row["id"] for row in found]


def constants_of(plan: CompensationPlan) -> list[ConstantFields]:
    """The numbers that the plan's formulas call by a name."""
    return [ConstantFields.model_validate(constant) for constant in plan.constants]


def plan_relations(
    components: Iterable[tuple[UUID, UUID, int, str, ComponentFields]],
    constants: Mapping[UUID, Sequence[ConstantFields]] | None = None,
    exchange_rates: Mapping[UUID, str] | None = None,
) -> dict[str, list[Row]]:
    """The relations that plans alone fill: each component with its id, its plan's id, its ordinal and its currency, and
    the constants and the exchange rates of each plan by its id."""
    known = list(components)
    filled = ("component", "band", "formula", "formula_input", "gate", "earning_limit", "counting", "weight")
    relations: dict[str, list[Row]] = {name: [] for name in (*filled, "asked_label")}
    countings: dict[UUID, Row] = {}
    for id, plan, ordinal, currency, terms in known:
        beside = [(other, other_id) for other_id, other_plan, _, _, other in known if other_plan == plan]
        ids = {other.code: other_id for other, other_id in beside}
        said = (constants or {}).get(plan, ())
        for name, row in formula_rows(terms, id, currency, [other for other, _ in beside], said, ids):
            relations[name].append(row)
        rates = (exchange_rates or {}).get(plan, SPOT)
        relations["component"].append(component_row(terms, id, plan, ordinal, currency, ids, rates))
        relations["band"] += band_rows(terms, id)
        relations["gate"] += gate_rows(terms, id, ids)
        relations["earning_limit"] += limit_rows(terms, id)
        if (counted := counting_row(terms, id, currency)) and counted["counting_id"] not in countings:
            countings[counted["counting_id"]] = counted
            relations["weight"] += weight_rows(terms, counted["counting_id"])
            relations["asked_label"] += label_rows(terms, counted["counting_id"])
    relations["counting"] = list(countings.values())
    back = {id for id, _ in looked_back_at(relations)}
    relations["component"] = [row | {"looks_back": row["component_id"] in back} for row in relations["component"]]
    return {name: [_as_text(row) for row in rows] for name, rows in relations.items()}


def _as_text(row: Row) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
