"""What a picture of a territory model shows: its territories with their figures, where they are, and their accounts.

Accounts are those the actor sees, and none for who may not read accounts. A territory's outline is drawn around the
cells of a grid that hold its accounts: fine for who sees every account, so coarse for others that it gives no place of
an account away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.accounts.resources.accounts import ACCOUNT
from app.domain.kernel.resource import Visible
from app.domain.kernel.scope import Tx
from app.domain.kernel.visibility import rule_for
from app.domain.territories.queries import IDEAL_VISITS_OF_MODEL_SQL
from app.domain.territories.resources.assignments import TERRITORY_ASSIGNMENT

FINE, COARSE = Decimal("0.001"), Decimal("0.1")
"""Degrees between the lines of the grid: about 110 m and 11 km from south to north."""

Place = tuple[float, float]
"""Degrees east and north."""


@dataclass(frozen=True)
class PicturedTerritory:
    """A territory, with the figures of the accounts in itself and not in those below it."""

    id: UUID
    code: str
    name: str
    parent_id: UUID | None
    accounts: int
    located: int
    """Accounts whose coordinates are known."""
    potential: Decimal
    """Sum of the accounts' potential in the organisation's currency."""
    sellers: tuple[str, ...]
    """Who covers it, of those the actor sees."""
    cells: tuple[Place, ...]
    """Middles of the cells of the grid that hold its accounts."""


@dataclass(frozen=True)
class Picture:
    """A territory model on a day."""

    id: UUID
    code: str
    name: str
    model_version: int
    day: date
    """The day asked for, or the nearest one of the model."""
    currency: str
    grid: float
    """Degrees between the lines of the grid that outlines follow."""
    territories: tuple[PicturedTerritory, ...]


_MODEL = """
select m.id, m.code, m.name, m.model_version, o.currency,
       greatest(m.starts_on, least(cast(:as_of as date), m.ends_on - 1)) as day
from territory_model m join organisation o on o.org_id = m.org_id
where m.org_id = :org_id and m.id = :model
"""
_HELD = """
from territory_membership held
join account on account.org_id = held.org_id and account.id = held.account_id
where held.org_id = :org_id and held.model_id = :model and held.valid @> cast(:day as date)
"""
_LOCATED = "account.latitude is not null and account.longitude is not null"
_TERRITORIES = f"""
select t.id, t.code, t.name, t.parent_id, coalesce(sums.accounts, 0) as accounts,
       coalesce(sums.located, 0) as located, coalesce(sums.potential, 0) as potential,
       array(select seller.name from territory_assignment cover
             join seller on seller.org_id = cover.org_id and seller.id = cover.seller_id
             where cover.org_id = t.org_id and cover.territory_id = t.id and cover.state <> 'disputed'
               and cover.valid @> cast(:day as date) and {{sees_cover}} order by seller.name) as sellers
from territory t left join (
  select held.territory_id, count(*) as accounts, count(*) filter (where {_LOCATED}) as located,
         sum(account.potential) filter (where account.currency = :currency) as potential
  {_HELD} group by held.territory_id
) sums on sums.territory_id = t.id
where t.org_id = :org_id and t.model_id = :model order by t.code
"""
_CELLS = f"""
select distinct held.territory_id, round(account.longitude / :grid) * :grid as east,
       round(account.latitude / :grid) * :grid as north
{_HELD} and {_LOCATED} order by 1, 2, 3
"""
_DOTS = _CELLS.replace("order by", "and {sees_account} order by")
_FEATURES = f"""
select string_agg(cast(json_build_object(
  'type', 'Feature', 'id', account.id,
  'geometry', json_build_object('type', 'Point', 'coordinates', json_build_array(account.longitude, account.latitude)),
  'properties', json_build_object(
    'kind', 'account', 'name', account.name, 'territory_id', held.territory_id, 'territory', territory.code,
    'potential', case when account.potential is not null then json_build_object(
      'amount', trim_scale(account.potential)::text, 'currency', account.currency) end,
    'owner_id', account.owner_id, 'owner', owner.name)) as text), ',' order by account.id)
{
    _HELD.replace(
        "where",
        '''join territory on territory.org_id = held.org_id and territory.id = held.territory_id
left join seller owner on owner.org_id = account.org_id and owner.id = account.owner_id
where''',
    )
} and {_LOCATED} and {{sees_account}}
"""
_IDEAL = IDEAL_VISITS_OF_MODEL_SQL.format(
    org="cast(:org_id as uuid)", day="cast(:day as date)", model="cast(:model as uuid)"
)
_TOUCHES = f"""
select ideal.territory_id, sum(ideal.touches_per_year) as touches
from ({_IDEAL}) ideal where ideal.territory_id is not null group by ideal.territory_id
"""
_MOVES = """
select count(*) as accounts,
       coalesce(sum(account.potential) filter (where account.currency = :currency), 0) as potential
