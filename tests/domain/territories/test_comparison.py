"""Two models side by side: their figures, territories, and every account that moves; and who covered what when."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture
async def season(company: Any, design: Any) -> dict[str, UUID]:
    """In force: FRANCE (Bob) and GERMANY (Cleo). Drafted for 2030: FRANCE (Bob), SPAIN (Cleo), and Dupont goes east."""
    for name, country, potential, currency in (
        ("Airbus", "FR", "100", "EUR"),
        ("Dupont", "FR", "50", "EUR"),
        ("Bayer", "DE", "30", "EUR"),
        ("Zara", "ES", "20", "EUR"),
        ("Dollar", "FR", "7", "USD"),
        ("Nowhere", "US", "1", "EUR"),
    ):
        await design.account(
            name, country=country, potential=potential, currency=currency, owner_id=company.sellers["bob"]
        )
    now = await design.model("NOW", "2026-01-01")
    france = await design.territory(now, "FRANCE", rule={"countries": ["FR"]})
    germany = await design.territory(now, "GERMANY", rule={"countries": ["DE"]})
    await design.apply(now)
    await design.cover(france, "bob")
    await design.cover(germany, "cleo")
    await design.activate(now)
    draft = await design.model("NEXT", "2030-01-01")
    top = await design.territory(draft, "EUROPE")
    sellers = company.sellers
    placed = {}
    for code, seller, countries in (("FRANCE", "bob", ["FR"]), ("SPAIN", "cleo", ["ES", "DE"])):
        placed[code] = await design.territory(
            draft, code, parent_id=top, rule={"countries": countries}, planned_seller_id=sellers[seller]
        )
    await company.do("ops", "pin_account", placed["SPAIN"], account_id=design.accounts["Dupont"])
    await design.apply(draft)
    return {"now": now, "draft": draft}


async def test_two_models_show_their_figures_side_by_side(company: Any, season: dict[str, UUID]) -> None:
    visits = [{"channel": "visit", "share": "1"}]
    await company.do("ops", "create_cadence_policy", name="Fivefold", interval_days=73, channel_mix=visits)
    asked = (("model_id", str(season["draft"])), ("with_id", str(season["now"])))
    rows = {row["side"]: row for row in await company.page("ops", "territory_model_comparison", *asked)}
    model, other = rows["model"], rows["with"]
    assert (model["id"], other["id"]) == (str(season["draft"]), str(season["now"]))
    assert (model["day"], model["territory_count"], model["seller_count"]) == ("2030-01-01", 2, 2)
    assert (model["accounts_placed"], model["accounts_unplaced"]) == (5, 1)
    assert (other["accounts_placed"], other["accounts_unplaced"]) == (4, 2)
    assert (model["potential"], model["accounts_in_other_currencies"]) == ({"amount": "200.00", "currency": "EUR"}, 1)
    balance = {entry["measure"]: entry for entry in model["balance"]}
    # FRANCE holds 100, SPAIN 30 + 20 + 50.
    assert balance["potential"] == {
        "measure": "potential", "total": "200.00", "mean": "100.00", "smallest": "100.00", "largest": "100.00",
        "max_deviation": "0.00", "mean_deviation": "0.00", "gini": "0.00",
    }  # fmt: skip
    assert (balance["accounts"]["max_deviation"], balance["accounts"]["gini"]) == ("0.20", "0.10")
    assert balance["annual_revenue"]["gini"] is None
    assert [balance["workload"][name] for name in ("total", "smallest", "largest")] == ["25.00", "10.00", "15.00"]


async def test_without_being_told_the_next_model_is_compared_with_the_one_in_force(
    company: Any, season: dict[str, UUID]
) -> None:
    rows = await company.page("ops", "territory_model_comparison")
    assert {row["side"]: row["id"] for row in rows} == {"model": str(season["draft"]), "with": str(season["now"])}


async def test_territories_are_compared_by_their_codes(company: Any, season: dict[str, UUID]) -> None:
    rows = await company.page("ops", "territory_comparison", ("model_id", str(season["draft"])))
    fields = ("accounts_before", "accounts_after", "accounts_kept", "accounts_gained", "accounts_lost")
    found = {
        row["code"]: [row[name] for name in fields]
        + [row["potential_before"]["amount"], row["potential_after"]["amount"]]
        for row in rows
    }
    assert found == {
        "EUROPE": [0, 0, 0, 0, 0, "0.00", "0.00"],
        "FRANCE": [3, 2, 2, 0, 1, "150.00", "100.00"],
        "GERMANY": [1, 0, 0, 0, 1, "30.00", "0.00"],
        "SPAIN": [0, 3, 0, 3, 0, "0.00", "100.00"],
    }
    gone = next(row for row in rows if row["code"] == "GERMANY")
    assert gone["territory_id"] is None
    assert gone["with_territory_id"] == gone["id"]


async def test_every_account_that_moves_is_listed_with_its_sellers(
    company: Any, design: Any, season: dict[str, UUID]
) -> None:
    asked = ("model_id", str(season["draft"]))
    rows = await company.page("ops", "territory_move", asked)
    names = {str(id): name for name, id in company.sellers.items()} | {None: None}
    found = {
        row["account_name"]: (
            row["from_code"],
            row["to_code"],
            names[row["from_seller_id"]],
            names[row["to_seller_id"]],
            row["territory_changes"],
            row["seller_changes"],
        )
        for row in rows
    }
    assert found == {
        "Bayer": ("GERMANY", "SPAIN", "cleo", "cleo", True, False),
        "Dupont": ("FRANCE", "SPAIN", "bob", "cleo", True, True),
        "Zara": (None, "SPAIN", None, "cleo", True, True),
    }
    assert len(await company.page("ops", "territory_move", asked, ("seller_changes", "true"))) == 2
    assert await company.page("dan", "territory_move", asked) == []
    assert [row["account_name"] for row in await company.page("cleo", "territory_move", asked)] == sorted(found)
    assert len(await company.page("ops", "territory_move", asked, ("limit", "1"), ("sort", "-potential"))) == 1


LOADS = st.lists(st.integers(0, 50), min_size=1, max_size=7)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LOADS)
async def test_balance_agrees_with_its_definition(company: Any, design: Any, loads: list[int]) -> None:
    model = await design.model(f"M{design.next_case()}", "2026-01-01")
    async with company.operations.transaction(company.actors["ops"]) as tx:
        await tx.execute("delete from territory_membership where org_id = :org_id")
    for n, load in enumerate(loads):
        code = f"T{n}"
        account = await design.account(f"{design.case}-{n}", potential=str(load))
        await company.do("ops", "pin_account", await design.territory(model, code), account_id=account)
    rows = await company.page("ops", "territory_model_comparison", ("model_id", str(model)))
    (row,) = (row for row in rows if row["side"] == "model")
    balance = next(entry for entry in row["balance"] if entry["measure"] == "potential")
    total, mean = sum(loads), Decimal(sum(loads)) / len(loads)
    if not total:
        assert (balance["max_deviation"], balance["gini"]) == (None, None)
        return
    away = [abs(load - mean) / mean for load in loads]
    pairs = sum(abs(a - b) for a in loads for b in loads)
    expected = (max(away), sum(away, Decimal(0)) / len(away), Decimal(pairs) / (2 * len(loads) * total))
    found = (balance["max_deviation"], balance["mean_deviation"], balance["gini"])
    assert all(abs(Decimal(a) - b) <= Decimal("0.000002") for a, b in zip(found, expected, strict=True))


async def test_who_covered_an_account_is_known_for_every_day_over_all_models(company: Any, design: Any) -> None:
    acme = await design.account("Acme", country="FR", owner_id=company.sellers["bob"])
    first = await design.model("A", "2026-01-01")
    old = await design.territory(first, "OLD", rule={"countries": ["FR"]})
    await design.apply(first)
    await design.cover(old, "bob", "0.6", effective_to="2026-04-01")
    await design.cover(old, "cleo", "0.4")
    await design.activate(first)
    second = await design.model("B", "2026-06-01")
    new = await design.territory(second, "NEW")
    await company.do("ops", "pin_account", new, account_id=acme, comment="Key account.")
    await design.cover(new, "dan", start="2026-06-01")
    await design.activate(second, supersede=True)

    async def on(day: str, who: str = "ops") -> Any:
        rows = await company.page(who, "account_coverage", ("account_id", str(acme)), ("as_of", day))
        return [(row["territory_code"], [(s["name"], s["share"]) for s in row["sellers"]]) for row in rows]

    assert await on("2025-12-31") == []
    assert await on("2026-03-31") == [("OLD", [("bob", "0.60"), ("cleo", "0.40")])]
    assert await on("2026-05-31") == [("OLD", [("cleo", "0.40")])]
    assert await on("2026-06-01") == [("NEW", [("dan", "1.00")])]
    assert await on("2026-06-01", "dan") == await on("2026-06-01")
    assert await on("2026-05-31", "dan") == []
    (row,) = (await company.one("ops", "account", acme, include="coverage"))["coverage"]["items"]
    assert (row["source"], row["reason"]["comment"], row["since"]) == ("pin", "Key account.", "2026-06-01")
    (row,) = await company.page("ops", "account_coverage", ("as_of", "2026-02-01"))
    assert (row["since"], row["until"]) == ("2026-01-01", "2026-06-01")
    for seller, count in (("bob", 1), ("dan", 0)):
        asked = (("as_of", "2026-02-01"), ("seller_id", str(company.sellers[seller])))
        assert len(await company.page("ops", "account_coverage", *asked)) == count
