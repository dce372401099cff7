"""Days that an earlier run knows are taken over from it, and the outcome is that of a whole run."""

import copy
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
from app.domain.compensation.calculation.digest import Digest
from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import Copy, Inputs, copy_schema
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.calculation.loading import table, write_copy
from app.domain.compensation.calculation.making import digest_of

from .test_oracle import organisations
from .world import QUARTERS, World, component, inputs_of, run, settled_before, target, tiers

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


def hand_over_from_a_day(world: World, chance: random.Random) -> None:
    """Something that is dated ends, and goes on with somebody else or not at all."""
    relation = chance.choice(["coverage", "membership", "account_owner", "overlay", "crediting_rule", "reporting_line"])
    if not world[relation]:
        return
    one = chance.choice(world[relation])
    key = "territory_id" if relation == "coverage" else None
    together = [row for row in world[relation] if row is one or (key and row[key] == one[key] and same_start(row, one))]
    day = date(2026, chance.randrange(1, 13), chance.randrange(1, 28))
    if not (one["valid_from"] < day < (one["valid_to"] or date.max)):
        return
    if relation in ("coverage", "account_owner") and chance.random() < 0.7:
        seller = chance.choice([row["seller_id"] for row in world[relation]])
        goes_on = [row | {"valid_from": day} for row in together]
        goes_on[0]["seller_id"] = seller
        world[relation] += goes_on
    for row in together:
        row["valid_to"] = day


def same_start(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(row["valid_from"] == other["valid_from"])


def split_it(world: World, chance: random.Random) -> None:
    """A transaction now says itself who sold it."""
    known = {row["transaction_id"] for row in world["explicit_split"]}
    free = [row["transaction_id"] for row in world["transaction"] if row["transaction_id"] not in known]
    if free and world["participant"]:
        whole = {"ordinal": 1, "cum_lo": Decimal(0), "cum_hi": Decimal(1)}
        seller = chance.choice(world["participant"])["seller_id"]
        world["explicit_split"].append({"transaction_id": chance.choice(free), "seller_id": seller} | whole)


def enrol(world: World, chance: random.Random) -> None:
    """Somebody takes part from a day on, or no longer from the beginning."""
    if world["participant"]:
        row = chance.choice(world["participant"])
        row["valid_from"] = min(date(2026, chance.randrange(1, 12), 15), (row["valid_to"] or date.max))
        if row["valid_to"] and row["valid_to"] <= row["valid_from"]:
            world["participant"].remove(row)


def pay_another_quarter(world: World, chance: random.Random) -> None:
    (before,) = world["target_period"]
    quarter = chance.choice(list(QUARTERS))
    world["target_period"] = [target(quarter) | {"reach_start": before["reach_start"]}]
    world["settled"] = settled_before(quarter)
    # What these say of periods is no longer so.
    for relation in ("posted", "brought", "held", "holdback", "release", "clawed", "brought_back", "objective"):
        world[relation] = []


CHANGES = [
    *(sell, withdraw, raise_quota, hand_over),
    *(hand_over_from_a_day, hand_over_from_a_day, split_it, enrol, pay_another_quarter),
]


def test_only_the_days_of_new_transactions_are_made_again(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    team["transaction"].append(team["transaction"][4] | {"transaction_id": "more", "amount": Decimal(5)})
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    assert again.reused == len(slicing.read_known(first.artefact).slices) - 1 > 0


def test_another_quota_leaves_every_credit(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    raise_quota(team, random.Random(1))
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    assert again.reused == len(slicing.read_known(first.artefact).slices)


def test_other_coverage_makes_its_days_again(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    end = date(2026, 6, 1)
    for row in [row for row in team["coverage"] if row["valid_to"] is None]:
        team["coverage"].append(row | {"seller_id": "bob", "valid_from": end})
        row["valid_to"] = end
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    slices = slicing.read_known(first.artefact).slices
    assert again.reused == len([part for part in slices if part.end <= end]) > 0


def test_coverage_from_the_beginning_makes_all_again(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    for row in team["coverage"]:
        row["seller_id"] = "bob"
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    assert again.reused == 0


def test_another_plan_leaves_the_credits_that_count_for_it(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    team["component"][0] = component("own", "seller-plan", rate=tiers(("0", None, "0.07")))
    team["participant"][0]["target_incentive"] = Decimal(77_000)
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    assert again.reused == len(slicing.read_known(first.artefact).slices)


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
    manifest.write_text(manifest.read_text().replace('"made_of": "', '"made_of": "0'))
    assert after(first, team, tmp_path / "again").reused == 0


@pytest.mark.parametrize("kept", ["[]", "{", '{"slices": [{"start": "2026-01-01"}]}'])
def test_nothing_stands_of_a_run_that_kept_something_else(team: World, tmp_path: Path, kept: str) -> None:
    first = run(team, tmp_path / "first")
    (first.artefact / "slices.json").write_text(kept)
    again = after(first, team, tmp_path / "again")
    assert_same(again, first)
    assert again.reused == 0


def test_days_of_an_earlier_period_stand_when_the_next_is_paid(team: World, tmp_path: Path) -> None:
    pay_another_quarter(team, random.Random(2))
    first = run(team, tmp_path / "first")
    team["target_period"], team["settled"] = [target("2026-Q4")], settled_before("2026-Q4")
    again = after(first, team, tmp_path / "again")
    assert_same(again, run(team, tmp_path / "whole"))
    known = slicing.read_known(first.artefact).slices
    assert again.reused == len(known) > 0


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

    def spied(connection: Any, relation: str, source: str | None = None) -> Digest:
        if source == "transaction":
            [(first,)] = connection.execute("SELECT MIN(transaction_date) FROM transaction").fetchall()
            found.append(first)
        return digest_of(connection, relation, source)

    monkeypatch.setattr(engine, "digest_of", spied)
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
    st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3),
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