from (
  select held.account_id, territory.code from territory_membership held
  join territory on territory.org_id = held.org_id and territory.id = held.territory_id
  where held.org_id = :org_id and held.model_id = :model and held.valid @> cast(:day as date)
) one full join (
  select held.account_id, territory.code from territory_membership held
  join territory on territory.org_id = held.org_id and territory.id = held.territory_id
  where held.org_id = :org_id and held.model_id = :other and held.valid @> cast(:other_day as date)
) other on other.account_id = one.account_id
join account on account.org_id = :org_id and account.id = coalesce(one.account_id, other.account_id)
where one.code is distinct from other.code
"""


async def picture_of(tx: Tx, model_id: UUID, as_of: date | None, *, pointer: str | None = None) -> Picture:
    """The model as on a day, today by default; refused where there is none, at `pointer` if it was a reference."""
    await tx.visible("territory_model", model_id, pointer=pointer)
    model = (await tx.rows(_MODEL, model=model_id, as_of=as_of or tx.today))[0]
    sees_all_accounts = tx.actor.may("accounts:read") and tx.actor.sees_all_rows
    grid = FINE if sees_all_accounts else COARSE
    on = {"model": model_id, "day": model["day"]}
    cells = await _cells(tx, _CELLS, on | {"grid": grid})
    sees_cover = _sees(tx, TERRITORY_ASSIGNMENT.visible, "cover")
    rows = await tx.rows(_TERRITORIES.format(sees_cover=sees_cover), **on, **_actor(tx), currency=model["currency"])
    territories = tuple(
        PicturedTerritory(**{**row, "sellers": tuple(row["sellers"])}, cells=tuple(cells.get(row["id"], ())))
        for row in rows
    )
    return Picture(**model, grid=float(grid), territories=territories)


async def account_features(tx: Tx, picture: Picture) -> str:
    """The accounts the actor sees, as GeoJSON features separated by commas, in the order of their ids."""
    if not tx.actor.may("accounts:read"):
        return ""
    sql = _FEATURES.format(sees_account=_sees(tx, ACCOUNT.visible, "account"))
    return str(await tx.value(sql, model=picture.id, day=picture.day, **_actor(tx)) or "")


async def dots(tx: Tx, picture: Picture, grid: Decimal) -> Mapping[UUID, Sequence[Place]]:
    """Places of the accounts the actor sees, by territory; those within one cell of the grid are one dot."""
    if not tx.actor.may("accounts:read"):
        return {}
    sql = _DOTS.format(sees_account=_sees(tx, ACCOUNT.visible, "account"))
    return await _cells(tx, sql, {"model": picture.id, "day": picture.day, "grid": grid, **_actor(tx)})


async def touches(tx: Tx, picture: Picture) -> Mapping[UUID, Decimal]:
    """Touches a year that the cadence policies ask for, by territory."""
    rows = await tx.rows(_TOUCHES, model=picture.id, day=picture.day)
    return {row["territory_id"]: row["touches"] for row in rows}


async def moves_between(tx: Tx, one: Picture, other: Picture) -> tuple[int, Decimal]:
    """Accounts whose territory has another code in the other model, or that only one of them holds; their potential."""
    row = (
        await tx.rows(_MOVES, model=one.id, day=one.day, other=other.id, other_day=other.day, currency=one.currency)
    )[0]
    return row["accounts"], row["potential"]


async def _cells(tx: Tx, sql: str, values: Mapping[str, Any]) -> Mapping[UUID, Sequence[Place]]:
    found: dict[UUID, list[Place]] = defaultdict(list)
    for row in await tx.rows(sql, **values):
        found[row["territory_id"]].append((float(row["east"]), float(row["north"])))
    return found


def _actor(tx: Tx) -> dict[str, Any]:
    return {"seller": tx.actor.seller_id, "today": tx.today}


def _sees(tx: Tx, visible: Visible, alias: str) -> str:
    """The condition under which the actor sees a row; its values are those of `_actor`."""
    names = {"org": "cast(:org_id as uuid)", "seller": "cast(:seller as uuid)", "today": "cast(:today as date)"}
    return rule_for(visible, tx.actor).format(row=alias, **names)
