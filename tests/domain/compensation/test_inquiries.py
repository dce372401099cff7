"""A seller questions its statement; the difference agreed on is paid with the next run."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import app.domain.compensation.run_job  # noqa: F401 - declares the job
from app.worker import run_job as work_off
from tests.domain.compensation.desk import Desk


async def asked(desk: Desk, **more: Any) -> tuple[Any, Any]:
    """A statement of Sam and his inquiry about it."""
    await desk.sell("2026-02-10", "10000", "sam", "sue", shares=("0.5", "0.5"))
    run = await desk.posted("2026-Q1")
    told = await desk.statement("sam", run, "sam")
    body = {"statement_id": told["id"], "subject": "The deal was mine alone.", "claimed_amount": "500.00", **more}
    return told, await desk.world.post("sam", "/v1/inquiries", body)


async def take(desk: Desk, who: str, inquiry: Any, action: str, body: Any = None, *, expect: int | None = None) -> Any:
    return await desk.world.post(who, f"/v1/inquiries/{inquiry['id']}/{action}", body, expect=expect)


async def test_an_adjustment_is_paid_once_with_the_next_run(desk: Desk) -> None:
    _, inquiry = await asked(desk)
    await take(desk, "comp_admin", inquiry, "take")
    body = {"amount": "250.00", "comment": "Agreed: Sue only introduced it."}
    assert (await take(desk, "comp_admin", inquiry, "adjust", body))["state"] == "adjusted"
    (waiting,) = await desk.items("sam", "/v1/earning-adjustments")
    assert waiting["posted_run_id"] is None
    run = await desk.posted("2026-Q2")
    told = await desk.statement("sam", run, "sam")
    assert (told["adjustments"]["amount"], told["total"]["amount"]) == ("250.00", "250.00")
    assert told["year_to_date"]["amount"] == "500.00"
    (posted,) = await desk.items("sam", "/v1/earning-adjustments")
    assert posted["posted_run_id"] == run["id"]
    later = await desk.posted("2026-Q3")
    assert (await desk.statement("sam", later, "sam"))["adjustments"]["amount"] == "0.00"
    assert (await take(desk, "sam", inquiry, "close"))["state"] == "closed"


async def test_upholding_needs_a_comment_and_the_seller_may_ask_again(desk: Desk) -> None:
    _, inquiry = await asked(desk)
    await take(desk, "finance", inquiry, "take")
    await take(desk, "finance", inquiry, "uphold", {}, expect=422)
    upheld = await take(desk, "finance", inquiry, "uphold", {"comment": "The split was agreed in writing."})
    assert upheld["state"] == "upheld"
    await take(desk, "sam", inquiry, "close")
    again = await take(desk, "sam", inquiry, "reopen", {"comment": "The letter is not mine."})
    assert again["state"] == "open"


async def test_only_the_seller_concerned_asks_and_closes(desk: Desk) -> None:
    told, inquiry = await asked(desk)
    body = {"statement_id": told["id"], "subject": "Too much.", "claimed_amount": "0"}
    refused = await desk.world.post("mona", "/v1/inquiries", body, expect=403)
    assert refused["code"] == "not_concerned"
    refused = await desk.world.post("sue", "/v1/inquiries", body, expect=422)
    assert refused["errors"][0]["pointer"] == "/statement_id"
    await take(desk, "finance", inquiry, "take")
    await take(desk, "finance", inquiry, "uphold", {"comment": "No."})
    assert (await take(desk, "mona", inquiry, "close", expect=403))["code"] == "not_concerned"
    assert await desk.items("sue", "/v1/inquiries") == []


async def test_an_inquiry_names_a_line_of_its_own_statement(desk: Desk) -> None:
    told, _ = await asked(desk)
    (line,) = await desk.items("sue", "/v1/earnings")
    body = {"statement_id": told["id"], "earning_id": line["id"], "subject": "Why?", "claimed_amount": "1"}
    refused = await desk.world.post("sam", "/v1/inquiries", body, expect=422)
    assert refused["errors"][0]["pointer"] == "/earning_id"


async def test_an_adjustment_of_zero_is_refused(desk: Desk) -> None:
    _, inquiry = await asked(desk)
    await take(desk, "finance", inquiry, "take")
    await take(desk, "finance", inquiry, "adjust", {"amount": "0", "comment": "Nothing."}, expect=422)


async def agreed(desk: Desk, who: str = "comp_admin", amount: str = "250.00", *, expect: int | None = None) -> Any:
    """An inquiry of Sam's on which an adjustment was decided, or the refusal."""
    _, inquiry = await asked(desk)
    await take(desk, who, inquiry, "take")
    return await take(desk, who, inquiry, "adjust", {"amount": amount, "comment": "Agreed."}, expect=expect)


async def test_who_decided_an_adjustment_does_not_approve_the_run_that_pays_it(desk: Desk) -> None:
    await agreed(desk, "finance")
    run = await desk.take(await desk.calculate("2026-Q2"), "review")
    refused = await desk.world.post("finance", f"/v1/compensation-runs/{run['id']}/approve", expect=403)
    assert refused["code"] == "four_eyes"


async def test_an_adjustment_decided_after_the_approval_waits_for_the_next_run(desk: Desk) -> None:
    _, inquiry = await asked(desk)
    run = await desk.take(await desk.calculate("2026-Q2"), "review", "approve")
    await take(desk, "comp_admin", inquiry, "take")
    await take(desk, "comp_admin", inquiry, "adjust", {"amount": "250.00", "comment": "Agreed."})
    await desk.take(run, "post")
    assert (await desk.statement("sam", run, "sam"))["adjustments"]["amount"] == "0.00"
    later = await desk.posted("2026-Q3")
    assert (await desk.statement("sam", later, "sam"))["adjustments"]["amount"] == "250.00"


