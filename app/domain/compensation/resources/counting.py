"""SQL: which credits a component counts, and for how much, as its stored terms say it."""

from __future__ import annotations

from app.domain.accounts.queries import IN_SEGMENT

_MEASURE = "c.terms -> 'measure'"
_ONLY = f"{_MEASURE} -> 'only'"
_FAMILY = "(select p.family from product p where p.org_id = t.org_id and p.id = t.product_id)"
_SEGMENT = IN_SEGMENT.format(segment="segment", account="account")


def _listed(terms: str, name: str, value: str) -> str:
    """Whether a list of the terms is empty or has the value."""
    return f"(coalesce(jsonb_array_length({terms} -> '{name}'), 0) = 0 or {terms} -> '{name}' @> to_jsonb({value}))"


def _within(terms: str, name: str, value: str) -> str:
    """Whether the terms have no such range, or the value is known and in it."""
    least, below = (f"cast({terms} -> '{name}' ->> '{end}' as numeric)" for end in ("at_least", "below"))
    return (
        f"({terms} ->> '{name}' is null or ({value} is not null"
        f" and coalesce({value} >= {least}, true) and coalesce({value} < {below}, true)))"
    )


def _labelled(terms: str) -> str:
    """Whether the transaction `t` has one of the labels asked for, where any is, and none of those it must not have."""
    asked, refused = (
        f"array(select jsonb_array_elements_text(coalesce({terms} -> '{name}', '[]')))"
        for name in ("labels", "without_labels")
    )
    return (
        f"(coalesce(jsonb_array_length({terms} -> 'labels'), 0) = 0 or t.labels && {asked})"
        f" and not t.labels && {refused}"
    )


def _like(terms: str) -> str:
    """Whether the transaction `t` has the traits of the terms."""
    return f"""{_listed(terms, "products", "cast(t.product_id as text)")}
  and {_listed(terms, "product_families", _FAMILY)}
  and coalesce(t.renewal = cast({terms} ->> 'renewal' as boolean), true)
  and {_labelled(terms)}
  and {_within(terms, "term_months", "t.term_months")} and {_within(terms, "discount", "t.discount")}"""


SINGLE = "c.terms -> 'window' ->> 'over' = 'transaction'"
"""Whether the component `c` pays each transaction by itself."""
_WEIGHT = f"""coalesce((
    select cast(w.said ->> 'factor' as numeric) from jsonb_array_elements(
      case jsonb_typeof({_MEASURE} -> 'weights') when 'array' then {_MEASURE} -> 'weights' else '[]' end)
      with ordinality w (said, n)
    where {_like("w.said")} order by w.n limit 1), 1)"""
_ANNUAL = (
    f"case when cast({_MEASURE} ->> 'annualised' as boolean) and t.term_months > 12"
    " then 12.0 / t.term_months else 1 end"
)
MEASURED = (
    f"case when {SINGLE} and c.terms -> 'rate' -> 'flat' ->> 'pays' = 'amount' then sign(k.deals)"
    f" else {_WEIGHT} * case when {_MEASURE} ->> 'of' in ('deals', 'customers') then k.deals"
    f" else {_ANNUAL} * case {_MEASURE} ->> 'of'"
    " when 'margin' then k.margin when 'units' then k.quantity else k.amount end end end"
)
"""What the component `c` measures of the credit `k`; where a transaction brings a fixed amount, one."""
COUNTS = f"""
  (t.kind = c.terms ->> 'trigger' or (t.kind = 'return' and (t.returns_id is null or c.terms ->> 'clawback' is null)))
  and {_like(_ONLY)}
  and (coalesce(jsonb_array_length({_ONLY} -> 'segments'), 0) = 0 or exists (
    select from account join segment on segment.org_id = account.org_id
      and {_ONLY} -> 'segments' @> to_jsonb(cast(segment.id as text)) and {_SEGMENT}
    where account.org_id = t.org_id and account.id = t.account_id))
  and coalesce(abs(k.amount / nullif(k.deals, 0)) >= cast({_ONLY} ->> 'minimum_deal' as numeric), true)
  and coalesce(k.credit_date >= cast({_ONLY} ->> 'effective_from' as date), true)
  and coalesce(k.credit_date < cast({_ONLY} ->> 'effective_to' as date), true)
"""
"""Whether the component `c` counts the credit `k` of the transaction `t`."""
