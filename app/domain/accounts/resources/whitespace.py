"""What the penetration cube leaves to do: what to win, whom to find, what to show."""

from uuid import UUID

from app.domain.accounts.contract.holdings import (
    ContactNotShownView,
    UnitWithoutDecisionMakerView,
    WhitespaceView,
)
from app.domain.accounts.queries import CELL_COUNTS, IN_SEGMENT, IN_SUBTREE, SUBTREE, account_seen
from app.domain.kernel.resource import One, Param, Resource, by_seller

# Nobody says what a segment buys: a product has a use there once one of its accounts has.
_WHITESPACE = f"""(
  with recursive {SUBTREE}, member as materialized (
    select unit.id as account_id, segment.id as segment_id
    from account unit
    join segment on segment.org_id = {{org}} and {IN_SEGMENT.format(segment="segment", account="unit")}
    where {{unassessed}} and unit.org_id = {{org}} and exists (
      select from holding cell where cell.org_id = {{org}} and cell.account_id = unit.id
    )
  ), used as materialized (
    select distinct member.segment_id, cell.product_id
    from member
    join holding cell on cell.org_id = {{org}} and cell.account_id = member.account_id
     and cell.status <> 'not_applicable'
    join product on product.org_id = {{org}} and product.id = cell.product_id and product.valid @> {{today}}
  ), wanted as materialized (
    select distinct unit.id as account_id, used.product_id
    from account unit
    join segment on segment.org_id = {{org}} and {IN_SEGMENT.format(segment="segment", account="unit")}
    join used on used.segment_id = segment.id
    where {{unassessed}} and unit.org_id = {{org}} and {account_seen("unit")} and {IN_SUBTREE.format(column="unit.id")}
  ), gap as (
    select cell.id, cell.account_id, cell.product_id, cell.contact_id, cell.status, cell.competitor, cell.potential,
           cell.currency, cell.shown_on
    from holding cell
    where cell.org_id = {{org}} and cell.status in ('competitor', 'open', 'proposed') and {CELL_COUNTS}
      and {IN_SUBTREE.format(column="cell.account_id")}
    union all
    select cast(md5(wanted.account_id || ' ' || wanted.product_id) as uuid), wanted.account_id, wanted.product_id,
           null, 'unassessed', null, null, null, null
    from wanted where not exists (
      select from holding cell where cell.org_id = {{org}} and cell.account_id = wanted.account_id
       and cell.product_id = wanted.product_id
    )
  )
  select gap.id, gap.account_id, unit.name as account_name, unit.owner_id, gap.product_id,
         product.name as product_name, gap.contact_id, gap.status, gap.competitor, gap.potential,
         unit.win_probability, round(coalesce(gap.potential * unit.win_probability, 0), 4) as expected_value,
         coalesce(gap.currency, unit.currency) as currency, gap.shown_on
  from gap
  join account unit on unit.org_id = {{org}} and unit.id = gap.account_id
  join product on product.org_id = {{org}} and product.id = gap.product_id
)"""

WHITESPACE = Resource(
    "whitespace",
    "whitespace",
    WhitespaceView,
    "accounts:read",
    "What there is to win: products that units could buy and do not buy from us, by potential times win probability.",
    source=_WHITESPACE,
    links={
        "account": One("account", "{row}.account_id", "The unit."),
        "product": One("product", "{row}.product_id"),
        "contact": One("contact", "{row}.contact_id", "The person whose cell counts."),
        "owner": One("seller", "{row}.owner_id"),
    },
    filters=("product_id", "owner_id", "status", "currency", "potential", "win_probability", "expected_value"),
    sorts=("expected_value", "potential", "account_name", "product_name"),
    sort="-expected_value",
    visible=by_seller("{row}.owner_id"),
    params={
        "account_id": Param(UUID, "The account whose whitespace is wanted, with that of the accounts below it."),
        "unassessed": Param(bool, "Whether products without a cell, used by others of the segment, are listed.", False),
    },
    versioned=False,
)