async def test_an_adjustment_has_no_more_digits_than_its_currency(desk: Desk) -> None:
    refused = await agreed(desk, amount="10.005", expect=422)
    assert refused["errors"][0]["pointer"] == "/amount"


async def test_an_adjustment_is_seen_by_the_manager_of_the_period_it_is_about(desk: Desk) -> None:
    await agreed(desk)
    terms = {"job_role": "Executive", "team": "Lyon", "manager_id": desk.world.sellers["otto"]}
    path = f"/v1/sellers/{desk.world.sellers['sam']}/move"
    await desk.world.post("sales_ops", path, {**terms, "effective_from": "2026-06-01"})
    assert len(await desk.items("mona", "/v1/earning-adjustments")) == 1
    assert await desk.items("otto", "/v1/earning-adjustments") == []


async def test_what_was_said_on_an_inquiry_is_not_to_be_had_by_the_id_of_the_step(desk: Desk) -> None:
    inquiry = await agreed(desk)
    steps = await desk.items("sam", f"/v1/inquiries/{inquiry['id']}/transitions")
    (step,) = [step for step in steps if step["action"] == "adjust"]
    assert step["data"] == {"amount": "250.00"}
    query = "query ($id: ID!) { node(id: $id) { ... on Transition { data } } }"
    answer = await desk.world.graphql("viewer", query, id=f"transition:{step['id']}")
    assert answer["errors"][0]["extensions"]["code"] == "invalid_parameter"


async def recomputed(desk: Desk, inquiry: Any) -> Any:
    path = f"/v1/inquiries/{inquiry['id']}/recompute"
    job = await desk.world.post("comp_admin", path, idempotency_key=str(uuid4()))
    await work_off(desk.world.service, desk.world.org_id, UUID(job["id"]))
    return await desk.world.get("sam", f"/v1/inquiries/{inquiry['id']}")


async def test_an_inquiry_shows_the_claim_beside_what_was_told_and_what_it_would_be_today(desk: Desk) -> None:
    _, inquiry = await asked(desk)
    assert (inquiry["claimed_amount"]["amount"], inquiry["told_amount"]["amount"]) == ("500.00", "250.00")
    assert inquiry["recomputed_amount"] is None
    assert (await recomputed(desk, inquiry))["recomputed_amount"]["amount"] == "250.00"
    await desk.sell("2026-03-10", "1000", "sam")
    assert (await recomputed(desk, inquiry))["recomputed_amount"]["amount"] == "300.00"


async def test_a_line_is_recomputed_alone(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam", "sue", shares=("0.5", "0.5"))
    run = await desk.posted("2026-Q1")
    told = await desk.statement("sam", run, "sam")
    (line,) = await desk.items("sam", "/v1/earnings", run_id=run["id"])
    body = {"statement_id": told["id"], "earning_id": line["id"], "subject": "Mine.", "claimed_amount": "500"}
    inquiry = await desk.world.post("sam", "/v1/inquiries", body)
    await desk.sell("2026-03-10", "2000", "sam")
    assert (await recomputed(desk, inquiry))["recomputed_amount"]["amount"] == "350.00"


async def test_a_correction_that_was_agreed_on_is_made_and_the_next_run_pays_it_once(desk: Desk) -> None:
    sale = await desk.sell("2026-02-10", "10000", "sam", "sue", shares=("0.5", "0.5"))
    told = await desk.statement("sam", await desk.posted("2026-Q1"), "sam")
    body = {"statement_id": told["id"], "transaction_id": sale, "subject": "Mine.", "claimed_amount": "500.00"}
    inquiry = await desk.world.post("sam", "/v1/inquiries", body)
    await take(desk, "comp_admin", inquiry, "take")
    splits = [{"seller_id": desk.world.sellers["sam"], "share": "1"}]
    refused = await take(desk, "comp_admin", inquiry, "correct", {"comment": "Agreed."}, expect=422)
    assert refused["code"] == "invalid_input"
    said = await take(desk, "comp_admin", inquiry, "correct", {"comment": "Agreed: his.", "splits": splits})
    assert said["state"] == "corrected"
    correction = await desk.world.get("sam", f"/v1/transactions/{said['correction_id']}")
    assert correction["supersedes_id"] == sale
    run = await desk.posted("2026-Q2")
    mine = await desk.statement("sam", run, "sam")
    assert (mine["true_up"]["amount"], mine["adjustments"]["amount"]) == ("250.00", "0.00")
    assert mine["year_to_date"]["amount"] == "500.00"
    hers = await desk.statement("sue", run, "sue")
    assert hers["true_up"]["amount"] == "-250.00"
    assert (await take(desk, "sam", inquiry, "close"))["state"] == "closed"


async def test_a_statement_is_questioned_in_time_and_answered_in_time(desk: Desk) -> None:
    told, inquiry = await asked(desk)
    today = datetime.now(UTC).date()
    assert inquiry["answer_by"] == str(today + timedelta(days=15))
    assert not inquiry["overdue"]
    assert told["ask_by"] == str(today + timedelta(days=90))
    async with desk.world.service.operations.transaction(desk.world.actor("comp_admin")) as tx:
        await tx.execute("update inquiry set answer_by = :day where org_id = :org_id", day=today - timedelta(days=1))
    (late,) = await desk.items("finance", "/v1/inquiries", overdue="true")
    assert late["id"] == inquiry["id"]
