"""SQL: which credits a component counts, and for how much, as its stored terms say it."""

from __future__ import annotations

from app.domain.accounts.queries import IN_SEGMENT

SINGLE = "c.terms -> 'window' ->> 'over' = 'transaction'"
"""Whether the component `c` pays each transaction by itself."""
MEASURED = (
    f"case when {SINGLE} and c.terms -> 'rate' -> 'flat' ->> 'pays' = 'amount' then sign(k.deals)"
    " else case c.terms -> 'measure' ->> 'of' when 'margin' then k.margin when 'units' then k.quantity"
    " when 'deals' then k.deals else k.amount end end"
)
"""What the component `c` measures of the credit `k`; where a transaction brings a fixed amount, one."""

_ONLY = "c.terms -> 'measure' -> 'only'"


def _listed(name: str, value: str) -> str:
    """Whether a list of the restrictions is empty or has the value."""
    return f"(coalesce(jsonb_array_length({_ONLY} -> '{name}'), 0) = 0 or {_ONLY} -> '{name}' @> to_jsonb({value}))"


_FAMILY = "(select p.family from product p where p.org_id = t.org_id and p.id = t.product_id)"
_SEGMENT = IN_SEGMENT.format(segment="segment", account="account")
COUNTS = f"""
  (t.kind = c.terms ->> 'trigger' or (t.kind = 'return' and (t.returns_id is null or c.terms ->> 'clawback' is null)))
  and {_listed("products", "cast(t.product_id as text)")}
  and {_listed("product_families", _FAMILY)}
  and (coalesce(jsonb_array_length({_ONLY} -> 'segments'), 0) = 0 or exists (
    select from account join segment on segment.org_id = account.org_id
      and {_ONLY} -> 'segments' @> to_jsonb(cast(segment.id as text)) and {_SEGMENT}
    where account.org_id = t.org_id and account.id = t.account_id))
  and coalesce(abs(k.amount / nullif(k.deals, 0)) >= cast({_ONLY} ->> 'minimum_deal' as numeric), true)
"""
"""Whether the component `c` counts the credit `k` of the transaction `t`."""
