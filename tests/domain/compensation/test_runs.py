"""From transactions to pay: calculated, agreed on, posted, told, paid."""

from decimal import Decimal
from uuid import UUID

from app.domain.kernel.errors import DomainError
from tests.domain.compensation.desk import COMMISSION, Desk


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def test_a_run_goes_from_transactions_to_payroll(desk: Desk) -> None:
    deal = await desk.sell("2026-02-10", "130000", "sam")
    await desk.sell("2026-03-01", "1000", "sam", "sue", shares=("0.333333", "0.666667"))
    run = await desk.calculate("2026-Q1")
    assert run["engine"].startswith("duckdb ")
    assert len(run["digest"]) == len(run["inputs_hash"]) == 64
    # Sam: 120,000 at 5 % and 10,333.333 at 10 %; Sue: 666.667 at 5 %.
    (total,) = run["totals"]
    assert total == {
        "currency": "EUR",
        "base": "7066.66",
        "true_up": "0.00",
        "earning": "7066.66",
        "lines": 2,
        "needs_attention": 0,
    }
    run = await desk.take(run, "review", "approve", "post")
    told = await desk.statement("sam", run, "sam")
    assert (told["total"], told["year_to_date"], told["period_code"]) == (money("7033.33"), money("7033.33"), "2026-Q1")
    (line,) = await desk.items("sam", "/v1/earnings", run_id=run["id"], include="credits")
    assert line["attainment"] == "1.086111"
    assert [(part["value"], part["amount"], part["earned"]) for part in line["slices"]] == [
        ("0.05", "120000.00", "6000.00"),
        ("0.10", "10333.333", "1033.3333"),
    ]
    counted = line["credits"]["items"]
    assert (counted[0]["transaction_id"], counted[0]["rule"]) == (deal, "explicit_split")
    assert sum(Decimal(credit["amount"]["amount"]) for credit in counted) == Decimal("130333.333")
    run = await desk.take(run, "pay")
    assert run["state"] == "paid"
    balance: dict[str, Decimal] = {}
    for entry in await desk.items("finance", "/v1/ledger-entries"):
        change = Decimal(entry["debit"]["amount"]) - Decimal(entry["credit"]["amount"])
        balance[entry["account"]] = balance.get(entry["account"], Decimal(0)) + change
    assert balance == {
        "commission_expense": Decimal("7066.66"),
        "commissions_payable": 0,
        "payroll_clearing": Decimal("-7066.66"),
    }


