"""A result of a scenario becomes the territories and memberships of a draft model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from app.domain.kernel.scope import Tx
from app.domain.territories.contract.membership import MembershipReason
from app.domain.territories.contract.scenarios import DesignMethod
from app.domain.territories.contract.territories import TerritoryRule
from app.domain.territories.placement import COPY_TERRITORIES

_NEW_TERRITORIES = """
insert into territory (org_id, id, model_id, code, name, priority, rule)
select :org_id, uuidv7(), :model, code, code, 100, cast(:rule as jsonb) from scenario_territory
where org_id = :org_id and result_id = :result order by code
"""
_MISSING = """
select code from scenario_territory planned where org_id = :org_id and result_id = :result and not exists (
  select from territory own where own.org_id = :org_id and own.model_id = :model and own.code = planned.code
) order by code limit 1
"""
_MEMBERSHIPS = """
insert into territory_membership
  (org_id, id, model_id, territory_id, account_id, source, reason, effective_from)
select :org_id, uuidv7(), :model, own.id, planned.account_id, 'design', cast(:reason as jsonb), :start
from scenario_placement planned
join territory own on own.org_id = :org_id and own.model_id = :model and own.code = planned.territory_code
where planned.org_id = :org_id and planned.result_id = :result
"""
_PLANNED_SELLERS = """
update territory own set planned_seller_id = planned.seller_id
from scenario_territory planned
where own.org_id = :org_id and own.model_id = :model and planned.org_id = :org_id and planned.result_id = :result
 and planned.code = own.code and planned.seller_id is not null
"""


async def adopt(tx: Tx, result: Mapping[Any, Any], model: UUID, start: date) -> str | None:
    """Fill an empty draft with a result's territories and placements, in a fixed number of statements.

    Returns the code of a planned territory that the model it starts from no longer has, if there is one.
    """
    if result["terms"]["method"] == DesignMethod.CREATE:
        await tx.execute(_NEW_TERRITORIES, model=model, result=result["id"], rule=TerritoryRule().model_dump_json())
    else:
        await tx.execute(COPY_TERRITORIES, original=result["model_id"], clone=model)
    missing: str | None = await tx.value(_MISSING, model=model, result=result["id"])
    if missing is None:
        comment = f"Scenario {result['terms']['name']}, result {result['id']}"
        reason = MembershipReason(comment=comment).model_dump_json()
        await tx.execute(_PLANNED_SELLERS, model=model, result=result["id"])
        await tx.execute(_MEMBERSHIPS, model=model, result=result["id"], reason=reason, start=start)
    return missing
