"""Who is credited: dated rules in order, overlays and specialists, decisions with a reason, dated owners."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk


async def account(desk: Desk, name: str = "Acme", owner: str | None = "sam", **more: Any) -> str:
    owner_id = desk.world.sellers[owner] if owner else None
    made = await desk.world.post("sales_ops", "/v1/accounts", {"name": name, "owner_id": owner_id, **more})
    return str(made["id"])


async def product(desk: Desk, code: str = "P1", **more: Any) -> str:
    body = {"code": code, "name": code, "effective_from": "2020-01-01", **more}
    return str((await desk.world.post("sales_ops", "/v1/products", body))["id"])


async def sell(desk: Desk, day: str, amount: str, expect: int | None = None, **more: Any) -> Any:
    body = {"kind": "booking", "transaction_date": day, "amount": {"amount": amount, "currency": "EUR"}, **more}
    return await desk.world.post("comp_admin", "/v1/transactions", body, expect=expect)


async def credited(desk: Desk, sale: Any, period: str = "2026-Q1") -> list[tuple[str, str, str, str]]:
    """Seller, role, rule and amount of everybody credited for a sale by a new run."""
    run = await desk.calculate(period)
    names = {id: name for name, id in desk.world.sellers.items()}
    found = await desk.items("finance", "/v1/credits", run_id=run["id"], transaction_id=sale["id"])
    return sorted((names[c["seller_id"]], c["role"], c["rule"], c["amount"]["amount"]) for c in found)


async def lost(desk: Desk, sale: Any) -> list[tuple[str, str, str | None]]:
    """Seller, reason and rule of everybody who lost in the newest run."""
    run = (await desk.items("finance", "/v1/compensation-runs", sort="-created_at"))[0]
    names = {id: name for name, id in desk.world.sellers.items()}
    found = await desk.items("finance", "/v1/run-findings", run_id=run["id"], kind="lost", transaction_id=sale["id"])
    return sorted((names[f["seller_id"]], f["reason"], f["rule"]) for f in found)


async def overlay(desk: Desk, rule: str, seller: str, share: str, expect: int | None = None, **place: Any) -> Any:
    body = {"rule_id": rule, "seller_id": desk.world.sellers[seller], "share": share, "effective_from": "2026-01-01"}
    return await desk.world.post("comp_admin", "/v1/overlay-assignments", {**body, **place}, expect=expect)


async def decide(desk: Desk, sale: Any, mode: str, expect: int | None = None, **shares: str) -> Any:
    splits = [{"seller_id": desk.world.sellers[name], "share": share} for name, share in shares.items()]
    body = {"transaction_id": sale["id"], "mode": mode, "reason": "Agreed with both.", "splits": splits}
    return await desk.world.post("comp_admin", "/v1/manual-credits", body, expect=expect)


async def pay_overlays(desk: Desk) -> None:
    """Sue is paid on what she is credited as an overlay."""
    measured = {**COMMISSION, "code": "OVERLAY", "measure": {"of": "revenue", "whose": "overlay"}}
    await desk.publish("OVERLAY", components=[measured], takes_part=("sue",))


def problem(answer: Any) -> tuple[str, list[str]]:
    return answer["code"], [error["pointer"] for error in answer.get("errors", [])]


async def test_the_first_rule_that_names_somebody_credits_and_the_others_are_listed(desk: Desk) -> None:
    at = await account(desk)
    split = [{"seller_id": desk.world.sellers["sue"], "share": "1"}]
    sale = await sell(desk, "2026-02-10", "1000.00", account_id=at, splits=split)
    assert await credited(desk, sale) == [("sue", "direct", "explicit_split", "1000.00")]
    assert await lost(desk, sale) == [("sam", "lower_precedence", "account_owner")]


async def test_a_rule_holds_for_transactions_of_its_dates(desk: Desk) -> None:
    path = f"/v1/crediting-rules/{desk.rules['account_owner']}"
    await desk.change("comp_admin", path, effective_to="2026-02-01")
    at = await account(desk)
    before, after = [await sell(desk, day, "10.00", account_id=at) for day in ("2026-01-31", "2026-02-01")]
    assert await credited(desk, before) == [("sam", "direct", "account_owner", "10.00")]
    run = (await desk.items("finance", "/v1/compensation-runs"))[0]
    (found,) = await desk.items("finance", "/v1/run-findings", run_id=run["id"], transaction_id=after["id"])
    assert (found["kind"], found["reason"]) == ("uncredited", "no_rule_applies")


async def test_a_rule_can_be_for_some_products_and_segments_only(desk: Desk) -> None:
    world = desk.world
    hardware = await product(desk, "HW", family="hardware")
    software = await product(desk, "SW", family="software")
    body = {"code": "FR", "name": "France", "rule": {"countries": ["FR"]}}
    segment = (await world.post("sales_ops", "/v1/segments", body))["id"]
    only: dict[str, Any] = {"product_families": ["hardware"], "segments": [segment]}
    await desk.change("comp_admin", f"/v1/crediting-rules/{desk.rules['account_owner']}", **only)
    french, german = await account(desk, country="FR"), await account(desk, "Bolt", country="DE")
    sales = [
        await sell(desk, "2026-01-05", "10.00", account_id=at, product_id=sold)
        for at, sold in ((french, hardware), (french, software), (german, hardware), (french, None))
    ]
    found = [await credited(desk, sales[0])]
    run = (await desk.items("finance", "/v1/compensation-runs"))[0]
    for sale in sales[1:]:
        found.append(await desk.items("finance", "/v1/credits", run_id=run["id"], transaction_id=sale["id"]))
    assert found == [[("sam", "direct", "account_owner", "10.00")], [], [], []]


async def test_two_rules_of_a_precedence_do_not_hold_at_a_date(desk: Desk) -> None:
    body = {"code": "X", "name": "X", "kind": "explicit_split", "precedence": 10, "effective_from": "2026-06-01"}
    refused = await desk.world.post("comp_admin", "/v1/crediting-rules", body, expect=409)
    assert refused["code"] == "period_overlap"
    turned = {**body, "effective_to": "2026-05-01"}
    refused = await desk.world.post("comp_admin", "/v1/crediting-rules", turned, expect=422)
    assert problem(refused) == ("invalid_input", ["/effective_to"])


async def test_a_rule_that_credited_somebody_is_ended_and_not_deleted(desk: Desk) -> None:
    sale = await sell(desk, "2026-01-05", "10.00", account_id=await account(desk))
    assert await credited(desk, sale) == [("sam", "direct", "account_owner", "10.00")]
    path = f"/v1/crediting-rules/{desk.rules['account_owner']}"
    client = desk.world.client("comp_admin")
    tag = (await client.get(path)).headers["etag"]
    refused = await client.delete(path, headers={"if-match": tag})
    assert (refused.status_code, refused.json()["code"]) == (409, "still_referenced")


async def test_an_overlay_is_credited_beside_the_direct_credit(desk: Desk) -> None:
    rules = await desk.credit_by("named_overlay", since="2026-01-02", precedence=50)
    at = await account(desk)
    await overlay(desk, rules["named_overlay"], "sue", "0.4", account_id=at)
    await pay_overlays(desk)
    sale = await sell(desk, "2026-02-10", "1000.00", account_id=at)
    assert await credited(desk, sale) == [
        ("sam", "direct", "account_owner", "1000.00"),
        ("sue", "overlay", "named_overlay", "400.00"),
    ]


async def test_a_territory_overlay_covers_what_is_below_the_territory(desk: Desk) -> None:
    world = desk.world
    rules = await desk.credit_by("named_overlay", since="2026-01-02", precedence=50)
    at = await account(desk)
    body = {"code": "M", "name": "M", "starts_on": "2026-01-01", "ends_on": "2027-01-01"}
    model = (await world.post("sales_ops", "/v1/territory-models", body))["id"]
    region = {"code": "REGION", "name": "Region", "model_id": model}
    region_id = (await world.post("sales_ops", "/v1/territories", region))["id"]
    north = {"code": "NORTH", "name": "North", "model_id": model, "parent_id": region_id}
    north_id = (await world.post("sales_ops", "/v1/territories", north))["id"]
    await world.post("sales_ops", f"/v1/territories/{north_id}/pin", {"account_id": at})
    path = f"/v1/territory-models/{model}"
    for who, action in (
        ("sales_ops", "submit"),
        ("admin", "review"),
        ("finance", "approve"),
        ("sales_ops", "activate"),
    ):
        await world.post(who, f"{path}/{action}")
    await overlay(desk, rules["named_overlay"], "sue", "1", territory_id=region_id)
    await pay_overlays(desk)
    sale = await sell(desk, "2026-02-10", "1000.00", account_id=at)
    assert ("sue", "overlay", "named_overlay", "1000.00") in await credited(desk, sale)


async def test_a_specialist_named_for_product_and_family_is_credited_once(desk: Desk) -> None:
    rule = (await desk.credit_by("product_specialist", since="2026-01-02", precedence=50))["product_specialist"]
    sold = await product(desk, "HW", family="hardware")
    await overlay(desk, rule, "sue", "1", product_family="hardware")
    await overlay(desk, rule, "sue", "0.3", product_id=sold)
    await pay_overlays(desk)
    sale = await sell(desk, "2026-02-10", "1000.00", account_id=await account(desk), product_id=sold)
    assert ("sue", "overlay", "product_specialist", "300.00") in await credited(desk, sale)
    assert await lost(desk, sale) == [("sue", "named_twice", "product_specialist")]


async def test_an_overlay_names_one_place_of_its_rule(desk: Desk) -> None:
    rules = await desk.credit_by("named_overlay", since="2026-01-02", precedence=50)
    rules |= await desk.credit_by("product_specialist", since="2026-01-02", precedence=60)
    at, sold = await account(desk), await product(desk)
    direct = desk.rules["account_owner"]
    for rule, place, pointer in (
        (direct, {"account_id": at}, "/rule_id"),
        (rules["named_overlay"], {"product_id": sold}, "/account_id"),
        (rules["product_specialist"], {"account_id": at}, "/product_id"),
    ):
        refused = await overlay(desk, rule, "sue", "1", expect=422, **place)
        assert problem(refused) == ("not_an_overlay_rule", [pointer])
    both = {"product_id": sold, "product_family": "x"}
    refused = await overlay(desk, rules["product_specialist"], "sue", "1", expect=422, **both)
    assert problem(refused) == ("invalid_input", ["/product_family"])
    await overlay(desk, rules["named_overlay"], "sue", "1", account_id=at)
    twice = await overlay(desk, rules["named_overlay"], "sue", "0.5", expect=409, account_id=at)
    assert twice["code"] == "period_overlap"


async def test_a_manual_credit_takes_the_place_of_the_rules_until_it_is_withdrawn(desk: Desk) -> None:
    sale = await sell(desk, "2026-02-10", "100.01", account_id=await account(desk))
    made = await decide(desk, sale, "instead", sam="0.333333", sue="0.666667")
    assert (made["reason"], made["withdrawn_at"]) == ("Agreed with both.", None)
    found = await credited(desk, sale)
    assert [row[:3] for row in found] == [("sam", "direct", "manual"), ("sue", "direct", "manual")]
    assert sum(Decimal(row[3]) for row in found) == Decimal("100.01")
    assert await lost(desk, sale) == [("sam", "lower_precedence", "account_owner")]
    assert (await decide(desk, sale, "instead", expect=409, sue="1"))["code"] == "credited_instead_already"
    body = {"comment": "It was another deal."}
    await desk.world.post("comp_admin", f"/v1/manual-credits/{made['id']}/withdraw", body)
    assert await credited(desk, sale) == [("sam", "direct", "account_owner", "100.01")]


async def test_a_manual_credit_beside_the_rules_adds_to_them(desk: Desk) -> None:
    sale = await sell(desk, "2026-02-10", "100.00", account_id=await account(desk))
    await decide(desk, sale, "in_addition", sue="0.2")
    assert await credited(desk, sale) == [
        ("sam", "direct", "account_owner", "100.00"),
        ("sue", "direct", "manual", "20.00"),
    ]


async def test_a_manual_credit_follows_the_transaction_when_it_is_corrected(desk: Desk) -> None:
    sale = await sell(desk, "2026-02-10", "100.00", account_id=await account(desk))
    await decide(desk, sale, "instead", sue="1")
    body = {"reason": "Typing error", "amount": {"amount": "200.00", "currency": "EUR"}}
    corrected = await desk.world.post("comp_admin", f"/v1/transactions/{sale['id']}/correct", body)
    assert await credited(desk, corrected) == [("sue", "direct", "manual", "200.00")]
    late = await decide(desk, sale, "overlay", expect=409, sue="1")
    assert late["code"] == "already_superseded"


async def test_shares_instead_of_the_rules_add_up_to_one(desk: Desk) -> None:
    sale = await sell(desk, "2026-02-10", "100.00")
    assert problem(await decide(desk, sale, "instead", expect=422, sue="0.9")) == ("splits_do_not_tile", ["/splits"])
    assert problem(await decide(desk, {"id": desk.plan}, "overlay", expect=422, sue="1")) == (
        "unknown_reference",
        ["/transaction_id"],
    )


async def test_nobody_but_the_pay_desk_decides_on_credits(desk: Desk) -> None:
    sale = await sell(desk, "2026-02-10", "100.00")
    splits = [{"seller_id": desk.world.sellers["sam"], "share": "1"}]
    body = {"transaction_id": sale["id"], "mode": "instead", "reason": "Mine", "splits": splits}
    for who in ("sam", "manager", "viewer", "finance"):
        assert (await desk.world.post(who, "/v1/manual-credits", body, expect=403))["code"] == "permission_required"


async def test_an_owner_is_credited_for_the_days_it_owned_the_account(desk: Desk) -> None:
    at = await account(desk)
    before, after = [await sell(desk, day, "10.00", account_id=at) for day in ("2026-02-14", "2026-02-15")]
    body = {"owner_id": desk.world.sellers["sue"], "effective_from": "2026-02-15"}
    await desk.world.post("sales_ops", f"/v1/accounts/{at}/assign-owner", body)
    assert (await desk.world.get("sales_ops", f"/v1/accounts/{at}"))["owner_id"] == desk.world.sellers["sue"]
    assert await credited(desk, before) == [("sam", "direct", "account_owner", "10.00")]
    assert await credited(desk, after) == [("sue", "direct", "account_owner", "10.00")]


async def test_the_owners_of_an_account_are_remembered(desk: Desk) -> None:
    at = await account(desk)
    await desk.change("sales_ops", f"/v1/accounts/{at}", owner_id=desk.world.sellers["sue"])
    found = await desk.items("sales_ops", "/v1/account-ownerships", account_id=at, sort="-effective_from")
    owners = {row["owner_id"]: (row["effective_from"], row["effective_to"]) for row in found}
    today = owners[desk.world.sellers["sue"]][0]
    assert owners == {desk.world.sellers["sam"]: (None, today), desk.world.sellers["sue"]: (today, None)}
    await desk.change("sales_ops", f"/v1/accounts/{at}", owner_id=None)
    (left,) = await desk.items("sales_ops", "/v1/account-ownerships", account_id=at)
    assert (left["owner_id"], left["effective_to"]) == (desk.world.sellers["sam"], today)
    late = {"owner_id": None, "effective_from": "2999-01-01"}
    refused = await desk.world.post("sales_ops", f"/v1/accounts/{at}/assign-owner", late, expect=422)
    assert problem(refused) == ("invalid_input", ["/effective_from"])


async def test_margin_and_quantity_are_credited_by_the_share_and_unknown_is_not_zero(desk: Desk) -> None:
    sold = await product(desk, margin="0.25")
    splits = [
        {"seller_id": desk.world.sellers[name], "share": share} for name, share in (("sam", "0.6"), ("sue", "0.4"))
    ]
    own = await sell(desk, "2026-01-05", "100.00", margin="33.33", quantity="5", splits=splits)
    by_product = await sell(desk, "2026-01-05", "100.00", product_id=sold, splits=splits)
    unknown = await sell(desk, "2026-01-05", "100.00", splits=splits)
    run = await desk.calculate("2026-Q1")
    found = {}
    for name, sale in (("own", own), ("by_product", by_product), ("unknown", unknown)):
        rows = await desk.items("finance", "/v1/credits", run_id=run["id"], transaction_id=sale["id"])
        (mine,) = [row for row in rows if row["seller_id"] == desk.world.sellers["sam"]]
        found[name] = mine["margin"] and mine["margin"]["amount"], mine["quantity"], mine["deals"]
    assert found == {
        "own": ("19.998", "3.00", "0.60"),
        "by_product": ("15.00", None, "0.60"),
        "unknown": (None, None, "0.60"),
    }


async def test_a_return_takes_back_units_too(desk: Desk) -> None:
    body = {"kind": "return", "transaction_date": "2026-01-05", "amount": {"amount": "-5.00", "currency": "EUR"}}
    refused = await desk.world.post("comp_admin", "/v1/transactions", {**body, "quantity": "1"}, expect=422)
    assert problem(refused) == ("invalid_input", ["/quantity"])
    await desk.world.post("comp_admin", "/v1/transactions", {**body, "quantity": "-1"})


async def test_without_a_direct_rate_two_lead_through_the_currency_of_the_organisation(desk: Desk) -> None:
    rates = [
        ("JPY", "EUR", "0.006", "2026-01-01"),
        ("EUR", "USD", "1.1", "2026-01-01"),
        ("JPY", "USD", "0.007", "2026-03-01"),
    ]
    for start, end, rate, day in rates:
        body = {"from_currency": start, "to_currency": end, "rate": rate, "effective_from": day}
        await desk.world.post("finance", "/v1/fx-rates", body)
    await desk.publish(code="DOLLARS", currency="USD", takes_part=("olga",))
    sold = {"kind": "booking", "splits": [{"seller_id": desk.world.sellers["olga"], "share": "1"}]}
    for day in ("2026-02-10", "2026-03-10"):
        sale = sold | {"transaction_date": day, "amount": {"amount": "1000000", "currency": "JPY"}}
        await desk.world.post("comp_admin", "/v1/transactions", sale)
    run = await desk.calculate("2026-Q1")
    found = await desk.items("comp_admin", "/v1/credits", run_id=run["id"], seller_id=desk.world.sellers["olga"])
    assert {credit["credit_date"]: credit["amount"] for credit in found} == {
        "2026-02-10": {"amount": "6600.00", "currency": "USD"},
        "2026-03-10": {"amount": "7000.00", "currency": "USD"},
    }
