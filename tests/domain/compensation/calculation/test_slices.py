"""Days that an earlier run knows are taken over from it, and the outcome is that of a whole run."""

import copy
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.compensation.calculation import engine, slicing
from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import Copy, Inputs, copy_schema
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.calculation.loading import table, write_copy

from .test_oracle import organisations
from .world import World, inputs_of, run

Change = Callable[[World, random.Random], None]


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the window as if two transactions were many."""
    monkeypatch.setattr(slicing, "_SLICE", 2)


def after(parent: Outcome, world: World, folder: Path) -> Outcome:
    return calculate(inputs_of(world), folder, lambda *_: None, lambda: False, parent=parent.artefact)


def assert_same(one: Outcome, other: Outcome) -> None:
    assert one.digests == other.digests
    assert replace(one, artefact=other.artefact, reused=other.reused) == other


def sell(world: World, chance: random.Random) -> None:
    """Somebody buys again, late or in time."""
    if world["transaction"]:
        deal = dict(chance.choice(world["transaction"]))
        day = date(2026, chance.randrange(1, 13), chance.randrange(1, 28))
        taken = {row["transaction_id"] for row in world["transaction"]}
        name = next(name for n in count() if (name := f"late-{n}") not in taken)
        world["transaction"].append(deal | {"transaction_id": name, "transaction_date": day, "kind": "booking"})


def withdraw(world: World, chance: random.Random) -> None:
    """A transaction that nothing refers to no longer counts."""
    named = {row["transaction_id"] for of in ("explicit_split", "manual_credit", "takeback") for row in world[of]}
    free = [row for row in world["transaction"] if row["transaction_id"] not in named]
    if free:
        world["transaction"].remove(chance.choice(free))


def raise_quota(world: World, chance: random.Random) -> None:
    if world["quota"]:
        chance.choice(world["quota"])["amount"] += Decimal(7)


def hand_over(world: World, chance: random.Random) -> None:
    """A territory goes to somebody else, from the beginning."""
    if world["coverage"]:
        others = [row["seller_id"] for row in world["participant"]]
        territory = chance.choice(world["coverage"])["territory_id"]
        for row in world["coverage"]:
            if row["territory_id"] == territory and others:
                row["seller_id"] = chance.choice(others)


def test_only_the_days_of_new_transactions_are_made_again(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    team["transaction"].append(team["transaction"][4] | {"transaction_id": "more", "amount": Decimal(5)})
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    made = [part.start for part in slicing.read_known(again.artefact).slices]
    assert again.reused == len(made) - 1 > 0


def test_another_quota_leaves_every_credit(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    raise_quota(team, random.Random(1))
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    assert again.reused == len(slicing.read_known(first.artefact).slices)


def test_other_coverage_makes_all_again(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    team["coverage"][0]["seller_id"] = "bob"
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    assert again.reused == 0


@pytest.mark.parametrize("lost", ["slices.json", "credit", "daily"])
def test_what_is_gone_of_the_earlier_run_is_made_again(team: World, tmp_path: Path, lost: str) -> None:
    first = run(team, tmp_path / "first")
    for file in first.artefact.glob(lost if "." in lost else f"{lost}/*"):
        file.unlink()
    again = after(first, team, tmp_path / "again")
    assert_same(again, first)
    assert again.reused == 0


def test_steps_of_other_code_are_made_again(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    manifest = first.artefact / "slices.json"
    manifest.write_text(manifest.read_text().replace('"fingerprint": "', '"fingerprint": "0'))
    assert after(first, team, tmp_path / "again").reused == 0


def test_the_days_of_runs_that_kept_nothing_else_are_still_known(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    manifest = first.artefact / "slices.json"
    known = slicing.read_known(first.artefact)
    manifest.write_text(json.dumps(json.loads(manifest.read_text())["slices"]))
    assert [part.file for part in slicing.read_known(first.artefact).slices] == [part.file for part in known.slices]
    again = after(first, team, tmp_path / "again")
    assert_same(again, first)
    assert again.reused == 0


def copied(world: World, folder: Path) -> Inputs:
    """The inputs with their transactions in a file per month, which is named after the ids in it."""
    folder.mkdir(exist_ok=True)
    inputs = inputs_of(world)
    rows = table(inputs.transaction)
    months = [day.month for day in rows["transaction_date"].to_pylist()]
    files = []
    for month in sorted(set(months)):
        those = rows.filter([other == month for other in months])
        named = "-".join(sorted(str(id)[-4:] for id in those["transaction_id"].to_pylist()))
        files.append(folder / f"{month}-{named}.parquet")
        ids = {"transaction_id", "account_id", "product_id"}
        typed = [
            {name: value and UUID(str(value)) if name in ids else value for name, value in row.items()}
            for row in those.to_pylist()
        ]
        write_copy(pa.Table.from_pylist(typed, schema=copy_schema()), files[-1])
    return replace(inputs, transaction=Copy(tuple(files)))


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The first days of the slices whose given transactions were read to see whether they are what they were."""
    found: list[date] = []

    def spied(connection: Any, made_of: str, relation: str, start: date, end: date) -> str:
        if relation == "transaction":
            found.append(start)
        return slicing.fingerprint(connection, made_of, relation, start, end)

    monkeypatch.setattr(engine, "fingerprint", spied)
    return found


def calculated(inputs: Inputs, folder: Path, parent: Outcome | None = None) -> Outcome:
    return calculate(inputs, folder, lambda *_: None, lambda: False, parent=parent.artefact if parent else None)


def test_days_out_of_the_same_files_are_taken_over_unread(team: World, tmp_path: Path, read_again: list[date]) -> None:
    first = calculated(copied(team, tmp_path / "copy"), tmp_path / "first")
    raise_quota(team, random.Random(1))
    again = calculated(copied(team, tmp_path / "copy"), tmp_path / "again", first)
    slices = slicing.read_known(again.artefact).slices
    assert (again.reused, read_again) == (len(slices), [])
    assert_same(again, run(team, tmp_path / "whole"))
    # What was taken over stands for the run after that.
    sell(team, random.Random(2))
    third = calculated(copied(team, tmp_path / "copy"), tmp_path / "third", again)
    assert_same(third, run(team, tmp_path / "whole-third"))
    assert third.reused > 0
    assert len(read_again) < len(slices)


def test_files_of_the_same_names_that_hold_something_else_are_read(
    team: World, tmp_path: Path, read_again: list[date]
) -> None:
    first = calculated(copied(team, tmp_path / "copy"), tmp_path / "first")
    for deal in team["transaction"]:
        deal["amount"] *= 2
    again = calculated(copied(team, tmp_path / "other"), tmp_path / "again", first)
    assert_same(again, run(team, tmp_path / "whole"))
    assert read_again


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(
    organisations(),
    st.lists(st.sampled_from([sell, withdraw, raise_quota, hand_over]), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_a_run_after_another_is_a_whole_run(world: World, changes: list[Change], chance: random.Random) -> None:
    before = copy.deepcopy(world)
    for change in changes:
        change(world, chance)
    with tempfile.TemporaryDirectory() as folder:
        first = run(before, Path(folder) / "first")
        again = after(first, world, Path(folder) / "again")
        assert_same(again, run(world, Path(folder) / "whole"))
