"""Imports from the outside: uploads, what becomes of every row, and what is refused."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from app.domain.imports import job as importing
from app.domain.imports import staging, storing
from app.service import job_modules
from app.worker import run_job
from tests.world import World, fiscal_year, make_world

CSV, NDJSON = "text/csv", "application/x-ndjson"
ACCOUNTS = "source=crm&entity=account"

MAPPING = """
source: crm
steps:
  - file: accounts.csv
    entity: account
    key: {column: id}
    where: [{column: kind, one_of: [customer], reason: Only customers.}]
    fields:
      name: {column: name, correct: {Acmee: Acme}}
      parent_id: {column: parent, reference: account, unknown: "null"}
      owner_id: {column: owner, reference: seller, unknown: "null"}
"""


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    job_modules()
    async with make_world(database, tmp_path) as made:
        yield made


async def send(
    world: World, query: str, content: str | bytes, kind: str = CSV, who: str = "sales_ops"
) -> httpx.Response:
    """Upload one body."""
    headers = {"content-type": kind, "idempotency-key": str(uuid4())}
    body = content.encode() if isinstance(content, str) else content
    return await world.client(who).post(f"/v1/imports?{query}", content=body, headers=headers)


async def upload(world: World, files: dict[str, str], who: str = "sales_ops", **form: str) -> httpx.Response:
    """Upload files with a mapping."""
    parts = [("files", (name, text.encode(), CSV)) for name, text in files.items()]
    headers = {"idempotency-key": str(uuid4())}
    return await world.client(who).post("/v1/imports", data=form, files=parts, headers=headers)


async def worked_off(world: World, answer: httpx.Response) -> Any:
    """The job of an accepted upload after the worker was at it."""
    assert answer.status_code == 202, answer.text
    await run_job(world.service, world.org_id, UUID(answer.json()["id"]))
    return await world.get("admin", f"/v1/jobs/{answer.json()['id']}")


async def report(world: World, answer: httpx.Response) -> Any:
    """The one step of an import that came to its end."""
    job = await worked_off(world, answer)
    assert job["state"] == "succeeded", job["problem"]
    (step,) = (await world.get("sales_ops", job["result"]["path"]))["steps"]
    ends = ("created", "changed", "unchanged", "rejected", "excluded", "repeated")
    assert step["read"] == sum(step[end] for end in ends)
    return {end: step[end] for end in ends if step[end]}


async def findings(world: World, **filters: str) -> list[tuple[Any, ...]]:
    found = (await world.get("sales_ops", "/v1/import-findings", limit=200, **filters))["items"]
    return [(f["row"], f["column"], f["rule"], f["before"], f["after"]) for f in found]


async def accounts(world: World) -> dict[str, Any]:
    found = (await world.get("sales_ops", "/v1/accounts", limit=200, include="parent"))["items"]
    return {account["name"]: account for account in found}


def left_behind(world: World) -> list[Path]:
    return [path for path in world.service.settings.artifacts.rglob("*") if path.is_file()]


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


# -- rows -----------------------------------------------------------------------------------------------------------


async def test_columns_called_as_fields_need_no_mapping(world: World) -> None:
    content = "external_key,name,employees,annual_revenue,owner_id\n1,Acme,10,1234.50,\n2,Bravo,,,\n"
    assert await report(world, await send(world, ACCOUNTS, content)) == {"created": 2}
    found = await accounts(world)
    assert (found["Acme"]["employees"], found["Acme"]["annual_revenue"]["amount"]) == (10, "1234.50")
    assert found["Acme"]["external_ids"] == [{"source": "crm", "key": "1"}]
    assert found["Bravo"]["employees"] is None


async def test_repeating_an_import_changes_no_version_and_says_so(world: World) -> None:
    content = "external_key,name\n1,Acme\n2,Bravo\n"
    await report(world, await send(world, ACCOUNTS, content))
    before = await accounts(world)
    assert await report(world, await send(world, ACCOUNTS, content)) == {"unchanged": 2}
    assert await accounts(world) == before
    assert await report(world, await send(world, ACCOUNTS, content.replace("Bravo", "Beta"))) == {
        "changed": 1,
        "unchanged": 1,
    }


async def test_lines_of_json_keep_their_types(world: World) -> None:
    lines = [
        {"external_key": 7, "name": "Acme", "employees": 5, "potential": "10.50"},
        {"external_key": "8", "name": "Bravo", "potential": 10.5},
        {"external_key": "9", "name": "Carbon", "colour": "red"},
    ]
    content = "\n".join(json.dumps(line) for line in lines)
    assert await report(world, await send(world, ACCOUNTS, content, NDJSON)) == {"created": 1, "rejected": 2}
    assert (await accounts(world))["Acme"]["external_ids"][0]["key"] == "7"
    assert [(row, column, rule) for row, column, rule, *_ in await findings(world)] == [
        (2, "potential", "number_as_string"),
        (3, "colour", "extra_forbidden"),
    ]


async def test_rows_that_cannot_be_used_are_named_and_the_others_imported(world: World) -> None:
    content = (
        b"external_key,name,country\n1,Acme,FR\n,Nobody,FR\n1,Again,FR\n2,B\x00ravo,FR\n3,\xff,FR\n4,Four,France\n5,F"
    )
    assert await report(world, await send(world, ACCOUNTS, content)) == {"created": 1, "rejected": 6}
    assert [(row, column, rule) for row, column, rule, *_ in await findings(world, severity="rejected")] == [
        (3, "external_key", "key_missing"),
        (4, None, "duplicate_key"),
        (5, None, "nul_character"),
        (6, None, "not_utf8"),
        (7, "country", "string_pattern_mismatch"),
        (8, None, "field_count"),
    ]


async def test_what_only_the_database_refuses_costs_only_its_row(world: World) -> None:
    sellers = "external_key,name,email,hired_on,position.job_role,position.team\n"
    sellers += "".join(f"{n},S{n},s{n}@example.com,2025-01-01,AE,Lyon\n" for n in range(8))
    sellers += "8,Sam again,sam@example.com,2025-01-01,AE,Lyon\n"
    assert await report(world, await send(world, "source=crm&entity=seller", sellers)) == {"created": 8, "rejected": 1}
    assert [(row, rule) for row, _, rule, *_ in await findings(world)] == [(10, "already_exists")]


async def test_a_file_without_rows_is_no_mistake(world: World) -> None:
    assert await report(world, await send(world, ACCOUNTS, "external_key,name\n")) == {}


async def test_a_mapping_leaves_out_corrects_and_cuts_and_every_row_is_told(world: World) -> None:
    content = (
        "id,name,parent,owner,kind,extra\n1,Acmee,2,nobody,customer,x\n2,Bravo,gone,,customer,x\n3,C,,,prospect,x\n"
    )
    answer = await upload(world, {"accounts.csv": content}, mapping_document=MAPPING)
    assert await report(world, answer) == {"created": 2, "excluded": 1}
    found = await accounts(world)
    assert found["Acme"]["parent"]["name"] == "Bravo"
    assert found["Bravo"]["parent_id"] is None
    assert await findings(world, severity="cleaned") == [
        (2, "owner", "unknown_reference", "nobody", None),
        (2, "name", "correct", "Acmee", "Acme"),
        (3, "parent", "unknown_reference", "gone", None),
    ]
    assert [column for _, column, *_ in await findings(world, severity="ignored")] == ["extra"]


async def test_parents_may_stand_below_their_children_in_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK", 2)
    content = "external_key,name,parent_key\n1,A,2\n2,B,3\n3,C,\n4,D,5\n5,E,4\n6,F,gone\n7,G,6\n8,H,1\n"
    assert await report(world, await send(world, ACCOUNTS, content)) == {"created": 4, "rejected": 4}
    found = await accounts(world)
    assert {name: a["parent"] and a["parent"]["name"] for name, a in found.items()} == {
        "A": "B",
        "B": "C",
        "C": None,
        "H": "A",
    }
    assert [(row, rule) for row, _, rule, *_ in await findings(world)] == [
        (5, "cycle"),
        (6, "cycle"),
        (7, "unknown_reference"),
        (8, "unknown_reference"),
    ]


async def test_transactions_refer_to_rows_by_key_or_id(world: World) -> None:
    await report(world, await send(world, ACCOUNTS, "external_key,name\nA,Acme\n"))
    header = "external_key,kind,transaction_date,amount.amount,amount.currency,account_key,"
    header += "splits.0.seller_id,splits.0.share\n"
    row = f"T1,booking,2026-02-03,99.90,EUR,A,{world.sellers['sam']},1\n"
    lost = f"T2,booking,2026-02-03,99.90,EUR,B,{world.sellers['sam']},1\n"
    uneven = f"T3,booking,2026-02-03,99.90,EUR,A,{world.sellers['sam']},0.5\n"
    answer = await send(world, "source=crm&entity=transaction", header + row + lost + uneven, who="comp_admin")
    assert await report(world, answer) == {"created": 1, "rejected": 2}
    assert {rule for _, _, rule, *_ in await findings(world)} == {"unknown_reference", "splits_do_not_tile"}
    (sale,) = (await world.get("comp_admin", "/v1/transactions"))["items"]
    assert sale["amount"] == {"amount": "99.90", "currency": "EUR"}
    assert sale["splits"] == [{"seller_id": world.sellers["sam"], "share": "1.00"}]


async def test_a_date_in_a_closed_period_is_told_of_its_row(world: World) -> None:
    periods = await fiscal_year(world)
    await world.post("finance", f"/v1/periods/{periods['2026-Q1']}/close")
    header = "external_key,kind,transaction_date,amount.amount,amount.currency\n"
    rows = [f"T{n},booking,{day},99.90,EUR\n" for n, day in enumerate(("2026-04-01", "2026-02-03", "2026-03-31"))]
    query = "source=crm&entity=transaction"
    rehearsed = await send(world, f"{query}&dry_run=true", header + "".join(rows), who="comp_admin")
    answer = await send(world, query, header + "".join(rows), who="comp_admin")
    for sent in (rehearsed, answer):
        job = await worked_off(world, sent)
        (step,) = (await world.get("sales_ops", job["result"]["path"]))["steps"]
        assert (step["read"], step["created"], step["noted"], step["rejected"]) == (3, 3, 2, 0)
        found = await world.get(
            "sales_ops", "/v1/import-findings", import_id=job["result"]["import_id"], severity="noted"
        )
        assert [(f["row"], f["column"], f["rule"]) for f in found["items"]] == [
            (3, "transaction_date", "date_in_closed_period"),
            (4, "transaction_date", "date_in_closed_period"),
        ]
        assert {f["detail"].split(":")[0] for f in found["items"]} == {"2026-Q1 is closed and stays as it was paid"}
    again = await send(world, query, header + "".join(rows), who="comp_admin")
    assert await report(world, again) == {"unchanged": 3}
    assert len((await world.get("comp_admin", "/v1/transactions", late="true"))["items"]) == 2


async def test_segments_are_imported_with_their_rule(world: World) -> None:
    line = json.dumps({"external_key": "S", "code": "FR", "name": "France", "rule": {"countries": ["FR"]}})
    assert await report(world, await send(world, "source=crm&entity=segment", line, NDJSON)) == {"created": 1}
    assert await report(world, await send(world, "source=crm&entity=segment", line, NDJSON)) == {"unchanged": 1}
    (segment,) = (await world.get("sales_ops", "/v1/segments"))["items"]
    assert (segment["rule"]["countries"], segment["rule"]["industries"]) == (["FR"], [])


async def test_a_seller_with_another_manager_moves_today(world: World) -> None:
    header = "external_key,name,hired_on,position.job_role,position.team,position.manager_key\n"
    people = "boss,Bea,2025-01-01,Manager,Lyon,\nother,Ole,2025-01-01,Manager,Lyon,\n"
    query = "source=crm&entity=seller"
    assert await report(world, await send(world, query, header + people + "1,Ann,2025-01-01,AE,Lyon,boss\n")) == {
        "created": 3
    }
    assert await report(world, await send(world, query, header + people + "1,Ann,2025-01-01,AE,Lyon,other\n")) == {
        "changed": 1,
        "unchanged": 2,
    }
    found = (await world.get("sales_ops", "/v1/sellers", limit=200, include="positions,manager"))["items"]
    ann = next(seller for seller in found if seller["name"] == "Ann")
    ole = next(seller for seller in found if seller["name"] == "Ole")
    now, before = ann["positions"]["items"]
    assert ann["manager"]["name"] == "Ole"
    assert (before["effective_from"], before["effective_to"]) == ("2025-01-01", now["effective_from"])
    line = (await world.get("sales_ops", "/v1/sellers", in_line_of=ole["id"]))["items"]
    assert {seller["name"] for seller in line} == {"Ole", "Ann"}


async def test_a_reporting_cycle_in_the_file_is_rejected(world: World) -> None:
    header = "external_key,name,hired_on,position.job_role,position.team,position.manager_key\n"
    content = header + "1,Ann,2025-01-01,AE,Lyon,2\n2,Bo,2025-01-01,AE,Lyon,1\n3,Cy,2025-01-01,AE,Lyon,\n"
    assert await report(world, await send(world, "source=crm&entity=seller", content)) == {"created": 1, "rejected": 2}


# -- the whole import ----------------------------------------------------------------------------------------------


async def test_a_dry_run_reports_the_same_and_writes_nothing(world: World) -> None:
    content = "external_key,name,parent_key\n1,Acme,\n2,Bravo,1\n3,,\n"
    dry = await report(world, await send(world, f"{ACCOUNTS}&dry_run=true", content))
    assert await accounts(world) == {}
    names = [event["name"] for event in (await world.get("admin", "/v1/events", limit=200))["items"]]
    assert "account.imported" not in names
    assert await report(world, await send(world, ACCOUNTS, content)) == dry == {"created": 2, "rejected": 1}


async def test_a_file_that_breaks_in_the_middle_writes_nothing(world: World) -> None:
    content = 'external_key,name\n1,Acme\n2,Bravo\n3,"never closed\n4,x\n'
    job = await worked_off(world, await send(world, ACCOUNTS, content))
    assert (job["state"], job["problem"]["code"]) == ("failed", "file_unreadable")
    assert await accounts(world) == {}
    assert left_behind(world) == []


@pytest.mark.parametrize(
    ("header", "code", "pointer"),
    [
        ("id,name", "columns_missing", "/files/upload.csv/external_key"),
        ("external_key,city", "columns_missing", "/files/upload.csv/name"),
        ("external_key,name,colour", "columns_unknown", "/files/upload.csv/colour"),
    ],
)
async def test_wrong_columns_are_named(world: World, header: str, code: str, pointer: str) -> None:
    job = await worked_off(world, await send(world, ACCOUNTS, f"{header}\n1,2,3\n"))
    assert (job["state"], job["problem"]["code"]) == ("failed", code)
    assert pointer in [error["pointer"] for error in job["problem"]["errors"]]


async def test_an_import_can_be_cancelled_between_sets_and_finished_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK", 2)
    content = "external_key,name\n" + "".join(f"{n},A{n}\n" for n in range(10))
    answer = await send(world, ACCOUNTS, content)
    store = storing.store

    async def store_and_cancel(*args: Any) -> Any:
        await world.post("sales_ops", f"/v1/jobs/{answer.json()['id']}/cancel")
        return await store(*args)

    with monkeypatch.context() as patched:
        patched.setattr(importing, "store", store_and_cancel)
        job = await worked_off(world, answer)
    assert job["state"] == "cancelled"
    (stopped,) = (await world.get("sales_ops", "/v1/imports"))["items"]
    assert (stopped["state"], stopped["finished_at"]) == ("cancelled", None)
    assert (len(await accounts(world)), left_behind(world)) == (2, [])
    assert await report(world, await send(world, ACCOUNTS, content)) == {"created": 8, "unchanged": 2}


async def test_an_attempt_that_broke_is_repeated_without_doubling_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "CHUNK", 2)
    content = "external_key,name\n1,A\n2,B\n3,C\n,none\n"
    answer = await send(world, ACCOUNTS, content)
    store, calls = storing.store, []

    async def break_once(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("the worker lost its connection")
        return await store(*args)

    monkeypatch.setattr(importing, "store", break_once)
    assert not await run_job(world.service, world.org_id, UUID(answer.json()["id"]))
    assert await report(world, answer) == {"created": 1, "unchanged": 2, "rejected": 1}
    assert len(await findings(world)) == 1


async def test_statistics_are_taken_after_an_import(world: World) -> None:
    content = "external_key,name\n" + "".join(f"{n},A{n}\n" for n in range(50))
    await report(world, await send(world, ACCOUNTS, content))
    connection = await asyncpg.connect(world.service.dsn)
    try:
        assert await connection.fetchval("select reltuples from pg_class where oid = 'account'::regclass") == 50
    finally:
        await connection.close()


async def test_imports_and_their_findings_are_read_on_both_surfaces(world: World) -> None:
    await report(world, await send(world, ACCOUNTS, "external_key,name\n1,Acme\n,x\n"))
    answer = await world.graphql(
        "sales_ops",
        "{ dataImports(first: 5) { edges { node { state source files { name } steps { rejected }"
        " job { state } findings(first: 5) { edges { node { row rule severity } } } } } } }",
    )
    (edge,) = answer["data"]["dataImports"]["edges"]
    assert edge["node"]["findings"]["edges"][0]["node"] == {"row": 3, "rule": "key_missing", "severity": "REJECTED"}
    assert (edge["node"]["state"], edge["node"]["steps"]) == ("SUCCEEDED", [{"rejected": 1}])


async def test_findings_are_downloaded_without_formulas(world: World) -> None:
    content = "external_key,name,country\n1,Acme,=1+1\n2,Bravo,FR\n3,C,@x\n"
    job = await worked_off(world, await send(world, ACCOUNTS, content))
    path = f"{job['result']['path']}/findings.csv"
    answer = await world.client("sales_ops").get(path)
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["before"] for row in csv.DictReader(answer.text.splitlines())] == ["'=1+1", "'@x"]
    assert problem(await world.client("seller").get(path)) == (403, "permission_required")
    assert problem(await world.client("sales_ops").get(f"/v1/imports/{uuid4()}/findings.csv")) == (404, "not_found")


# -- uploads that are refused --------------------------------------------------------------------------------------


async def refused(world: World, answers: Sequence[httpx.Response]) -> list[tuple[int, str]]:
    """The problems of refused uploads, which leave neither a job nor a file."""
    assert (await world.get("admin", "/v1/jobs"))["items"] == []
    assert left_behind(world) == []
    return [problem(answer) for answer in answers]


async def test_a_raw_upload_says_what_it_is(world: World) -> None:
    content = "external_key,name\n1,Acme\n"
    answers = [
        await send(world, "source=crm", content),
        await send(world, "source=crm&entity=quota", content),
        await send(world, "entity=account", content),
        await send(world, "source=a%20b&entity=account", content),
        await send(world, f"{ACCOUNTS}&dry_run=maybe", content),
        await send(world, f"{ACCOUNTS}&mode=x", content),
        await send(world, ACCOUNTS, content, "application/json"),
    ]
    expected = [(400, "invalid_parameter")] * 5 + [(400, "unknown_parameter"), (400, "malformed_request")]
    assert await refused(world, answers) == expected


async def test_a_mapping_and_its_files_belong_together(world: World) -> None:
    file = {"accounts.csv": "id,name\n"}
    answers = [
        await upload(world, file),
        await upload(world, file, mapping="crm-sales-opportunities", mapping_document=MAPPING),
        await upload(world, file, mapping="unheard-of"),
        await upload(world, file, mapping_document="steps: []"),
        await upload(world, {**file, "more.csv": "a\n"}, mapping_document=MAPPING),
        await upload(world, {"other.csv": "a\n"}, mapping_document=MAPPING),
        await upload(world, {"acc\x01ounts.csv": "a\n"}, mapping_document=MAPPING),
        await upload(world, file, mapping_document=MAPPING, colour="red"),
        await upload(world, {".hidden": "a\n"}, mapping_document=MAPPING),
    ]
    assert await refused(world, answers) == [
        (422, "invalid_input"),
        (422, "invalid_input"),
        (422, "unknown_mapping"),
        (422, "mapping_invalid"),
        (422, "file_not_mapped"),
        (422, "file_missing"),
        (422, "invalid_input"),
        (422, "invalid_input"),
        (422, "invalid_input"),
    ]


async def test_a_file_cannot_be_put_anywhere_else(world: World) -> None:
    answer = await upload(world, {"../../accounts.csv": "id,name,parent,owner,kind\n"}, mapping_document=MAPPING)
    assert answer.status_code == 202
    root = world.service.settings.artifacts.resolve() / "imports"
    assert [path.relative_to(root).name for path in left_behind(world)] == ["accounts.csv"]


async def test_broken_multipart_is_refused(world: World) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x", "idempotency-key": "k"}
    answer = await world.client("sales_ops").post("/v1/imports", content=b"--y\r\nnonsense", headers=headers)
    assert await refused(world, [answer]) in ([(400, "malformed_request")], [(422, "invalid_input")])


async def test_an_import_needs_the_permission_of_what_it_writes(world: World) -> None:
    content = "external_key,name\n1,Acme\n"
    answers = [
        await send(world, ACCOUNTS, content, who="seller"),
        await send(world, ACCOUNTS, content, who="viewer"),
        await send(world, ACCOUNTS, content, who="comp_admin"),
    ]
    assert await refused(world, answers) == [(403, "permission_required")] * 3
    assert answers[2].json()["permission"] == "accounts:write"
    nobody = await world.anonymous().post(f"/v1/imports?{ACCOUNTS}", content=content, headers={"content-type": CSV})
    assert problem(nobody) == (401, "unauthenticated")


async def test_one_key_is_one_import(world: World) -> None:
    client = world.client("sales_ops")
    headers = {"content-type": CSV, "idempotency-key": "once"}
    path, content = f"/v1/imports?{ACCOUNTS}", b"external_key,name\n1,Acme\n"
    answers = await asyncio.gather(*(client.post(path, content=content, headers=headers) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [202] * 5
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 4
    assert len(left_behind(world)) == 1
    other = await client.post(path, content=content + b"2,Bravo\n", headers=headers)
    assert problem(other) == (422, "idempotency_key_reused")
    without = await client.post(path, content=content, headers={"content-type": CSV})
    assert without.json()["code"] == "idempotency_key_required"
    assert len(left_behind(world)) == 1
