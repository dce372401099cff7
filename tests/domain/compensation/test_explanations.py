"""A line explains itself: component, bands, quota, deals with their cents, and why each deal was credited."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk
from tests.domain.compensation.test_balances import clawbacks, give_back, replan
from tests.domain.compensation.test_crediting import account, decide
from tests.domain.compensation.test_crediting import sell as sell_to


async def line_of(desk: Desk, run: Any, seller: str = "sam", who: str = "finance") -> Any:
    (line,) = await desk.items(who, "/v1/earnings", run_id=run["id"], seller_id=desk.world.sellers[seller])
    return line


async def explained(desk: Desk, line: Any, who: str = "sam", **params: Any) -> Any:
    return await desk.world.get(who, f"/v1/earning-explanations/{line['id']}", **params)


def total(tree: Any) -> Decimal:
    brought = sum((Decimal(deal["amount"]) for deal in tree["parts"]["deals"]), Decimal(0))
    return brought + Decimal(tree["parts"]["without_deal"])


async def test_a_line_is_one_tree_from_its_cents_to_rule_and_assignment(desk: Desk) -> None:
    at = await account(desk)
    first = await desk.sell("2026-01-10", "100000.33", "sam")
    owned = (await sell_to(desk, "2026-02-10", "40000", account_id=at))["id"]
    shared = await desk.sell("2026-02-11", "100", "sam", "sue", shares=("0.25", "0.75"))
    decided = await sell_to(desk, "2026-02-12", "10", account_id=at)
    await decide(desk, decided, "instead", sam="0.5", sue="0.5")
    run = await desk.posted("2026-Q1")
    line = await line_of(desk, run)
    tree = await explained(desk, line)

    assert {name: tree[name] for name in line} == line
    assert (tree["plan_code"], tree["plan_version"]) == ("AE-2026", 1)
    assert all(sentence["en"] and sentence["fr"] for sentence in tree["in_words"])
    (quota,) = tree["quotas"]
    assert (quota["in_window"], quota["to_date"]) == ("120000.00", "30000.00")
    deals = tree["parts"]["deals"]
    assert [deal["transaction_id"] for deal in deals] == [first, owned, shared, decided["id"]]
    assert total(tree) == Decimal(line["amount"]["amount"]) == Decimal(tree["parts"]["amount"])
    assert [(deal["amount"], deal["credited"]) for deal in deals[:2]] == [
        ("5000.02", "100000.33"),
        ("3000.01", "40000.00"),
    ]

    rules = [deal["credits"][0] for deal in deals]
    assert [credit["rule"] for credit in rules] == ["explicit_split", "account_owner", "explicit_split", "manual"]
    assert [len(deal["credits"]) for deal in deals] == [1, 1, 1, 1]
    assert (rules[1]["source"], rules[1]["source_id"], rules[1]["rule_id"]) == ("Acme", at, desk.rules["account_owner"])
    assert (rules[1]["rule_name"], rules[1]["seller_id"]) == ("account_owner", desk.world.sellers["sam"])
    assert [credit["share"] for credit in rules] == ["1.00", None, "0.25", "0.50"]
    assert rules[3]["source"] == "Agreed with both."
    assert deals[1]["account"] == "Acme"


async def test_deals_are_paged_and_the_sums_stay_whole(desk: Desk) -> None:
    sales = [await desk.sell(f"2026-01-{day:02}", "1000", "sam") for day in range(10, 15)]
    line = await line_of(desk, await desk.posted("2026-Q1"))
    pages = [await explained(desk, line, deals=2, skip=skip) for skip in (0, 2, 4)]
    shown = [deal["transaction_id"] for page in pages for deal in page["parts"]["deals"]]
    assert shown == sales
    assert {(page["parts"]["count"], page["parts"]["amount"]) for page in pages} == {(5, "250.00")}


async def test_a_manager_sees_whose_credits_a_team_line_counts(desk: Desk) -> None:
    team = {
        **COMMISSION,
        "code": "TEAM",
        "measure": {"of": "revenue", "whose": "team"},
        "window": {"over": "year", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.01"}},
    }
    await desk.publish("TEAM-2026", components=[team], takes_part=("mona",))
    sale = await desk.sell("2026-01-10", "1000", "sam", "sue", shares=("0.5", "0.5"))
    tree = await explained(desk, await line_of(desk, await desk.posted("2026-Q1"), "mona"), "finance")
    (deal,) = tree["parts"]["deals"]
    assert (deal["transaction_id"], deal["amount"]) == (sale, "10.00")
    assert {credit["seller_id"] for credit in deal["credits"]} == {desk.world.sellers["sam"], desk.world.sellers["sue"]}


async def test_graphql_and_statement_and_transaction_lead_to_the_same_tree(desk: Desk) -> None:
    sale = await desk.sell("2026-01-10", "1000", "sam")
    run = await desk.posted("2026-Q1")
    line = await line_of(desk, run)
    query = """query($id: ID!) { earningExplanation(id: $id, deals: 5) {
        amount { amount currency } inWords { en fr } quotas { inWindow }
        parts { count deals { transactionId amount credits { rule source } } } } }"""
    answer = await desk.world.graphql("sam", query, id=line["id"])
    assert "errors" not in answer, answer
    assert answer["data"]["earningExplanation"]["parts"]["deals"] == [
        {"transactionId": sale, "amount": "50.00", "credits": [{"rule": "EXPLICIT_SPLIT", "source": None}]}
    ]
    tree = await explained(desk, line)
    statement = await desk.statement("sam", run, "sam")
    whole = await desk.world.get("sam", f"/v1/statements/{statement['id']}", include="explanations")
    assert whole["explanations"]["items"] == [tree]
    (payout,) = await desk.items("sam", "/v1/transaction-payouts", transaction_id=sale, include="explanation")
    assert payout["explanation"] == tree


async def test_only_those_who_see_the_pay_see_its_explanation(desk: Desk) -> None:
    await desk.sell("2026-01-10", "1000", "sam")
    line = await line_of(desk, await desk.posted("2026-Q1"))
    assert (await explained(desk, line, "finance"))["id"] == line["id"]
    for who in ("sue", "olga"):
        answer = await desk.world.client(who).get(f"/v1/earning-explanations/{line['id']}")
        assert answer.status_code == 404
    calculated = await desk.calculate("2026-Q2")
    unposted = await line_of(desk, calculated)
    answer = await desk.world.client("sam").get(f"/v1/earning-explanations/{unposted['id']}")
    assert answer.status_code == 404


async def test_a_formula_shows_the_figures_that_each_window_read(desk: Desk) -> None:
    accelerator = {
        **COMMISSION,
        "code": "ACC",
        "window": {"over": "quarter", "quota": "window", "paid": "each_period"},
        "rate": {"formula": {"text": "measured * share + (EUR(100) if attainment >= 1 else 0) + earned_BASE * 0"}},
        "limits": [{"kind": "cap", "per": "window", "amount": "2000"}],
    }
    base = {**COMMISSION, "code": "BASE", "window": {"over": "year", "quota": "window", "paid": "never"}}
    constants = [{"name": "share", "unit": "number", "value": "0.05", "label": "the share"}]
    await desk.publish("FORMULA", components=[accelerator, base], takes_part=("sue",), constants=constants)
    await desk.sell("2026-01-10", "12000.33", "sue")
    await desk.sell("2026-05-10", "60000", "sue")
    run = await desk.posted("2026-Q2")
    lines = await desk.items("finance", "/v1/earnings", run_id=run["id"], seller_id=desk.world.sellers["sue"])
    (line,) = [row for row in lines if row["component_code"] == "ACC" and row["kind"] == "base"]
    tree = await explained(desk, line, "finance")
    assert tree["formula"]["text"] == "measured * share + (EUR(100) if attainment >= 1 else EUR(0)) + earned_BASE * 0"
    assert "the measure times the share" in tree["formula"]["in_words"]["en"]
    assert "la mesure fois" in tree["formula"]["in_words"]["fr"]
    first, second = tree["workings"]
    assert [(f["name"], f["unit"], f["value"], f["in_words"]["en"]) for f in second["figures"]] == [
        ("attainment", "ratio", "2.00", "attainment"),
        ("earned_BASE", "amount", "0.00", "what is earned of BASE"),
        ("measured", "amount", "60000.00", "the measure"),
    ]
    assert (first["window_start"], first["computed"], first["earned"]) == ("2026-01-01", "600.0165", "600.02")
    assert (second["window_start"], second["computed"], second["earned"]) == ("2026-04-01", "3100.00", "2000.00")


STOOD = {
    **COMMISSION,
    "code": "DEALS",
    "window": {"over": "transaction", "paid": "each_period"},
    "rate": {
        "tiers": COMMISSION["rate"]["tiers"]
        | {"input": {"figure": "attainment", "component": "YEAR", "standing": "with_deal"}}
    },
    "limits": [],
}
YEAR = {**COMMISSION, "code": "YEAR", "window": {"over": "year", "quota": "window", "paid": "never"}}


async def deals_line(desk: Desk, run: Any, kind: str = "base") -> Any:
    lines = await desk.items("finance", "/v1/earnings", run_id=run["id"], kind=kind)
    (line,) = [row for row in lines if row["component_code"] == "DEALS"]
    return line


async def test_a_deal_shows_where_the_year_stood_and_the_tiers_it_was_cut_at(desk: Desk) -> None:
    await desk.publish("DEALS", components=[STOOD, YEAR], takes_part=("sue",))
    sold = [await desk.sell(*sale, "sue") for sale in (("2026-01-10", "100000"), ("2026-02-10", "40000"))]
    sold.append(await desk.sell("2026-03-10", "1000", "sue"))
    run = await desk.posted("2026-Q1")
    line = await deals_line(desk, run)
    tree = await explained(desk, line, "finance")
    assert (tree["formula"], tree["workings"]) == (None, [])
    told = {deal["transaction_id"]: (deal["amount"], deal["working"]) for deal in tree["parts"]["deals"]}
    assert [told[sale][0] for sale in sold] == ["5000.00", "3000.00", "100.00"]
    _, working = told[sold[1]]
    assert [(f["name"], f["value"], f["in_words"]["en"]) for f in working["figures"]] == [
        ("attainment_YEAR_with_deal", "1.166667", "attainment of YEAR as it stood with the deal")
    ]
    cut = [(part["ordinal"], part["value"], part["amount"], part["earned"]) for part in working["slices"]]
    assert cut == [(1, "0.05", "20000.00", "1000.00"), (2, "0.10", "20000.00", "2000.00")]
    assert total(tree) == Decimal(line["amount"]["amount"]) == Decimal("8100")


async def test_a_deal_that_came_late_moves_those_after_it_and_each_shows_what_it_brought(desk: Desk) -> None:
    await desk.publish("DEALS", components=[STOOD, YEAR], takes_part=("sue",))
    first = await desk.sell("2026-02-10", "110000", "sue")
    second = await desk.sell("2026-03-10", "20000", "sue")
    line = await deals_line(desk, await desk.posted("2026-Q1"))
    assert line["amount"]["amount"] == "7000.00"  # 5,500; and 500 below quota with 1,000 above it
    late = await desk.sell("2026-01-10", "20000", "sue")
    line = await deals_line(desk, await desk.posted("2026-Q2"), "true_up")
    tree = await explained(desk, line, "finance")
    # The first is cut at the quota now: 5,000 and 1,000; the second earns 10 % on all of it.
    brought = {deal["transaction_id"]: deal["amount"] for deal in tree["parts"]["deals"]}
    assert brought == {late: "1000.00", first: "500.00", second: "500.00"}
    assert (line["amount"]["amount"], tree["parts"]["without_deal"]) == ("2000.00", "0.00")


async def test_a_returned_deal_gives_back_what_it_earned_at_the_tier_of_its_day(desk: Desk) -> None:
    await replan(desk, components=[STOOD | {"clawback": {"method": "full", "days": 90}}, YEAR])
    await desk.sell("2026-02-10", "110000", "sam")
    returned = await desk.sell("2026-03-10", "20000", "sam")
    await desk.sell("2026-03-11", "1000", "sam")
    await desk.posted("2026-Q1")
    await give_back(desk, returned, "2026-04-20", "-10000")
    await desk.posted("2026-Q2")
    # Half of what it earned: 500 below the quota, 1,000 above.
    assert await clawbacks(desk) == ["750.00"]
