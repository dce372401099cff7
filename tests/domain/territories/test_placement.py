"""Accounts in territories: by rule, by pin, never in two at once."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.kernel.errors import DomainError

START = "2026-01-01"


async def why(company: Any, account: Any) -> Any:
    (row,) = await company.page("ops", "territory_membership", ("account_id", str(account)))
    return row["reason"]


async def test_a_rule_places_the_accounts_that_meet_all_its_conditions(company: Any, design: Any) -> None:
    for name, country, employees in (
        ("Acme", "FR", 500),
        ("Beta", "FR", 5),
        ("Gamma", "DE", 500),
        ("Delta", "FR", None),
    ):
        await design.account(name, country=country, employees=employees)
    model = await design.model()
    await design.territory(model, "BIG-FR", rule={"countries": ["FR", "BE"], "min_employees": 100})
    outcome = await design.apply(model)
    assert outcome == {"assigned": 1, "pinned": 0, "unassigned": 3, "ambiguous": 0, "changed": 1}
    assert await design.places(model) == {("Acme", "BIG-FR", "rule", START, None)}


async def test_revenue_is_compared_in_the_organisations_currency_only(company: Any, design: Any) -> None:
    await design.account("Euro", annual_revenue="1000", currency="EUR")
    await design.account("Dollar", annual_revenue="1000", currency="USD")
    model = await design.model()
    await design.territory(model, "RICH", rule={"min_annual_revenue": "1000", "max_annual_revenue": "1000"})
    await design.apply(model)
    assert await design.places(model) == {("Euro", "RICH", "rule", START, None)}


async def test_a_segment_in_a_rule_has_to_be_met_too(company: Any, design: Any) -> None:
    segment = await company.do(
        "ops", "create_segment", code="SW", name="Software", rule={"industries": ["Software"]}, tam="1"
    )
    await design.account("Acme", industry="Software", city="Lyon")
    await design.account("Beta", industry="Software", city="Paris")
    await design.account("Gamma", industry="Steel", city="Lyon")
    model = await design.model()
    await design.territory(model, "SW-LYON", rule={"segment_id": segment, "cities": ["Lyon"]})
    await design.apply(model)
    assert await design.places(model) == {("Acme", "SW-LYON", "rule", START, None)}


async def test_a_named_account_meets_a_rule_whatever_its_facts_and_an_empty_rule_matches_nobody(
    company: Any, design: Any
) -> None:
    acme = await design.account("Acme", country="FR")
    await design.account("Beta", country="DE")
    model = await design.model()
    await design.territory(model, "NAMED", rule={"countries": ["US"], "account_ids": [acme]})
    await design.territory(model, "EMPTY")
    outcome = await design.apply(model)
    assert (outcome["assigned"], outcome["unassigned"]) == (1, 1)
    assert await design.places(model) == {("Acme", "NAMED", "rule", START, None)}
    assert (await why(company, acme))["met"] == ["account_ids"]


async def test_among_several_matches_priority_then_depth_then_code_decides_and_the_others_are_named(
    company: Any, design: Any
) -> None:
    acme = await design.account("Acme", country="FR")
    model = await design.model()
    rule = {"countries": ["FR"]}
    top = await design.territory(model, "A-TOP", rule=rule, priority=5)
    await design.territory(model, "C-DEEP", rule=rule, priority=5, parent_id=top)
    deep = await design.territory(model, "B-DEEP", rule=rule, priority=5, parent_id=top)
    late = await design.territory(model, "A-LATE", rule=rule, priority=6, parent_id=deep)
    outcome = await design.apply(model)
    assert (outcome["assigned"], outcome["ambiguous"]) == (1, 1)
    assert await design.places(model) == {("Acme", "B-DEEP", "rule", START, None)}
    reason = await why(company, acme)
    assert reason["met"] == ["countries"]
    assert (reason["priority"], [other["code"] for other in reason["others"]]) == (5, ["C-DEEP", "A-TOP", "A-LATE"])
    assert reason["others"][2] == {"territory_id": str(late), "code": "A-LATE", "priority": 6}
    assert len(await company.page("ops", "territory_membership", ("ambiguous", "true"))) == 1


async def test_applying_changed_rules_from_the_same_day_replaces_what_they_said(company: Any, design: Any) -> None:
    acme = await design.account("Acme", country="FR")
    model = await design.model()
    france = await design.territory(model, "FRANCE", rule={"countries": ["FR"]}, priority=1)
    await design.apply(model)
    rival = await design.territory(model, "RIVAL", rule={"countries": ["FR"]}, priority=2)
    assert (await design.apply(model))["changed"] == 1
    assert await design.places(model) == {("Acme", "FRANCE", "rule", START, None)}
    assert [other["territory_id"] for other in (await why(company, acme))["others"]] == [str(rival)]
    await company.do("ops", "update_territory", france, priority=3)
    assert (await design.apply(model))["changed"] == 1
    assert await design.places(model) == {("Acme", "RIVAL", "rule", START, None)}


async def test_a_pin_wins_over_every_rule(company: Any, design: Any) -> None:
    acme = await design.account("Acme", country="FR")
    model = await design.model()
    await design.territory(model, "FRANCE", rule={"countries": ["FR"]}, priority=0)
    other = await design.territory(model, "KEY")
    await design.apply(model)
    await company.do("ops", "pin_account", other, account_id=acme, effective_from="2026-03-01", comment="Key account.")
    places = {("Acme", "FRANCE", "rule", START, "2026-03-01"), ("Acme", "KEY", "pin", "2026-03-01", None)}
    assert await design.places(model) == places
    outcome = await design.apply(model, effective_from="2026-02-01")
    assert (outcome["assigned"], outcome["changed"]) == (1, 0)
    assert await design.places(model) == places
    assert (await design.apply(model, effective_from="2026-04-01"))["pinned"] == 1
    assert await design.places(model) == places


async def test_an_account_no_longer_pinned_goes_where_the_rules_say(company: Any, design: Any) -> None:
    acme = await design.account("Acme", country="FR")
    model = await design.model()
    france = await design.territory(model, "FRANCE", rule={"countries": ["FR"]})
    key = await design.territory(model, "KEY")
    await company.do("ops", "pin_account", key, account_id=acme)
    await company.do("ops", "unpin_account", key, account_id=acme, effective_from="2026-06-01")
    assert await design.places(model) == {
        ("Acme", "KEY", "pin", START, "2026-06-01"),
        ("Acme", "FRANCE", "rule", "2026-06-01", None),
    }
    with pytest.raises(DomainError) as caught:
        await company.do("ops", "unpin_account", france, account_id=acme)
    assert caught.value.code == "account_not_pinned"


async def test_a_model_in_force_takes_in_new_accounts_without_rewriting_its_past(company: Any, design: Any) -> None:
    await design.account("Acme", country="FR")
    model = await design.model()
    await design.territory(model, "FRANCE", rule={"countries": ["FR"]})
    await design.apply(model)
    await design.activate(model)
    await company.do("ops", "update_account", design.accounts["Acme"], country="DE")
    await design.account("Beta", country="FR")
    await design.apply(model, effective_from="2026-05-01")
    assert await design.places(model) == {
        ("Acme", "FRANCE", "rule", START, "2026-05-01"),
        ("Beta", "FRANCE", "rule", "2026-05-01", None),
    }


async def test_accounts_are_not_placed_in_a_model_under_review(company: Any, design: Any) -> None:
    acme = await design.account("Acme", country="FR")
    model = await design.model()
    france = await design.territory(model, "FRANCE", rule={"countries": ["FR"]})
    await design.approve(model)
    for name, subject, body in (
        ("apply_territory_rules", model, {}),
        ("pin_account", france, {"account_id": acme}),
        ("unpin_account", france, {"account_id": acme}),
    ):
        with pytest.raises(DomainError) as caught:
            await company.do("ops", name, subject, **body)
        assert caught.value.code == "immutable"


async def test_figures_of_a_territory_add_up_its_accounts_in_the_organisations_currency(
    company: Any, design: Any
) -> None:
    await design.account("Acme", country="FR", potential="100.50", owner_id=company.sellers["bob"])
    await design.account("Beta", country="FR", potential="50", owner_id=company.sellers["dan"])
    await design.account("Dollar", country="FR", potential="7", currency="USD")
    model = await design.model(starts_on="2026-01-01")
    france = await design.territory(model, "FRANCE", rule={"countries": ["FR"]})
    await design.apply(model)
    seen = await company.one("viewer", "territory", france)
    assert (seen["account_count"], seen["accounts_in_other_currencies"]) == (3, 1)
    assert seen["potential"] == {"amount": "150.50", "currency": "EUR"}
    members = (await company.one("ops", "territory", france, include="members"))["members"]["items"]
    assert [row["name"] for row in members] == ["Acme", "Beta", "Dollar"]
    # A manager sees the accounts of its line, and their memberships, only.
    seen = await company.one("ada", "territory", france, include="members,memberships")
    assert [row["name"] for row in seen["members"]["items"]] == ["Acme"]
    assert [row["account_id"] for row in seen["memberships"]["items"]] == [str(design.accounts["Acme"])]


async def test_an_account_shows_its_territory_of_the_model_in_force(company: Any, design: Any) -> None:
    acme = await design.account("Acme", country="FR")
    draft, model = await design.model("DRAFT"), await design.model("WORLD")
    for each in (draft, model):
        await design.territory(each, "FRANCE", rule={"countries": ["FR"]})
        await design.apply(each)
    assert (await company.one("ops", "account", acme, include="territory"))["territory"] is None
    await design.activate(model)
    seen = (await company.one("ops", "account", acme, include="territory"))["territory"]
    assert (seen["code"], seen["model_id"]) == ("FRANCE", str(model))


COUNTRIES = ("FR", "DE", "ES")
# Few days, so that steps often fall on the same one.
LAST = 3
RULES = st.fixed_dictionaries(
    {
        "countries": st.lists(st.sampled_from(COUNTRIES), max_size=2, unique=True),
        "min_employees": st.none() | st.integers(0, 3),
    }
)
TERRITORIES = st.lists(st.tuples(RULES, st.integers(0, 2)), min_size=1, max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), st.integers(1, LAST)),
        st.tuples(st.just("pin"), st.integers(1, LAST), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("unpin"), st.integers(1, LAST), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("move"), st.sampled_from(COUNTRIES), st.integers(0, 3)),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TERRITORIES, STEPS)
async def test_rules_and_pins_in_any_order_agree_with_the_rule_read_aloud(
    company: Any, design: Any, territories: Any, steps: Any
) -> None:
    """After the last application each account is, from that day on, where a naive reading puts it."""
    case = await design.model(f"M{design.next_case()}")
    ids = [await design.territory(case, f"T{n}", rule=rule, priority=p) for n, (rule, p) in enumerate(territories)]
    facts = [{"country": COUNTRIES[n % 3], "employees": n} for n in range(4)]
    accounts = [await design.account(f"{design.case}-{n}", **fact) for n, fact in enumerate(facts)]
    for step in [*steps, ("apply", LAST)]:
        kind, *values = step
        try:
            if kind == "apply":
                await design.apply(case, effective_from=f"2026-0{values[0]}-01")
            elif kind == "move":
                facts[values[1]]["country"] = values[0]
                await company.do("ops", "update_account", accounts[values[1]], country=values[0])
            else:
                await company.do(
                    "ops",
                    f"{kind}_account",
                    ids[values[1] % len(ids)],
                    account_id=accounts[values[2]],
                    effective_from=f"2026-0{values[0]}-01",
                )
        except DomainError as error:
            if (kind, error.code) != ("unpin", "account_not_pinned"):
                raise
    rows = await company.page("ops", "territory_membership", ("model_id", str(case)), ("limit", "200"))
    for account, fact in zip(accounts, facts, strict=True):
        mine = [row for row in rows if row["account_id"] == str(account)]
        now = [row for row in mine if row["effective_from"] <= f"2026-0{LAST}-01" and not row["effective_to"]]
        pins = [row for row in now if row["source"] == "pin"]
        expected = pins[0]["territory_id"] if pins else naive(territories, ids, fact)
        assert [row["territory_id"] for row in now] == ([expected] if expected else [])
        ordered = sorted(mine, key=lambda row: row["effective_from"])
        for before, after in pairwise(ordered):
            assert before["effective_to"] is not None
            assert before["effective_to"] <= after["effective_from"]


def naive(territories: Any, ids: Any, fact: Any) -> str | None:
    matches = []
    for (rule, priority), territory in zip(territories, ids, strict=True):
        given = rule["countries"] or rule["min_employees"] is not None
        in_country = not rule["countries"] or fact["country"] in rule["countries"]
        if given and in_country and fact["employees"] >= (rule["min_employees"] or 0):
            matches.append((priority, ids.index(territory), str(territory)))
    return min(matches)[2] if matches else None
