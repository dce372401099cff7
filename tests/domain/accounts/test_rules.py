"""What must hold of an opportunity at its stage."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.accounts.contract.opportunities import CLOSED, OpportunityStage
from app.domain.accounts.rules import findings, reopens


@dataclass
class Deal:
    stage: OpportunityStage
    amount: Decimal | None
    opened_on: date | None
    closed_on: date | None


DEALS = st.builds(
    Deal,
    st.sampled_from(OpportunityStage),
    st.none() | st.decimals(0, 10, places=2),
    st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 5)),
    st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 5)),
)


@given(DEALS)
def test_a_deal_without_findings_fits_its_stage(deal: Deal) -> None:
    fits = (
        (deal.stage in CLOSED) == (deal.closed_on is not None)
        and (deal.stage != OpportunityStage.WON or deal.amount is not None)
        and not (deal.opened_on and deal.closed_on and deal.closed_on < deal.opened_on)
    )
    assert (not list(findings(deal))) == fits


def test_findings_name_every_field_at_fault() -> None:
    deal = Deal(OpportunityStage.WON, None, None, None)
    assert [finding.pointer for finding in findings(deal, "/7")] == ["/7/closed_on", "/7/amount"]


def test_only_leaving_a_closed_stage_reopens() -> None:
    stages = list(OpportunityStage)
    pairs = {(a, b) for a in stages for b in stages if reopens(a, b)}
    assert pairs == {(a, b) for a in CLOSED for b in stages if a != b}
