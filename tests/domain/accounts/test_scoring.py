"""Scoring in SQL agrees exactly with an independent computation, whatever the accounts and the scorecard."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.domain.accounts.contract.scorecards import ClassThresholds, CriterionFields
from app.domain.accounts.scoring import period
from app.domain.accounts.scoring_job import score_all
from tests.domain.accounts.scoring_oracle import Deal, OracleAccount, rounded, score

TODAY = date(2026, 11, 22)
FIGURES = (
    "potential", "annual_revenue", "employees", "win_probability", "expected_value", "won_revenue",
    "won_revenue_growth", "win_rate", "open_pipeline", "weighted_pipeline", "touches",
)  # fmt: skip
CURRENCIES = st.sampled_from(["EUR", "EUR", "EUR", "USD"])


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places)


AMOUNTS = st.one_of(decimals("0", "50", 0), decimals("0", "9999999", 4))
# Days around each bound of the twelve months and the twelve before.
DAYS = st.sampled_from(
    [TODAY + timedelta(days) for days in (1, 0, -30, -364, -365, -366, -500, -729, -730, -731, -900)]
)


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    stage = draw(st.sampled_from(["prospecting", "engaging", "proposal", "won", "lost"]))
    closed = draw(DAYS) if stage in ("won", "lost") else None
    amount = draw(AMOUNTS) if stage == "won" else draw(st.none() | AMOUNTS)
    return Deal(stage, amount, draw(CURRENCIES), closed)


SEGMENTS: dict[str, dict[str, Any]] = {
    "B": {"countries": ["DE"]},
    "A": {"countries": ["DE", "FR"], "max_employees": 3},
    "C": {"industries": ["Steel"], "min_annual_revenue": "100"},
}


def segment(facts: dict[str, Any], currency: str) -> str | None:
    """The first by its code that the account belongs to."""
    if facts["country"] is not None and facts["employees"] is not None and facts["employees"] <= 3:
        return "A"
    if facts["country"] == "DE":
        return "B"
    large = currency == "EUR" and facts["annual_revenue"] is not None and facts["annual_revenue"] >= 100
    return "C" if large and facts["industry"] == "Steel" else None


@st.composite
def accounts(draw: st.DrawFn) -> tuple[OracleAccount, ...]:
    found = []
    for n in range(draw(st.integers(1, 6))):
        currency = draw(CURRENCIES)
        facts = {
            "potential": draw(st.none() | AMOUNTS),
            "annual_revenue": draw(st.none() | AMOUNTS),
            "employees": draw(st.none() | st.integers(0, 5)),
            "win_probability": draw(st.none() | decimals("0", "1", 6)),
            "industry": draw(st.sampled_from([None, "Software", "Steel"])),
            "country": draw(st.sampled_from([None, "FR", "DE"])),
        }
        found.append(
            OracleAccount(
                f"account {n}",
                facts,
                currency,
                tuple(draw(st.lists(deals(), max_size=3))),
                {"said": draw(st.lists(st.integers(1, 5), max_size=2))},
                tuple(draw(st.lists(DAYS, max_size=2))),
                segment(facts, currency),
            )
        )
    return tuple(found)


@st.composite
def criteria(draw: st.DrawFn, number: int) -> dict[str, Any]:
    figure = draw(st.none() | st.sampled_from(FIGURES))
    method = draw(st.sampled_from(["bands", "linear", "percentile"]))
    found: dict[str, Any] = {
        "code": "said" if figure is None else f"c{number}",
        "name": f"Criterion {number}",
        "kind": "qualitative" if figure is None else "quantitative",
        "figure": figure,
        "weight": str(draw(decimals("0.000001", "999", 6))),
        "method": method,
        "less_is_better": method != "bands" and draw(st.booleans()),
        "missing": draw(st.sampled_from(["zero", "leave_out"])),
    }
    if method == "bands":
        starts = sorted(draw(st.sets(decimals("-1", "20", 2), min_size=1, max_size=4)))
        found["bands"] = [{"from_value": str(start), "score": str(draw(decimals("0", "1", 6)))} for start in starts]
    elif method == "linear":
        low = draw(decimals("-2", "10", 6))
        found |= {"low": str(low), "high": str(low + draw(decimals("0.000001", "100000", 6)))}
    else:
        found["within"] = draw(st.sampled_from(["segment", "industry", "country", "organisation"]))
    return found


@st.composite
def cards(draw: st.DrawFn) -> dict[str, Any]:
    found = [draw(criteria(n)) for n in range(draw(st.integers(1, 4)))]
    # A rated criterion at most once: codes are unique.
    unique = {criterion["code"]: criterion for criterion in found}
    return {"criteria": list(unique.values()), "classes": {"a": "75", "b": "50", "c": "25"}}


@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29)])
def test_the_months_that_count_end_today_and_begin_a_year_ago(today: date) -> None:
    bounds = period(today)
    assert (bounds["today"], bounds["since"], bounds["before"]) == (
        today,
        date(today.year - 1, today.month, min(today.day, 28)),
        date(today.year - 2, today.month, min(today.day, 28)),
    )


async def test_sql_and_oracle_agree_on_every_score_and_contribution(company: Any) -> None:
    worlds: list[tuple[tuple[OracleAccount, ...], dict[str, Any]]] = []

    @settings(
        max_examples=120, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(accounts(), cards())
    def collect(world: tuple[OracleAccount, ...], card: dict[str, Any]) -> None:
        worlds.append((world, card))

    collect()
    for code, rule in SEGMENTS.items():
        await company.do("ops", "create_segment", code=code, name=code, rule=rule)
    missing: set[str] = set()
    for world, card in worlds:
        expected = score(world, card, TODAY)
        assert await _scored_in_sql(company, world, card) == expected, card
        missing |= {line[3] for _, _, lines in expected.values() for line in lines if line[3]}
    assert len(worlds) > 100
    assert missing == {"unknown", "other_currency", "not_rated", "no_group"}


class _UndoError(Exception):
    """Takes a world back."""


async def _scored_in_sql(company: Any, world: tuple[OracleAccount, ...], card: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        async with company.operations.transaction(company.actors["ops"]) as tx:
            await _store(tx, world, company.sellers["bob"])
            found = await _score(tx, card)
            raise _UndoError
    except _UndoError:
        return found


async def _store(tx: Any, world: tuple[OracleAccount, ...], seller: Any) -> None:
    for account in world:
        id = tx.new_id()
        await tx.execute(
            "insert into account (org_id, id, name, currency, potential, annual_revenue, employees, win_probability,"
            " industry, country) values (:org_id, :id, :name, :currency, :potential, :annual_revenue, :employees,"
            " :win_probability, :industry, :country)",
            id=id, name=account.name, currency=account.currency, **account.facts,
        )  # fmt: skip
        for deal in account.deals:
            await tx.execute(
                "insert into opportunity (org_id, name, account_id, seller_id, stage, amount, currency, closed_on)"
                " values (:org_id, 'Deal', :id, :seller, :stage, :amount, :currency, :closed_on)",
                id=id, seller=seller, stage=deal.stage, amount=deal.amount, currency=deal.currency,
                closed_on=deal.closed_on,
            )  # fmt: skip
        for day in account.touched:
            await tx.execute(
                "insert into activity (org_id, account_id, seller_id, kind, state, done_on)"
                " values (:org_id, :id, :seller, 'call', 'done', :day)",
                id=id, seller=seller, day=day,
            )  # fmt: skip
        for rating in account.ratings["said"]:
            await tx.execute(
                "insert into account_rating (org_id, id, account_id, criterion, rating, rated_at, actor_id, actor_name)"
                " values (:org_id, :rating_id, :id, 'said', :rating, :now, :actor, 'ops')",
                rating_id=tx.new_id(), id=id, rating=rating, now=datetime.now(UTC), actor=tx.actor.principal_id,
            )  # fmt: skip


async def _score(tx: Any, card: dict[str, Any]) -> dict[str, Any]:
    scorecard = tx.new_id()
    criteria = TypeAdapter(list[CriterionFields]).validate_python(card["criteria"])
    classes = ClassThresholds.model_validate(card["classes"])
    await tx.execute(
        "insert into scorecard (org_id, id, code, name, scorecard_version, state, criteria, classes)"
        " values (:org_id, :id, 'CARD', 'Card', 1, 'draft', '[]', '{}')",
        id=scorecard,
    )
    tx.now = datetime.combine(TODAY, time(), UTC)
    await score_all(tx, scorecard, criteria, classes)
    rows = await tx.rows(
        "select account.name, held.score, held.account_class, held.found, held.counted, held.missing"
        " from account_score held join account on account.org_id = held.org_id and account.id = held.account_id"
        " where held.org_id = :org_id and held.scorecard_id = :id",
        id=scorecard,
    )
    return {row["name"]: (row["score"], row["account_class"], _lines(row, criteria)) for row in rows}


def _lines(row: Any, criteria: list[CriterionFields]) -> list[tuple[Any, ...]]:
    """Contributions as stored, their points as the view shows them."""
    stored = list(zip(criteria, row["found"], row["counted"], row["missing"], strict=True))
    total = sum(Fraction(c.weight) for c, _, sub, _ in stored if sub is not None)
    return [
        (value, sub, None if sub is None else rounded(100 * Fraction(c.weight) * Fraction(sub) / total), missing)
        for c, value, sub, missing in stored
    ]
