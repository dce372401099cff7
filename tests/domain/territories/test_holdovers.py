"""Open deals when the coverage changes: kept by the former seller for a time, then handed over, each step recorded."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.errors import DomainError

TODAY = datetime.now(UTC).date()
START = "2026-03-01"


async def refused(call: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await call
    return caught.value


class Season:
    """Bob covers Acme in the first model; the second gives it to Cleo. Dan has a deal there too, but covers nothing."""

    def __init__(self, company: Any, design: Any) -> None:
        self.company, self.design = company, design
        self.deals: dict[str, UUID] = {}

    async def begin(self) -> None:
        self.acme = await self.design.account("Acme", country="FR", owner_id=self.company.sellers["bob"])
        self.first = await self.model("A", "2026-01-01")
        await self.design.cover(self.north, "bob")
        await self.design.activate(self.first)
        for name, seller in (("open", "bob"), ("other", "dan")):
            await self.deal(name, seller)
        await self.deal("won", "bob", stage="won", amount="10", closed_on="2026-02-01")

    async def model(self, code: str, starts_on: str, **more: Any) -> UUID:
        model: UUID = await self.design.model(code, starts_on, **more)
        self.north = await self.design.territory(model, "NORTH", rule={"countries": ["FR"]})
        await self.design.apply(model)
        return model

    async def deal(self, name: str, seller: str, **more: Any) -> None:
        self.deals[name] = await self.company.do(
            "ops", "create_opportunity", name=name, account_id=self.acme, seller_id=self.company.sellers[seller], **more
        )

    async def change(self, days: int, starts_on: str = START, **more: Any) -> UUID:
        """The second model, accepted by Cleo, in force."""
        second = await self.model("B", starts_on, holdover_days=days)
        await self.design.cover(self.north, "cleo", start=starts_on)
        await self.design.activate(second, supersede=True, **more)
        return second

    async def holders(self) -> dict[str, str]:
        """Who has which deal."""
        names = {str(id): name for name, id in self.company.sellers.items()}
        rows = await self.company.page("ops", "opportunity")
        return {row["name"]: names[row["seller_id"]] for row in rows}

    async def held(self) -> Any:
        (row,) = await self.company.page("ops", "holdover")
        return row


@pytest.fixture
async def season(company: Any, design: Any) -> Season:
    season = Season(company, design)
    await season.begin()
    return season


UNCHANGED = {"open": "bob", "other": "dan", "won": "bob"}
MOVED = {"open": "cleo", "other": "dan", "won": "bob"}


async def test_without_being_asked_a_model_moves_no_deal(company: Any, season: Season) -> None:
    await season.change(0)
    assert await season.holders() == UNCHANGED
    assert await company.page("ops", "holdover") == []


async def test_open_deals_of_the_former_seller_follow_at_once_when_asked(company: Any, season: Season) -> None:
    await season.change(0, move_open_deals=True)
    assert await season.holders() == MOVED
    assert (await season.held())["state"] == "lapsed"
    sellers = {name: str(id) for name, id in company.sellers.items()}
    assert await company.events("opportunity.handed_over") == [
        {"from_seller_id": sellers["bob"], "to_seller_id": sellers["cleo"]}
    ]


async def test_open_deals_stay_with_the_former_seller_until_the_holdover_ends(company: Any, season: Season) -> None:
    days = (TODAY - date.fromisoformat(START)).days + 1
    second = await season.change(days)
    row = await season.held()
    assert (row["state"], row["until"]) == ("held", str(TODAY + timedelta(days=1)))
    assert (row["opportunity_id"], row["model_id"]) == (str(season.deals["open"]), str(second))
    settled = await company.do("ops", "settle_holdovers")
    assert (settled.lapsed, settled.handed_over) == (0, 0)
    assert await season.holders() == UNCHANGED


async def test_a_holdover_that_is_over_hands_over_once(company: Any, season: Season, database: str) -> None:
    await season.change(1000)
    async with company.operations.transaction(company.actors["ops"]) as tx:
        await tx.execute("update holdover set until = :today where org_id = :org_id", today=TODAY)
    first = await company.do("ops", "settle_holdovers")
    again = await company.do("ops", "settle_holdovers")
    assert [(done.lapsed, done.handed_over) for done in (first, again)] == [(1, 1), (0, 0)]
    assert await season.holders() == MOVED
    assert len(await company.events("holdover.lapsed")) == len(await company.events("opportunity.handed_over")) == 1


async def test_a_manager_releases_early_or_extends_and_says_why(company: Any, season: Season) -> None:
    await season.change(1000)
    row = await season.held()
    id, until = UUID(row["id"]), date.fromisoformat(row["until"])
    assert (await refused(company.do("ada", "release_holdover", id))).code == "invalid_input"
    early = company.do("ada", "extend_holdover", id, until=until, comment="Late.")
    assert (await refused(early)).errors[0].pointer == "/until"
    later = str(until + timedelta(days=9))
    await company.do("ada", "extend_holdover", id, until=later, comment="The buyer is on leave.")
    seen = await company.one("bob", "holdover", id, include="transitions")
    assert (seen["until"], seen["state"]) == (later, "held")
    assert "The buyer is on leave." in [step["comment"] for step in seen["transitions"]["items"]]
    await company.do("ada", "release_holdover", id, comment="Bob agrees.")
    assert await season.holders() == MOVED
    assert (await refused(company.do("ada", "release_holdover", id, comment="x"))).code == "illegal_transition"


async def test_a_deal_closed_during_the_holdover_stays_with_who_closed_it(company: Any, season: Season) -> None:
    await season.change(1000)
    terms = {"stage": "won", "amount": "5", "closed_on": str(TODAY)}
    await company.do("bob", "change_opportunity_stage", season.deals["open"], **terms)
    await company.do("ada", "release_holdover", UUID((await season.held())["id"]), comment="Closed.")
    assert await season.holders() == UNCHANGED


async def test_sellers_see_the_holdovers_they_give_or_get(company: Any, season: Season) -> None:
    await season.change(1000)
    seen = {who: len(await company.page(who, "holdover")) for who in ("bob", "cleo", "ada", "dan")}
    assert seen == {"bob": 1, "cleo": 1, "ada": 1, "dan": 0}


async def test_what_is_accepted_after_the_activation_is_held_over_from_the_day_it_covers(
    company: Any, design: Any, season: Season
) -> None:
    second = await season.model("B", START, holdover_days=1000)
    proposed = await design.propose(season.north, "cleo", start="2026-04-01")
    await design.activate(second, supersede=True)
    assert await company.page("ops", "holdover") == []
    await company.do("cleo", "accept_territory_assignment", proposed)
    assert (await season.held())["until"] == str(date(2026, 4, 1) + timedelta(days=1000))


async def test_a_deal_does_not_stay_with_a_seller_who_leaves(company: Any, season: Season) -> None:
    leaves = TODAY + timedelta(days=20)
    await company.do("ops", "end_seller", company.sellers["bob"], left_on=leaves)
    await season.change(1000)
    assert (await season.held())["until"] == str(leaves)


async def test_an_account_that_changes_hands_again_has_one_holdover_to_the_newest_seller(
    company: Any, design: Any, season: Season
) -> None:
    await season.change(1000)
    third = await season.model("C", "2026-05-01", holdover_days=1000)
    await design.cover(season.north, "dan", start="2026-05-01")
    await design.activate(third, supersede=True)
    row = await season.held()
    assert (row["to_seller_id"], row["model_id"]) == (str(company.sellers["dan"]), str(third))
    assert len(await company.events("territory_model.deals_held")) == 1


async def test_owners_follow_the_coverage_when_asked(company: Any, season: Season) -> None:
    beta = await season.design.account("Beta", country="DE", owner_id=company.sellers["dan"])
    await season.change(0, reassign_owners=True)
    owners = [(await company.one("ops", "account", id))["owner_id"] for id in (season.acme, beta)]
    assert owners == [str(company.sellers["cleo"]), str(company.sellers["dan"])]
    assert await company.events("territory_model.owners_reassigned") == [{"accounts": 1}]


async def test_owners_do_not_follow_a_model_that_has_not_begun(company: Any, season: Season) -> None:
    error = await refused(season.change(0, str(TODAY + timedelta(days=5)), reassign_owners=True))
    assert (error.code, error.errors[0].pointer) == ("model_not_in_force", "/reassign_owners")
    assert (await company.one("ops", "account", season.acme))["owner_id"] == str(company.sellers["bob"])


async def test_owners_can_follow_later_by_an_action(company: Any, season: Season) -> None:
    second = await season.change(0)
    assert (await company.do("ops", "reassign_account_owners", second)).accounts == 1
    assert (await company.do("ops", "reassign_account_owners", second)).accounts == 0
    assert (await refused(company.do("ops", "reassign_account_owners", season.first))).code == "model_not_in_force"
