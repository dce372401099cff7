"""Who sees a quota: the reporting line of its seller; the seller itself once it is proposed to it."""

from __future__ import annotations

from app.domain.kernel.resource import IN_LINE, Visible

_SEEN = "({line} and ({quota}.proposed_at is not null or {quota}.seller_id is distinct from {{seller}}))"


def _seen(quota: str) -> str:
    return _SEEN.format(line=IN_LINE.format(column=f"{quota}.seller_id", on="{today}"), quota=quota)


QUOTAS_SEEN = Visible(_seen("{row}"))
"""Of quotas."""


def of_quota_seen(column: str) -> Visible:
    """Of what belongs to a quota; `column` is SQL of the quota's id over `{row}`."""
    return Visible(
        f"exists (select from quota held where held.org_id = {{org}} and held.id = {column} and {_seen('held')})"
    )
