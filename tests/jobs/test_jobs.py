"""Jobs from the outside: progress, cancel, problems, attempts, and workers that are stopped or killed."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.errors import DomainError
from app.domain.kernel.jobs import enqueue
from app.worker import run_job
from tests.jobs import kinds  # noqa: F401  (the handlers of the tests are known once it is imported)
from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def ask(world: World, kind: str, role: str = "comp_admin", **payload: Any) -> UUID:
    async with world.operations.transaction(world.actor(role)) as tx:
        return await enqueue(tx, kind, payload, needs="runs:write")


async def state_of(world: World, id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = await world.get("comp_admin", f"/v1/jobs/{id}")
    return found


async def until(world: World, id: UUID, *states: str, seconds: float = 60) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        while (job := await state_of(world, id))["state"] not in states:  # noqa: ASYNC110 (as a caller would)
            await asyncio.sleep(0.05)
    return job


async def start_worker(world: World, folder: Path) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "tests.jobs.kinds", world.service.dsn, str(folder))
    return await asyncio.create_subprocess_exec(*command)


async def stop(process: asyncio.subprocess.Process) -> int:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    return await asyncio.wait_for(process.wait(), 30)


async def test_a_job_reports_progress_and_keeps_its_result(world: World) -> None:
    id = await ask(world, "test_steps", total=3)
    assert (await state_of(world, id))["state"] == "queued"
    assert await run_job(world.service, world.org_id, id)
    job = await state_of(world, id)
    assert (job["state"], job["done"], job["total"], job["result"]) == ("succeeded", 3, 3, {"counted": 3})
    assert job["attempts"] == 1


async def test_a_job_that_is_over_is_not_run_again(world: World) -> None:
    id = await ask(world, "test_steps", total=1)
    for _ in range(2):
        assert await run_job(world.service, world.org_id, id)
    assert (await state_of(world, id))["attempts"] == 1


async def test_a_job_exists_only_if_its_transaction_commits(world: World) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with world.operations.transaction(world.actor("comp_admin")) as tx:
            await enqueue(tx, "test_steps", {"total": 1}, needs="runs:write")
            raise ZeroDivisionError
    assert (await world.get("comp_admin", "/v1/jobs"))["items"] == []


async def test_a_refusal_ends_the_job_with_its_problem(world: World) -> None:
    id = await ask(world, "test_refused")
    assert await run_job(world.service, world.org_id, id)
    job = await state_of(world, id)
    assert job["state"] == "failed"
    assert job["problem"]["code"] == "period_closed"
    assert job["problem"]["errors"][0]["pointer"] == "/period_id"


async def test_a_defect_is_tried_again_until_attempts_are_used_up(world: World) -> None:
    id = await ask(world, "test_broken")
    outcomes = [await run_job(world.service, world.org_id, id) for _ in range(3)]
    assert outcomes == [False, False, True]
    job = await state_of(world, id)
    assert (job["state"], job["attempts"], job["problem"]["code"]) == ("failed", 3, "internal_error")


async def test_a_queued_job_is_cancelled_at_once_and_twice_is_as_once(world: World) -> None:
    id = await ask(world, "test_steps", total=1)
    for _ in range(2):
        job = await world.post("comp_admin", f"/v1/jobs/{id}/cancel", expect=200)
        assert job["state"] == "cancelled"
    assert await run_job(world.service, world.org_id, id)
    assert (await state_of(world, id))["attempts"] == 0


async def test_a_running_job_ends_at_its_next_step_when_cancelled(world: World) -> None:
    id = await ask(world, "test_steps", total=1000, pause=0.02)
    running = asyncio.create_task(run_job(world.service, world.org_id, id))
    await until(world, id, "running")
    await world.post("comp_admin", f"/v1/jobs/{id}/cancel", expect=200)
    assert await asyncio.wait_for(running, 10)
    job = await state_of(world, id)
    assert job["state"] == "cancelled"
    assert job["done"] < 1000


async def test_a_job_is_cancelled_by_who_asked_for_it_or_may_start_one_and_by_nobody_else(world: World) -> None:
    own, other = await ask(world, "test_steps", "manager", total=1), await ask(world, "test_steps", "manager", total=1)
    for role in ("admin", "sales_ops", "finance"):
        refused = await world.post(role, f"/v1/jobs/{own}/cancel", expect=403)
        assert refused["code"] == "permission_required"
        assert "runs:write" in refused["detail"]
    assert (await state_of(world, own))["state"] == "queued"
    for role, id in (("manager", own), ("comp_admin", other)):
        assert (await world.post(role, f"/v1/jobs/{id}/cancel", expect=200))["state"] == "cancelled"


async def test_a_job_is_seen_by_who_asked_for_it_and_not_by_a_colleague(world: World) -> None:
    id = await ask(world, "test_steps", role="manager", total=1)
    assert (await world.client("manager").get(f"/v1/jobs/{id}")).status_code == 200
    assert (await world.client("otto").get(f"/v1/jobs/{id}")).status_code == 404


async def test_the_event_stream_follows_a_job_and_resumes(world: World) -> None:
    id = await ask(world, "test_steps", total=3, pause=0.2)
    running = asyncio.create_task(run_job(world.service, world.org_id, id))
    path = f"/v1/jobs/{id}/events"
    events = _events((await asyncio.wait_for(world.client("comp_admin").get(path), 20)).text)
    await running
    assert events[-1][1]["state"] == "succeeded"
    versions = [version for version, _ in events]
    assert versions == sorted(set(versions))
    resumed = await world.client("comp_admin").get(path, headers={"last-event-id": str(versions[-2])})
    assert [version for version, _ in _events(resumed.text)] == versions[-1:]


async def test_the_stream_of_an_unknown_job_is_not_found(world: World) -> None:
    answer = await world.client("comp_admin").get(f"/v1/jobs/{world.org_id}/events")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


async def test_a_worker_process_takes_jobs_and_drains_on_sigterm(world: World, tmp_path: Path) -> None:
    worker = await start_worker(world, tmp_path)
    try:
        id = await ask(world, "test_steps", total=10, pause=0.1)
        await until(world, id, "running")
        assert await stop(worker) == 0
        assert (await state_of(world, id))["state"] == "succeeded"
    finally:
        await stop(worker)


async def test_a_killed_worker_leaves_its_job_to_another(world: World, tmp_path: Path) -> None:
    worker = await start_worker(world, tmp_path)
    id = await ask(world, "test_steps", total=20, pause=0.1)
    await until(world, id, "running")
    worker.kill()
    await worker.wait()
    other = await start_worker(world, tmp_path)
    try:
        job = await until(world, id, "succeeded", seconds=60)
        assert job["attempts"] == 2
    finally:
        await stop(other)


async def test_a_tenant_sees_no_job_of_another(world: World, database: str, tmp_path: Path) -> None:
    id = await ask(world, "test_steps", total=1)
    async with make_world(database, tmp_path, "Other Company") as other:
        assert (await other.client("admin").get(f"/v1/jobs/{id}")).status_code == 404
        assert await run_job(other.service, other.org_id, id)
    assert (await state_of(world, id))["state"] == "queued"


async def test_a_seller_may_not_cancel_the_job_of_another(world: World) -> None:
    id = await ask(world, "test_steps", total=1)
    with pytest.raises(DomainError, match="does not exist"):
        async with world.operations.transaction(world.actor("seller", "sam")) as tx:
            await tx.visible("job", id)


def _events(text: str) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in lines:
            found.append((int(lines["id"]), json.loads(lines["data"])))
    return found
