"""Changing things safely: versions, idempotency keys, batches, upserts, and nothing half-written."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.filled import Filled, fingerprint, tenant_tables
from tests.surfaces import code_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def segment(filled: Filled, **more: Any) -> tuple[str, dict[str, Any]]:
    """A new segment of its own: its path, and what was answered."""
    code = f"S-{uuid4().hex[:12]}"
    made = await filled.post("sales_ops", "/v1/segments", {"code": code, "name": "Segment", **more})
    return f"/v1/segments/{made['id']}", made


async def count(filled: Filled, code: str) -> int:
    return len((await filled.get("sales_ops", "/v1/segments", code=code))["items"])


async def test_a_change_must_name_the_version_it_means(filled: Filled) -> None:
    path, _ = await segment(filled)
    before = await fingerprint(filled)
    client = filled.client("sales_ops")
    missing = await client.patch(path, json={"name": "Other"})
    assert (missing.status_code, code_of(missing)) == (428, "version_required")
    stale = await client.patch(path, json={"name": "Other"}, headers={"if-match": '"7"'})
    assert (stale.status_code, code_of(stale)) == (412, "stale_version")
    assert missing.headers["etag"] == stale.headers["etag"] == '"1"'
    assert await fingerprint(filled) == before
    changed = await client.patch(path, json={"name": "Other"}, headers={"if-match": stale.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "Other")


async def test_an_action_must_name_the_version_and_fit_the_state(filled: Filled) -> None:
    client, path = filled.client("finance"), f"/v1/periods/{filled.ids['fiscal_period']}"
    missing = await client.post(f"{path}/reopen", json={"comment": "x"})
    assert (missing.status_code, code_of(missing)) == (428, "version_required")
    headers = {"if-match": (await client.get(path)).headers["etag"]}
    before = await fingerprint(filled)
    illegal = await client.post(f"{path}/reopen", json={"comment": "x"}, headers=headers)
    assert (illegal.status_code, code_of(illegal)) == (409, "illegal_transition")
    assert illegal.json()["state"] == "open"
    assert await fingerprint(filled) == before


async def test_what_did_not_change_since_it_was_read_is_not_sent_again(filled: Filled) -> None:
    path, _ = await segment(filled)
    client = filled.client("sales_ops")
    seen = await client.get(path)
    again = await client.get(path, headers={"if-none-match": seen.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", seen.headers["etag"])
    other = await client.get(path, params={"fields": "name"}, headers={"if-none-match": seen.headers["etag"]})
    assert other.status_code == 200
    assert (await client.get(path, headers={"if-none-match": '"2"'})).status_code == 200


async def test_absent_is_not_null_in_a_patch(filled: Filled) -> None:
    path, _ = await segment(filled, tam="100.00")
    client = filled.client("sales_ops")
    kept = await client.patch(path, json={"name": "Kept"}, headers={"if-match": '"1"'})
    assert kept.json()["tam"] == {"amount": "100.00", "currency": "EUR"}
    emptied = await client.patch(path, json={"tam": None}, headers={"if-match": '"2"'})
    assert (emptied.json()["tam"], emptied.json()["name"]) == (None, "Kept")
    refused = await client.patch(path, json={"name": None}, headers={"if-match": '"3"'})
    assert (refused.status_code, code_of(refused)) == (422, "invalid_input")


async def test_one_of_two_changes_of_the_same_version_wins(filled: Filled) -> None:
    path, _ = await segment(filled)
    client = filled.client("sales_ops")
    calls = [client.patch(path, json={"name": f"Name {n}"}, headers={"if-match": '"1"'}) for n in range(8)]
    codes = sorted(answer.status_code for answer in await asyncio.gather(*calls))
    assert codes == [200] + [412] * 7
    assert (await client.get(path)).json()["version"] == 2


async def test_twenty_equal_calls_with_one_key_have_one_effect(filled: Filled) -> None:
    body = {"code": f"K-{uuid4().hex[:12]}", "name": "Once"}
    client, headers = filled.client("sales_ops"), {"idempotency-key": uuid4().hex}
    calls = [client.post("/v1/segments", json=body, headers=headers) for _ in range(20)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len({(a.headers["etag"], a.headers["location"]) for a in answers}) == 1
    assert sorted("idempotency-replayed" in answer.headers for answer in answers) == [False] + [True] * 19
    assert await count(filled, body["code"]) == 1


async def test_a_key_used_with_another_body_is_refused(filled: Filled) -> None:
    client, headers = filled.client("sales_ops"), {"idempotency-key": uuid4().hex}
    code = f"K-{uuid4().hex[:12]}"
    assert (await client.post("/v1/segments", json={"code": code, "name": "A"}, headers=headers)).status_code == 201
    before = await fingerprint(filled)
    for path, body in (
        ("/v1/segments", {"code": f"{code}-2", "name": "A"}),
        ("/v1/products", {"code": code, "name": "A", "effective_from": "2026-01-01"}),
    ):
        answer = await client.post(path, json=body, headers=headers)
        assert (answer.status_code, code_of(answer)) == (422, "idempotency_key_reused")
    assert await fingerprint(filled) == before


async def test_a_refused_call_does_not_use_its_key_up(filled: Filled) -> None:
    client, headers = filled.client("sales_ops"), {"idempotency-key": uuid4().hex}
    _, taken = await segment(filled)
    body = {"code": taken["code"], "name": "Again"}
    refused = await client.post("/v1/segments", json=body, headers=headers)
    assert (refused.status_code, code_of(refused)) == (409, "already_exists")
    body["code"] = f"K-{uuid4().hex[:12]}"
    assert (await client.post("/v1/segments", json=body, headers=headers)).status_code == 201


async def test_a_key_belongs_to_who_used_it(filled: Filled) -> None:
    key = {"idempotency-key": uuid4().hex}
    made = [
        await filled.client(who).post(
            "/v1/segments", json={"code": f"{who}-{uuid4().hex[:8]}", "name": "A"}, headers=key
        )
        for who in ("sales_ops", "admin")
    ]
    assert [answer.status_code for answer in made] == [201, 201]


async def test_a_replayed_mutation_answers_alike_with_another_selection(filled: Filled) -> None:
    code, key = f"G-{uuid4().hex[:12]}", uuid4().hex
    fields = {"code": code, "name": "Segment", "idempotencyKey": key}
    first = await filled.graphql(
        "sales_ops", "mutation($i: CreateSegmentInput!) { createSegment(input: $i) { id } }", i=fields
    )
    again = await filled.graphql(
        "sales_ops", "mutation($i: CreateSegmentInput!) { createSegment(input: $i) { id code name } }", i=fields
    )
    assert again["data"]["createSegment"] == {**first["data"]["createSegment"], "code": code, "name": "Segment"}
    assert await count(filled, code) == 1


async def test_operations_that_need_a_key_say_so(filled: Filled) -> None:
    body = {"period_id": filled.ids["period"], "kind": "preview"}
    answer = await filled.client("comp_admin").post("/v1/compensation-runs", json=body)
    assert (answer.status_code, code_of(answer)) == (400, "idempotency_key_required")


async def test_overlapping_dates_are_a_conflict_and_change_nothing(filled: Filled) -> None:
    rate = {"from_currency": "CHF", "to_currency": "EUR", "rate": "1.05", "effective_from": "2026-03-01"}
    await filled.post("finance", "/v1/fx-rates", {**rate, "effective_to": "2026-06-01"})
    before = await fingerprint(filled)
    overlapping = await filled.client("finance").post(
        "/v1/fx-rates", json={**rate, "effective_from": "2026-05-31", "effective_to": "2026-07-01"}
    )
    assert (overlapping.status_code, code_of(overlapping)) == (409, "period_overlap")
    assert await fingerprint(filled) == before
    adjacent = {**rate, "effective_from": "2026-06-01", "effective_to": "2026-07-01"}
    await filled.post("finance", "/v1/fx-rates", adjacent)


async def test_a_batch_is_all_or_nothing_or_each_for_itself(filled: Filled) -> None:
    tag = uuid4().hex[:8]
    items = [
        {"code": f"B1-{tag}", "name": "A"},
        {"code": "no code!", "name": "B"},
        {"code": f"B1-{tag}", "name": "Twice"},
    ]
    client, before = filled.client("sales_ops"), await fingerprint(filled)
    atomic = await client.post("/v1/segments:batch", json={"mode": "atomic", "items": items})
    assert (atomic.status_code, atomic.json()["errors"][0]["pointer"]) == (422, "/items/1/code")
    twice = await client.post("/v1/segments:batch", json={"items": [items[0], items[2]]})
    assert (twice.status_code, code_of(twice)) == (409, "already_exists")
    assert twice.json()["errors"][0]["pointer"].startswith("/items/1")
    assert await fingerprint(filled) == before
    partial = await client.post("/v1/segments:batch", json={"mode": "partial", "items": items})
    assert [item["status"] for item in partial.json()["items"]] == [201, 422, 409]
    assert [item.get("id") is not None for item in partial.json()["items"]] == [True, False, False]
    assert await count(filled, f"B1-{tag}") == 1


async def test_an_upsert_by_external_id_creates_once_and_then_changes_what_is_named(filled: Filled) -> None:
    client, path = filled.client("sales_ops"), f"/v1/segments/by-external-id/crm/{uuid4().hex}"
    body = {"code": f"U-{uuid4().hex[:8]}", "name": "First", "tam": "5.00"}
    made = [await client.put(path, json=body) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 200]
    assert made[0].json()["id"] == made[1].json()["id"]
    changed = await client.put(path, json={"code": body["code"], "name": "Second"})
    assert (changed.json()["name"], changed.json()["tam"]["amount"]) == ("Second", "5.00")
    parallel = f"{path}-2"
    body["code"] += "-2"
    answers = await asyncio.gather(*(client.put(parallel, json=body) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]


async def test_every_change_leaves_one_line_in_an_unbroken_audit_trail(filled: Filled) -> None:
    async def newest() -> int:
        page = await filled.get("admin", "/v1/audit-entries", limit=1)
        return int(page["items"][0]["seq"])

    before = await newest()
    path, made = await segment(filled)
    await filled.client("sales_ops").patch(path, json={"name": "x"}, headers={"if-match": '"1"'})
    await filled.client("sales_ops").patch(path, json={"name": "y"}, headers={"if-match": '"1"'})
    page = await filled.get("admin", "/v1/audit-entries", **{"seq.gt": before, "sort": "seq"})
    assert [(entry["action"], entry["subject_id"]) for entry in page["items"]] == [
        ("segment.created", made["id"]),
        ("segment.updated", made["id"]),
    ]
    assert [entry["seq"] for entry in page["items"]] == [before + 1, before + 2]
    assert page["items"][1]["previous_hash"] == page["items"][0]["hash"]


async def test_the_secret_of_a_key_is_nowhere_but_in_its_answer(filled: Filled) -> None:
    headers = {"idempotency-key": uuid4().hex}
    body = {"principal_id": str(filled.principals["viewer"]), "name": "secret"}
    issued = await filled.client("admin").post("/v1/api-keys/issue", json=body, headers=headers)
    secret = issued.json()["key"]
    connection = await asyncpg.connect(filled.service.dsn)
    try:
        found = [
            table
            for table in await tenant_tables(connection)
            if await connection.fetchval(f"select true from {table} t where strpos(t::text, $1) > 0 limit 1", secret)
        ]
    finally:
        await connection.close()
    assert found == []


async def test_a_batch_repeated_with_its_key_has_one_effect(filled: Filled) -> None:
    client = filled.client("sales_ops")
    codes = [f"B-{uuid4().hex[:10]}" for _ in range(3)]
    batch = {"mode": "atomic", "items": [{"code": code, "name": code} for code in codes]}
    key = {"idempotency-key": uuid4().hex}
    first, again = [await client.post("/v1/segments:batch", json=batch, headers=key) for _ in range(2)]
    assert (first.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = {"mode": "atomic", "items": batch["items"][:1]}
    assert code_of(await client.post("/v1/segments:batch", json=other, headers=key)) == "idempotency_key_reused"
    found = (await client.get("/v1/segments", params={"code": codes})).json()["items"]
    assert len(found) == 3
