"""The crediting rules and overlays of a run, in SQL: what they name is spelled out product by product and so on."""

from __future__ import annotations

from typing import Final

from app.domain.accounts.queries import IN_SEGMENT

_RULES = (
    "crediting_rule rule where rule.org_id = :org_id"
    " and rule.valid && daterange(cast(:reach_start as date), cast(:end_date as date))"
)

CREDITING_SQL: Final = {
    "crediting_rule": "select rule.id as rule_id, cast(row_number() over (order by rule.precedence,"
    " rule.effective_from) as int) as ordinal, rule.kind,"
    " cardinality(rule.products) + cardinality(rule.product_families) > 0 as some_products,"
    " cardinality(rule.segments) > 0 as some_accounts, rule.effective_from as valid_from,"
    f" rule.effective_to as valid_to from {_RULES}",
    "rule_product": f"select rule.id as rule_id, sold.id as product_id from (select rule.* from {_RULES}) rule"
    " join product sold on sold.org_id = rule.org_id"
    " and (sold.id = any(rule.products) or sold.family = any(rule.product_families))",
    "rule_account": "select distinct rule.id as rule_id, account.id as account_id"
    f" from (select rule.* from {_RULES}) rule join segment on segment.org_id = rule.org_id"
    " and segment.id = any(rule.segments) join account on account.org_id = rule.org_id and "
    + IN_SEGMENT.format(segment="segment", account="account"),
    # An assignment for a territory or family has a row for each of what it holds, all with one ordinal.
    "overlay": f"""
        with recursive assigned as (
          select own.*, dense_rank() over (order by own.account_id is null, own.territory_id is null,
            own.product_id is null, own.product_family is null, own.id) as ordinal
          from overlay_assignment own
          where own.org_id = :org_id and own.rule_id in (select rule.id from {_RULES})
        ), below(top, id) as (
          select distinct territory_id, territory_id from assigned where territory_id is not null
          union
          select below.top, under.id from below join territory under on under.org_id = :org_id
           and under.parent_id = below.id
        )
        select own.id as assignment_id, own.rule_id, cast(own.ordinal as int) as ordinal, own.seller_id, own.account_id,
               below.id as territory_id, coalesce(own.product_id, sold.id) as product_id, own.share,
               own.effective_from as valid_from, own.effective_to as valid_to
        from assigned own
        left join below on below.top = own.territory_id
        left join product sold on sold.org_id = own.org_id and sold.family = own.product_family
        where own.product_family is null or sold.id is not null
        """,
}
"""Relations of `calculation.inputs` by name; parameters `:org_id`, `:year_start` and `:end_date`."""