_UNKNOWN = f"""(
  select unit.id, unit.id as account_id, unit.name as account_name, unit.owner_id, unit.currency,
         coalesce(unit.potential, 0) as potential, coalesce(cells.applicable, 0) as applicable,
         coalesce(people.contacts, 0) as contact_count
  from account unit
  left join (
    select cell.account_id, cell.currency, sum(cell.potential) as applicable from holding cell
    where cell.org_id = {{org}} and cell.status <> 'not_applicable' and {CELL_COUNTS}
    group by cell.account_id, cell.currency
  ) cells on cells.account_id = unit.id and cells.currency = unit.currency
  left join (
    select person.account_id, count(*) as contacts,
           coalesce(bool_or(person.decision_role = 'decision_maker'), false) as decided
    from contact person
    where person.org_id = {{org}} and (person.left_on is null or person.left_on > {{today}})
    group by person.account_id
  ) people on people.account_id = unit.id
  where unit.org_id = {{org}} and people.decided is not true and (unit.potential > 0 or cells.applicable > 0)
)"""

UNIT_WITHOUT_DECISION_MAKER = Resource(
    "unit_without_decision_maker",
    "units_without_decision_maker",
    UnitWithoutDecisionMakerView,
    "accounts:read",
    "Units with potential of which no active contact is known to decide.",
    source=_UNKNOWN,
    links={
        "account": One("account", "{row}.account_id", "The unit."),
        "owner": One("seller", "{row}.owner_id"),
    },
    filters=("account_id", "owner_id", "currency", "potential", "applicable", "contact_count"),
    sorts=("potential", "applicable", "account_name"),
    sort="-potential",
    visible=by_seller("{row}.owner_id"),
    versioned=False,
)

# What was shown to the unit was shown to somebody, not to this person.
_NOT_SHOWN = f"""(
  with person as (
    select contact.id, contact.name, contact.decision_role, contact.account_id, unit.owner_id
    from contact join account unit on unit.org_id = {{org}} and unit.id = contact.account_id
    where contact.org_id = {{org}} and (contact.left_on is null or contact.left_on > {{today}})
      and {account_seen("unit")}
  ), asked as (
    select person.*, {{product_id}} as product_id from person where {{product_id}} is not null
    union all
    select person.*, cell.product_id from person join (
      select distinct cell.account_id, cell.product_id from holding cell
      where {{product_id}} is null and cell.org_id = {{org}}
    ) cell on cell.account_id = person.account_id
  )
  select cast(md5(asked.id || ' ' || product.id) as uuid) as id, asked.id as contact_id, asked.name as contact_name,
         asked.decision_role, asked.account_id, asked.owner_id, product.id as product_id,
         product.name as product_name, coalesce(own.status, whole.status, 'unassessed') as status, own.shown_on,
         {{today}} - own.shown_on as days_since
  from asked
  join product on product.org_id = {{org}} and product.id = asked.product_id and product.valid @> {{today}}
  left join holding own on own.org_id = {{org}} and own.account_id = asked.account_id
   and own.product_id = product.id and own.contact_id = asked.id
  left join holding whole on whole.org_id = {{org}} and whole.account_id = asked.account_id
   and whole.product_id = product.id and whole.contact_id is null
  where coalesce(own.status, whole.status, 'unassessed') not in ('owned', 'not_applicable')
    and (own.shown_on is null or {{today}} - own.shown_on >= {{days}})
)"""

CONTACT_NOT_SHOWN = Resource(
    "contact_not_shown",
    "contacts_not_shown",
    ContactNotShownView,
    "accounts:read",
    "Active contacts who were never shown a product that is sold today, or not for a number of days.",
    source=_NOT_SHOWN,
    links={
        "contact": One("contact", "{row}.contact_id"),
        "account": One("account", "{row}.account_id", "The unit."),
        "product": One("product", "{row}.product_id"),
        "owner": One("seller", "{row}.owner_id"),
    },
    filters=("account_id", "contact_id", "owner_id", "decision_role", "status", "shown_on"),
    sorts=("shown_on", "contact_name", "product_name"),
    sort="contact_name",
    visible=by_seller("{row}.owner_id"),
    params={
        "days": Param(int, "Days without being shown it from which on a contact is listed.", 90),
        "product_id": Param(UUID, "The product; by default each of which the contact's unit has a cell."),
    },
    versioned=False,
)