async def test_the_next_period_takes_over_what_the_one_before_credited(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    first = await desk.posted("2026-Q1")
    await desk.sell("2026-05-10", "4000", "sue")
    second = await desk.calculate("2026-Q2")
    assert (first["extent"], second["extent"]) == ("full", "incremental")
    credited = await desk.items("finance", "/v1/credits", run_id=second["id"])
    assert sorted(credit["amount"]["amount"] for credit in credited) == ["10000.00", "4000.00"]
    # A rule that ends changes the days after it only.
    rule = f"/v1/crediting-rules/{desk.rules['explicit_split']}"
    await desk.change("comp_admin", rule, effective_to="2026-05-01")
    third = await desk.calculate("2026-Q2")
    assert third["extent"] == "incremental"
    credited = await desk.items("finance", "/v1/credits", run_id=third["id"])
    assert [credit["amount"]["amount"] for credit in credited] == ["10000.00"]


async def test_a_late_sale_of_a_posted_period_is_paid_in_the_next_as_true_up(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    await desk.sell("2026-03-10", "2000", "sam")
    await desk.sell("2026-05-10", "4000", "sam")
    run = await desk.posted("2026-Q2")
    told = await desk.statement("sam", run, "sam")
    assert {name: told[name]["amount"] for name in ("base", "true_up", "total", "year_to_date")} == {
        "base": "200.00",
        "true_up": "100.00",
        "total": "300.00",
        "year_to_date": "800.00",
    }


async def test_a_new_plan_version_pays_the_difference_to_what_the_old_one_posted(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    new = await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/revise")
    await desk.put_in_force(new["id"])
    run = await desk.posted("2026-Q2")
    assert (await desk.statement("sam", run, "sam"))["total"] == money("0.00")


async def test_equal_inputs_give_equal_digests_and_a_preview_is_never_posted(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    first, second = await desk.calculate("2026-Q1", "preview"), await desk.calculate("2026-Q1", "preview")
    assert (first["digest"], first["inputs_hash"]) == (second["digest"], second["inputs_hash"])
    assert second["parent_run_id"] == first["id"]
    refused = await desk.world.post("finance", f"/v1/compensation-runs/{first['id']}/review", expect=409)
    assert refused["code"] == "preview_run"
    assert await desk.items("finance", "/v1/credits") == []


async def test_one_run_is_calculated_at_a_time_and_an_abandoned_one_does_not_block(desk: Desk) -> None:
    run = await desk.ask("2026-Q1")
    assert (await desk.ask("2026-Q2", expect=409))["code"] == "run_in_progress"
    refused = await desk.world.post("finance", f"/v1/jobs/{run['job_id']}/cancel", expect=403)
    assert refused["code"] == "permission_required"
    await desk.world.post("comp_admin", f"/v1/jobs/{run['job_id']}/cancel")
    await desk.calculate("2026-Q1")
    left = await desk.world.get("finance", f"/v1/compensation-runs/{run['id']}")
    assert left["state"] == "failed"


async def test_a_cancelled_run_is_not_calculated(desk: Desk) -> None:
    run = await desk.ask("2026-Q1")
    await desk.world.post("comp_admin", f"/v1/compensation-runs/{run['id']}/cancel")
    assert (await desk.work(run))["state"] == "cancelled"
    job = await desk.world.get("comp_admin", f"/v1/jobs/{run['job_id']}")
    assert job["state"] == "cancelled"


async def test_an_end_asked_for_while_it_calculates_cancels_the_run(desk: Desk) -> None:
    run = await desk.ask("2026-Q1")
    async with desk.world.operations.transaction(desk.world.actor("comp_admin")) as tx:
        await tx.execute("update job set cancel_requested = true where org_id = :org_id")
    assert (await desk.work(run))["state"] == "cancelled"
    assert not list(desk.world.service.settings.artifacts.glob("runs/*/*"))


async def test_inputs_that_cannot_be_calculated_fail_the_run_with_the_reason(desk: Desk) -> None:
    run = await desk.ask("2026-Q1")
    for rule in await desk.items("comp_admin", "/v1/crediting-rules"):
        await desk.remove("comp_admin", f"/v1/crediting-rules/{rule['id']}")
    assert (await desk.work(run))["state"] == "failed"
    job = await desk.world.get("comp_admin", f"/v1/jobs/{run['job_id']}")
    assert (job["state"], job["problem"]["code"]) == ("failed", "no_crediting_rules")
    assert (await desk.ask("2026-Q1", expect=409))["code"] == "no_crediting_rules"


async def test_who_asked_for_a_run_neither_reviews_nor_approves_it(desk: Desk) -> None:
    run = await desk.calculate("2026-Q1")
    path = f"/v1/compensation-runs/{run['id']}"
    assert (await desk.world.post("comp_admin", f"{path}/review", expect=403))["code"] == "four_eyes"
    assert (await desk.world.post("comp_admin", f"{path}/approve", expect=403))["code"] == "permission_required"


async def test_a_run_is_posted_only_in_an_open_period(desk: Desk) -> None:
    run = await desk.take(await desk.calculate("2026-Q1"), "review", "approve")
    close = f"/v1/periods/{desk.periods['2026-Q1']}/close"
    assert (await desk.world.post("finance", close, expect=409))["code"] == "period_unsettled"
    await desk.world.post("comp_admin", f"/v1/compensation-runs/{run['id']}/cancel")
    await desk.world.post("finance", close)
    assert (await desk.ask("2026-Q1", expect=409))["code"] == "period_closed"


async def test_nothing_is_paid_twice_by_runs_that_did_not_know_of_each_other(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    later = await desk.take(await desk.calculate("2026-Q2"), "review", "approve")
    twin = await desk.take(await desk.calculate("2026-Q1"), "review", "approve")
    await desk.posted("2026-Q1")
    refused = await desk.world.post("finance", f"/v1/compensation-runs/{later['id']}/post", expect=409)
    assert refused["code"] == "run_outdated"
    refused = await desk.world.post("finance", f"/v1/compensation-runs/{twin['id']}/post", expect=409)
    assert refused["code"] == "later_period_posted"
    assert (await desk.ask("2026-Q1", expect=409))["code"] == "later_period_posted"


async def test_what_cannot_be_said_is_a_finding_and_is_not_paid(desk: Desk) -> None:
    await desk.world.post(
        "comp_admin",
        f"/v1/compensation-plans/{desk.plan}/enrol",
        {"seller_ids": [desk.world.sellers["olga"]], "effective_from": "2026-01-01"},
    )
    await desk.sell("2026-02-10", "500", "olga")
    stray = await desk.sell("2026-02-11", "700", "otto")
    run = await desk.posted("2026-Q1")
    found = await desk.items("comp_admin", "/v1/run-findings", run_id=run["id"])
    assert {(item["kind"], item["reason"], item["transaction_id"]) for item in found} == {
        ("uncredited", "not_eligible", stray),
        ("lost", "not_eligible", stray),
        ("needs_attention", "no_quota", None),
    }
    told = await desk.statement("olga", run, "olga")
    assert (told["total"], told["needs_attention"]) == (money("0.00"), 1)


async def test_a_deal_that_is_booked_invoiced_and_paid_pays_once_and_a_return_takes_back(desk: Desk) -> None:
    booked = await desk.sell("2026-02-10", "10000", "sam", kind="booking")
    await desk.sell("2026-02-20", "10000", "sam", kind="invoice")
    await desk.sell("2026-03-20", "10000", "sam", kind="payment")
    run = await desk.posted("2026-Q1")
    (credit,) = await desk.items("finance", "/v1/credits", run_id=run["id"])
    assert (credit["transaction_id"], credit["amount"]) == (booked, money("10000.00"))
    assert (await desk.statement("sam", run, "sam"))["total"] == money("500.00")
    await desk.sell("2026-04-10", "-4000", "sam", kind="return")
    run = await desk.posted("2026-Q2")
    told = await desk.statement("sam", run, "sam")
    assert (told["base"], told["carried_forward"], told["total"]) == (money("-200.00"), money("200.00"), money("0.00"))


async def test_a_plan_pays_on_the_event_it_names(desk: Desk) -> None:
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    await desk.publish("AE-CASH", components=[COMMISSION | {"trigger": "payment"}])
    await desk.sell("2026-02-10", "10000", "sam", kind="booking")
    await desk.sell("2026-02-20", "9000", "sam", kind="invoice")
    paid = await desk.sell("2026-03-20", "8000", "sam", kind="payment")
    run = await desk.posted("2026-Q1")
    (credit,) = await desk.items("finance", "/v1/credits", run_id=run["id"])
    assert (credit["transaction_id"], credit["amount"]) == (paid, money("8000.00"))
    assert (await desk.statement("sam", run, "sam"))["total"] == money("400.00")


async def test_each_component_pays_on_the_event_it_names(desk: Desk) -> None:
    on_cash = COMMISSION | {"code": "CASH", "trigger": "payment", "rate": {"flat": {"pays": "rate", "value": "0.01"}}}
    await desk.publish("AE-CASH", components=[on_cash], takes_part=("sam",))
    await desk.sell("2026-02-10", "10000", "sam", kind="booking")
    await desk.sell("2026-03-20", "8000", "sam", kind="payment")
    run = await desk.posted("2026-Q1")
    assert (await desk.statement("sam", run, "sam"))["total"] == money("580.00")


async def test_a_corrected_transaction_counts_once(desk: Desk) -> None:
    wrong = await desk.sell("2026-02-10", "10000", "sam")
    body = {"reason": "Typed wrongly.", "amount": money("1000")}
    right = await desk.world.post("comp_admin", f"/v1/transactions/{wrong}/correct", body)
    run = await desk.posted("2026-Q1")
    (credit,) = await desk.items("finance", "/v1/credits", run_id=run["id"])
    assert (credit["transaction_id"], credit["amount"]) == (right["id"], money("1000.00"))


async def test_territory_coverage_credits_who_covers_the_account_on_the_day(desk: Desk) -> None:
    world = desk.world
    account = (await world.post("sales_ops", "/v1/accounts", {"name": "Acme", "country": "FR"}))["id"]
    model = (
        await world.post("sales_ops", "/v1/territory-models", {"code": "W", "name": "World", "starts_on": "2026-01-01"})
    )["id"]
    body = {"model_id": model, "code": "FR", "name": "France", "rule": {"countries": ["FR"]}}
    territory = (await world.post("sales_ops", "/v1/territories", body))["id"]
    body = {"territory_id": territory, "seller_id": world.sellers["sam"], "share": "1", "effective_from": "2026-01-01"}
    proposed = (await world.post("sales_ops", "/v1/territory-assignments", body))["id"]
    await world.post("sam", f"/v1/territory-assignments/{proposed}/accept")
    for who, action in (
        ("sales_ops", "apply-rules"),
        ("sales_ops", "submit"),
        ("admin", "review"),
        ("finance", "approve"),
        ("sales_ops", "activate"),
    ):
        await world.post(who, f"/v1/territory-models/{model}/{action}")
    body = {"kind": "booking", "transaction_date": "2026-02-01", "account_id": account, "amount": money("1000")}
    await world.post("comp_admin", "/v1/transactions", body)
    run = await desk.posted("2026-Q1")
    (credit,) = await desk.items("sam", "/v1/credits", run_id=run["id"])
    assert (credit["rule"], credit["source_id"], credit["amount"]) == (
        "territory_coverage",
        territory,
        money("1000.00"),
    )


async def test_a_team_component_pays_a_manager_on_the_credits_of_those_below(desk: Desk) -> None:
    team = COMMISSION | {"measure": {"of": "revenue", "whose": "team"}}
    await desk.publish("MGR-2026", components=[team], takes_part=("mona",))
    await desk.quota("mona", "240000")
    await desk.sell("2026-02-10", "10000", "sam", "sue", shares=("0.5", "0.5"))
    run = await desk.posted("2026-Q1")
    line = (await desk.items("finance", "/v1/earnings", seller_id=desk.world.sellers["mona"], include="credits"))[0]
    assert (line["run_id"], line["amount"]) == (run["id"], money("500.00"))
    assert {credit["seller_id"] for credit in line["credits"]["items"]} == {
        desk.world.sellers["sam"],
        desk.world.sellers["sue"],
    }


async def test_pay_is_seen_by_the_seller_its_manager_and_the_pay_desk_and_not_before_it_is_posted(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam", "sue", shares=("0.5", "0.5"))
    run = await desk.take(await desk.calculate("2026-Q1"), "review", "approve")
    assert await desk.items("sam", "/v1/earnings") == []
    await desk.take(run, "post")
    sellers = {name: desk.world.sellers[name] for name in ("sam", "sue")}
    for path in ("/v1/earnings", "/v1/statements", "/v1/credits"):
        for who in ("finance", "comp_admin", "mona"):
            assert {row["seller_id"] for row in await desk.items(who, path)} == set(sellers.values()), (who, path)
        assert {row["seller_id"] for row in await desk.items("sam", path)} == {sellers["sam"]}
        assert await desk.items("otto", path) == []
        refused = await desk.world.client("admin").get(path)
        assert refused.json()["code"] == "permission_required"
    hidden = await desk.world.get("admin", f"/v1/compensation-runs/{run['id']}")
    assert hidden["totals"] is None
    assert (await desk.world.client("admin").get("/v1/ledger-entries")).status_code == 403


async def test_managers_see_no_pay_where_the_organisation_does_not_allow_it(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    async with desk.world.operations.transaction(desk.world.actor("admin")) as tx:
        await tx.execute("update organisation set managers_see_pay = false where org_id = :org_id")
    assert await desk.items("mona", "/v1/statements") == []
    assert len(await desk.items("sam", "/v1/statements")) == 1


async def test_graphql_tells_the_same_as_rest(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    query = "{ statements { nodes { total { amount } lines { nodes { status slices { value earned } } } } } }"
    answer = await desk.world.graphql("sam", query)
    assert "errors" not in answer, answer
    (told,) = answer["data"]["statements"]["nodes"]
    assert told["total"] == {"amount": "500.00"}
    (line,) = told["lines"]["nodes"]
    assert line["status"] == "OK"
    assert line["slices"][0] == {"value": "0.05", "earned": "500.00"}


async def test_a_return_is_negative_or_it_would_be_paid_for(desk: Desk) -> None:
    body = {"kind": "return", "transaction_date": "2026-02-10", "amount": money("100")}
    refused = await desk.world.post("comp_admin", "/v1/transactions", body, expect=422)
    assert refused["errors"][0]["pointer"] == "/amount"
    made = await desk.world.post("comp_admin", "/v1/transactions", {**body, "amount": money("-100")})
    correction = {"reason": "Typed wrongly.", "amount": money("1")}
    path = f"/v1/transactions/{made['id']}/correct"
    assert (await desk.world.post("comp_admin", path, correction, expect=422))["code"] == "invalid_input"


async def test_nobody_of_the_pay_desk_enrols_themselves(desk: Desk) -> None:
    actor = desk.world.actor("comp_admin", "olga")
    spec = desk.world.operations.catalogue.commands["enrol_participants"]
    for seller, code in (("olga", "four_eyes"), ("otto", None)):
        body = spec.body.model_validate({"seller_ids": [desk.world.sellers[seller]], "effective_from": "2026-01-01"})
        try:
            async with desk.world.operations.transaction(actor) as tx:
                await spec.handler(tx, UUID(desk.plan), body)
            refused = None
        except DomainError as refusal:
            refused = refusal.code
        assert refused == code
