"""An old run can be recalculated from what it read, on either engine, whatever changed since."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import app.domain.compensation.verification_job  # noqa: F401 - declares the job
from app.domain.compensation.calculation import engines, kept
from app.domain.compensation.calculation.inputs import RELATIONS
from app.worker import run_job as work_off
from tests.domain.compensation.desk import COMMISSION, Desk
from tests.domain.compensation.first_kept import FIRST_KEPT
from tests.domain.compensation.test_balances import replan
from tests.domain.compensation.test_retroactivity import next_year
from tests.domain.compensation.upheaval import correct, january, lower_quota, raise_rates, reassign

ENGINES = ("postgresql", "duckdb")


async def verified(desk: Desk, run: Any, engine: str) -> Any:
    """What came of recalculating a run."""
    job = await desk.world.post("finance", f"/v1/compensation-runs/{run['id']}/verify", {"engine": engine})
    await work_off(desk.world.service, desk.world.org_id, UUID(job["id"]))
    job = await desk.world.get("finance", f"/v1/jobs/{job['id']}")
    assert job["state"] == "succeeded", job["problem"]
    return await desk.world.get("finance", job["result"]["path"])


def tamper(file: Path, column: str, value: object) -> None:
    """Give the first row of a kept relation another value."""
    rows = pq.read_table(file).to_pylist()
    rows[0][column] = value
    pq.write_table(pa.Table.from_pylist(rows, schema=pq.read_schema(file)), file)


def inputs_of(tmp_path: Path, run: Any) -> Path:
    (found,) = tmp_path.rglob(f"{run['id']}-inputs")
    return found


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_closed_month_is_recalculated_bit_for_bit_after_everything_changed(desk: Desk, engine: str) -> None:
    at, deal = await january(desk)
    first = await desk.take(await desk.posted("2026-M01"), "pay")
    await desk.world.post("finance", f"/v1/periods/{desk.periods['2026-M01']}/close")
    before = await verified(desk, first, engine)

    await desk.sell("2026-01-20", "9999", "sam")
    await correct(desk, deal)
    await lower_quota(desk, since="2026-02-01")
    await reassign(desk, at)
    await raise_rates(desk)
    after = await verified(desk, first, engine)
    later = await desk.posted("2026-M02")

    assert (before["same"], after["same"], after["step"]) == (True, True, None)
    assert after["steps"] == before["steps"]
    assert {step["step"]: step["found"] for step in after["steps"]} == first["digests"]
    assert (after["engine"], after["same_code"]) == (engine, True)
    assert later["digests"]["pay"] != first["digests"]["pay"]
    assert (await verified(desk, later, engine))["same"]


async def test_other_inputs_are_noticed_at_the_first_step_that_reads_them(desk: Desk, tmp_path: Path) -> None:
    await desk.sell("2026-01-10", "1000", "sam")
    run = await desk.calculate("2026-M01")
    tamper(inputs_of(tmp_path, run) / "participant.parquet", "valid_from", date(2026, 1, 5))
    said = await verified(desk, run, "duckdb")
    assert (said["same"], said["fiscal_year"], said["step"], said["differing"]) == (False, 2026, "eligibility", 2)
    assert [(row["found"], row["row"].split("|")[-2]) for row in said["rows"]] == [
        (False, "2026-01-01"),
        (True, "2026-01-05"),
    ]
    (linked,) = await desk.items("comp_admin", "/v1/run-verifications", run_id=run["id"], same="false")
    assert (linked["id"], linked["rows"]) == (said["id"], said["rows"])
    tamper(inputs_of(tmp_path, run) / "quota.parquet", "amount", Decimal(1))
    tamper(inputs_of(tmp_path, run) / "participant.parquet", "valid_from", date(2026, 1, 1))
    said = await verified(desk, run, "postgresql")
    # The artefact does not keep this step, and what it was made of is not what it was.
    assert (said["step"], said["differing"], said["rows"]) == ("quota_of", None, [])


GATE = {"input": {"figure": "attainment"}, "at_least": "0.5", "below": "0.5"}


def as_first_kept(folder: Path) -> None:
    """Make kept inputs those of a run of before there were some relations and columns."""
    for name in kept.LATER:
        (folder / f"{name}.parquet").unlink()
    for file in folder.glob("*.parquet"):
        rows = pq.read_table(file)
        pq.write_table(rows.select(FIRST_KEPT[file.stem].split()), file)


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_run_of_before_columns_were_added_is_recalculated(desk: Desk, tmp_path: Path, engine: str) -> None:
    await replan(desk, components=[COMMISSION | {"gates": [GATE]}])
    await desk.sell("2026-01-10", "1000", "sam")
    run = await desk.calculate("2026-M01")
    as_first_kept(inputs_of(tmp_path, run))
    assert (await verified(desk, run, engine))["same"]


def test_whatever_is_added_to_inputs_says_what_it_meant_before() -> None:
    now = {(name, column.name) for name, columns in RELATIONS.items() for column in columns}
    then = {(name, column) for name, columns in FIRST_KEPT.items() for column in columns.split()}
    said = {(name, column) for name, columns in kept.BEFORE.items() for column in columns}
    assert {(name, column) for name, column in now - then if name not in kept.LATER} <= said
    assert said <= now - then
    assert not set(kept.LATER) & FIRST_KEPT.keys()


async def test_inputs_of_which_one_is_lost_are_not_completed(desk: Desk, tmp_path: Path) -> None:
    run = await desk.calculate("2026-M01")
    (inputs_of(tmp_path, run) / "quota.parquet").unlink()
    job = await desk.world.post("finance", f"/v1/compensation-runs/{run['id']}/verify", {})
    await work_off(desk.world.service, desk.world.org_id, UUID(job["id"]))
    job = await desk.world.get("finance", f"/v1/jobs/{job['id']}")
    assert (job["state"], job["problem"]["code"]) == ("failed", "inputs_not_kept")


async def test_an_engine_that_computes_otherwise_is_told_row_by_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sell("2026-01-10", "1000", "sam")
    run = await desk.calculate("2026-M01")
    right = engines.with_schema
    monkeypatch.setattr(engines, "with_schema", lambda sql: right(sql.replace("'direct'", "'overlay'")))
    said = await verified(desk, run, "postgresql")
    assert (said["step"], said["differing"]) == ("claim", 2)
    assert [(row["found"], row["row"].split("|")[1]) for row in said["rows"]] == [(False, "direct"), (True, "overlay")]
    monkeypatch.undo()
    assert (await verified(desk, run, "postgresql"))["same"]


async def test_a_run_of_two_years_is_recalculated_in_both(desk: Desk) -> None:
    await desk.sell("2026-02-10", "120000", "sam")
    await desk.posted("2026-Q4")
    await next_year(desk)
    await desk.sell("2026-11-10", "2000", "sam")
    run = await desk.calculate("2027-Q1")
    said = await verified(desk, run, "postgresql")
    assert said["same"]
    assert {step["fiscal_year"] for step in said["steps"]} == {2026, 2027}


async def test_what_cannot_be_recalculated_is_refused(desk: Desk, tmp_path: Path) -> None:
    queued = await desk.ask("2026-M01")
    path = f"/v1/compensation-runs/{queued['id']}/verify"
    assert (await desk.world.post("finance", path, {}, expect=409))["code"] == "run_not_calculated"
    assert (await desk.world.post("manager", path, {}, expect=403))["code"] == "permission_required"
    run = await desk.work(queued)
    shutil.rmtree(inputs_of(tmp_path, run))
    job = await desk.world.post("finance", path, {})
    await work_off(desk.world.service, desk.world.org_id, UUID(job["id"]))
    job = await desk.world.get("finance", f"/v1/jobs/{job['id']}")
    assert (job["state"], job["problem"]["code"]) == ("failed", "inputs_not_kept")
