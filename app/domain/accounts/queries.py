"""SQL that this context lends to those above it."""

IN_SEGMENT = """(
  ({segment}.rule -> 'industries' = jsonb_build_array() or {segment}.rule -> 'industries' ? {account}.industry)
  and ({segment}.rule -> 'countries' = jsonb_build_array() or {segment}.rule -> 'countries' ? {account}.country)
  and ({segment}.rule ->> 'min_employees' is null
       or {account}.employees >= cast({segment}.rule ->> 'min_employees' as int))
  and ({segment}.rule ->> 'max_employees' is null
       or {account}.employees <= cast({segment}.rule ->> 'max_employees' as int))
  and ({segment}.rule ->> 'min_annual_revenue' is null or {account}.currency = {segment}.currency
       and {account}.annual_revenue >= cast({segment}.rule ->> 'min_annual_revenue' as numeric))
  and ({segment}.rule ->> 'max_annual_revenue' is null or {account}.currency = {segment}.currency
       and {account}.annual_revenue <= cast({segment}.rule ->> 'max_annual_revenue' as numeric))
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
