"""What can be read of the penetration cube: its cells, and how much of what it could buy an account buys."""

from uuid import UUID

from app.domain.accounts.contract.holdings import HoldingView, PenetrationView
from app.domain.accounts.queries import CELL_COUNTS, IN_SUBTREE, SUBTREE, account_owner, account_seen
from app.domain.kernel.resource import LinkFrom, Many, One, Param, Resource, by_seller

HOLDING = Resource(
    "holding",
    "holdings",
    HoldingView,
    "accounts:read",
    "The cells of the penetration cube: how a unit, or a person in it, stands to a product.",
    links={
        "account": One("account", "{row}.account_id", "The unit."),
        "product": One("product", "{row}.product_id"),
        "contact": One("contact", "{row}.contact_id", "The person whose cell it is; null for the unit's own."),
    },
    filters=(
        "account_id",
        "product_id",
        "contact_id",
        "status",
        "potential",
        "competitor",
        "shown_on",
        "since",
        "created_at",
        "updated_at",
    ),
    sorts=("potential", "shown_on", "created_at"),
    sort="-created_at",
    visible=by_seller(account_owner("{row}.account_id")),
)

CELLS_OF_ACCOUNT = LinkFrom(
    "account", "holdings", Many("holding", "{other}.account_id = {row}.id", "id", "Its cells of the penetration cube.")
)
CELLS_OF_CONTACT = LinkFrom(
    "contact", "holdings", Many("holding", "{other}.contact_id = {row}.id", "id", "Its cells of the penetration cube.")
)
CELLS_OF_PRODUCT = LinkFrom(
    "product", "holdings", Many("holding", "{other}.product_id = {row}.id", "id", "Its cells of the penetration cube.")
)

# Each unit is summed once and its sum carried up to every account above it.
_PENETRATION = f"""(
  with recursive {SUBTREE}, summed as materialized (
    select cell.account_id, case when {{by_product}} then cell.product_id end as product_id, cell.currency,
           coalesce(sum(cell.potential) filter (where cell.status = 'owned'), 0) as owned,
           coalesce(sum(cell.potential) filter (where cell.status <> 'not_applicable'), 0) as applicable,
           coalesce(sum(cell.potential) filter (where cell.status = 'competitor'), 0) as competitor,
           count(*) as cells, count(*) filter (where cell.status <> 'not_applicable' and cell.potential is null) as bare
    from holding cell join account unit on unit.org_id = {{org}} and unit.id = cell.account_id
    where cell.org_id = {{org}} and {CELL_COUNTS} and {account_seen("unit")}
      and {IN_SUBTREE.format(column="cell.account_id")}
    group by 1, 2, 3
  ), above(unit_id, id) as (
    select summed.account_id, summed.account_id from summed union
    select above.unit_id, held.parent_id
    from above join account held on held.org_id = {{org}} and held.id = above.id and held.parent_id is not null
     and ({{account_id}} is null or held.id <> {{account_id}})
  ), rolled as (
    select above.id, summed.product_id, summed.currency, sum(summed.owned) as owned,
           sum(summed.applicable) as applicable, sum(summed.competitor) as competitor,
           sum(summed.cells) as cells, sum(summed.bare) as bare
    from summed join above on above.unit_id = summed.account_id
    group by above.id, summed.product_id, summed.currency
  )
  select cast(md5(rolled.id || coalesce(cast(rolled.product_id as text), '') || rolled.currency) as uuid) as id,
         shown.id as account_id, shown.name as account_name, shown.owner_id, rolled.product_id, rolled.currency,
         rolled.owned, rolled.applicable, rolled.applicable - rolled.owned as whitespace, rolled.competitor,
         round(rolled.owned / nullif(rolled.applicable, 0), 6) as penetration,
         rolled.cells as cell_count, rolled.bare as unvalued_count
  from rolled join account shown on shown.org_id = {{org}} and shown.id = rolled.id
)"""

PENETRATION = Resource(
    "penetration",
    "penetration",
    PenetrationView,
    "accounts:read",
    "How much of what it could buy each account buys, with every account below it that the caller sees.",
    source=_PENETRATION,
    links={
        "account": One("account", "{row}.account_id"),
        "product": One("product", "{row}.product_id"),
        "owner": One("seller", "{row}.owner_id"),
    },
    filters=("owner_id", "currency", "penetration", "owned", "applicable", "whitespace"),
    sorts=("account_name", "penetration", "whitespace", "applicable"),
    sort="-whitespace",
    visible=by_seller("{row}.owner_id"),
    params={
        "account_id": Param(UUID, "The account whose figures, and those of the accounts below it, are wanted."),
        "by_product": Param(bool, "Whether each product has a row of its own.", False),
    },
    versioned=False,
)
