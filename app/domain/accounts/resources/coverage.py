"""What can be read of the coverage of market segments."""

from app.domain.accounts.contract.coverage import SegmentCoverageView
from app.domain.accounts.queries import IN_SEGMENT
from app.domain.kernel.resource import (
    LinkFrom,
    One,
    Resource,
)

_COVERAGE = f"""(
  select described.org_id, described.id, described.code, described.name, described.tam, described.currency,
         held.account_count, held.other_currency_count, held.potential
  from segment described, lateral (
    select count(*) as account_count,
           count(*) filter (where account.currency <> described.currency) as other_currency_count,
           coalesce(sum(account.potential) filter (where account.currency = described.currency), 0) as potential
    from account where account.org_id = {{org}} and {IN_SEGMENT.format(segment="described", account="account")}
  ) held
  where described.org_id = {{org}}
)"""

SEGMENT_COVERAGE = Resource(
    "segment_coverage",
    "segment_coverages",
    SegmentCoverageView,
    "market:read",
    "What the accounts of each segment add up to, against its total addressable market.",
    source=_COVERAGE,
    path="segment-coverage",
    filters=("code",),
    sorts=("name", "potential"),
    sort="name",
    versioned=False,
)

COVERAGE_OF_SEGMENT = LinkFrom(
    "segment", "coverage", One("segment_coverage", "{row}.id", "What its accounts add up to against its market.")
)
