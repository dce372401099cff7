"""SQL that this context lends to those above it."""

from app.domain.kernel.resource import IN_LINE

IN_SEGMENT = """(
  (cardinality({segment}.industries) = 0 or {account}.industry = any({segment}.industries))
  and (cardinality({segment}.countries) = 0 or {account}.country = any({segment}.countries))
  and ({segment}.min_employees is null or {account}.employees >= {segment}.min_employees)
  and ({segment}.max_employees is null or {account}.employees <= {segment}.max_employees)
  and ({segment}.min_annual_revenue is null or {account}.currency = {segment}.currency
       and {account}.annual_revenue >= {segment}.min_annual_revenue)
  and ({segment}.max_annual_revenue is null or {account}.currency = {segment}.currency
       and {account}.annual_revenue <= {segment}.max_annual_revenue)
)"""
"""Whether a row of `account` belongs to a row of `segment`; not true when a fact that the rule asks for is unknown."""

QUADRANT = (
    "(select case when {account}.potential >= thresholds.potential_threshold then"
    " case when {account}.win_probability >= thresholds.win_probability_threshold then 'priority' else 'big_bet' end"
    " else case when {account}.win_probability >= thresholds.win_probability_threshold then 'quick_win'"
    " else 'deprioritised' end end"
    " from prioritisation thresholds where thresholds.org_id = {org} and thresholds.currency = {account}.currency"
    " and {account}.potential is not null and {account}.win_probability is not null)"
)
"""The quadrant of a row of `account`; null without thresholds, without an input, or in another currency than theirs."""


def account_seen(account: str) -> str:
    """SQL of whether the actor sees a row of `account` by its alias: no figure counts what it does not see."""
    return f"({{sees_all}} or {IN_LINE.format(column=f'{account}.owner_id', on='{today}')})"


def account_owner(account_id: str) -> str:
    """SQL of the seller who looks after the account whose id is given as SQL."""
    return f"(select held.owner_id from account held where held.org_id = {{org}} and held.id = {account_id})"


SUBTREE = """subtree(id) as (
    select top.id from account top where top.org_id = {org} and top.id = {account_id} union
    select below.id from subtree join account below on below.org_id = {org} and below.parent_id = subtree.id
  )"""
"""For `with recursive`: the account that the argument `account_id` names and every account below it."""

CELL_COUNTS = """(cell.contact_id is null or not exists (
      select from holding whole where whole.org_id = {org} and whole.account_id = cell.account_id
       and whole.product_id = cell.product_id and whole.contact_id is null))"""
"""Whether a row `cell` of `holding` counts: a unit's own does, those of its contacts only where it has none."""

IN_SUBTREE = "({{account_id}} is null or {column} = any(array(select subtree.id from subtree)))"
"""Whether `{column}` is in `SUBTREE`, or no account was asked for. An array, so that rows are fetched by key."""
