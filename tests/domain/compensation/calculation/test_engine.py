"""A run is a function of its inputs, and leaves a complete artefact or none."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.compensation.calculation import trace
from app.domain.compensation.calculation.engine import ArtefactExists, Cancelled, calculate
from app.domain.compensation.calculation.formulas import Formulas
from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, InvalidInputs
from app.domain.compensation.calculation.making import FiguresOutOfRange, Resources, Step, connect, make, steps

from .naming import identify
from .test_terms import add_sale
from .world import Row, World, component, empty_world, inputs_of, run, settled_before, tiers


def quiet(name: str, number: int, total: int) -> None:
    """Tell nobody."""


def pay(world: World, below: str, above: str) -> None:
    """Give the first component other rates, below its quota and above."""
    rate = tiers(("0", "1", below), ("1", None, above))
    world["component"][0]["terms"] = world["component"][0]["terms"] | {"rate": rate}


def codes_of(inputs: Inputs, folder: Path) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInputs) as refused:
        calculate(inputs, folder / "run", quiet, lambda: False)
    assert list(folder.iterdir()) == []
    return {(finding.code, finding.relation) for finding in refused.value.findings}


def test_the_digest_does_not_depend_on_the_order_of_rows(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    for rows in team.values():
        random.Random(5).shuffle(rows)
    second = run(team, tmp_path / "second")
    assert second.digests == first.digests
    assert (second.digest, second.lines, second.counts) == (first.digest, first.lines, first.counts)


def test_a_changed_rate_changes_the_digest_from_its_step_on(team: World, tmp_path: Path) -> None:
    first = run(team, tmp_path / "first")
    pay(team, "0.06", "0.1")
    second = run(team, tmp_path / "second")
    changed = [name for name in first.digests if first.digests[name] != second.digests[name]]
    assert changed == ["rate", "table_earned", "earned", "earning", "pay", "due", "balance", "statement"]


def test_parquet_and_arrow_inputs_give_the_same_digest(team: World, tmp_path: Path) -> None:
    inputs = inputs_of(team)
    for name, table in inputs.relations().items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    from_files = Inputs(**{name: tmp_path / f"{name}.parquet" for name in RELATIONS})
    read = calculate(from_files, tmp_path / "files", quiet, lambda: False)
    assert read.digest == calculate(inputs, tmp_path / "tables", quiet, lambda: False).digest


def test_steps_are_announced_in_order(team: World, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    calculate(inputs_of(team), tmp_path / "run", lambda *step: heard.append(step), lambda: False)
    names = [step.name for step in steps()]
    assert heard == [(name, number, len(names)) for number, name in enumerate(names, 1)]


def cancel_at(step: str) -> tuple[Callable[[str, int, int], None], Callable[[], bool]]:
    heard: list[str] = []
    return lambda name, *_: heard.append(name), lambda: step in heard


@pytest.mark.parametrize("step", ["snapshot", "credit", "statement"])
def test_a_cancelled_run_leaves_nothing(team: World, tmp_path: Path, step: str) -> None:
    on_step, cancelled = cancel_at(step)
    with pytest.raises(Cancelled):
        calculate(inputs_of(team), tmp_path / "run", on_step, cancelled)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_replaced(team: World, tmp_path: Path) -> None:
    (tmp_path / "run.partial").mkdir()
    (tmp_path / "run.partial" / "credit.parquet").write_text("half")
    outcome = run(team, tmp_path / "run")
    assert list(tmp_path.iterdir()) == [outcome.artefact]


def test_a_step_that_needs_more_memory_than_most_gets_it(tmp_path: Path) -> None:
    step = Step("listed", "SELECT len(list(i)) AS many FROM range(4000000) t (i)")
    with connect(tmp_path / "spill", Resources(memory="20MB")) as connection:
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.execute(step.sql).fetchall()
        assert make(connection, step, Formulas((), ())) == 1
        assert connection.execute("FROM listed").fetchall() == [(4_000_000,)]


def test_an_artefact_is_written_once(team: World, tmp_path: Path) -> None:
    run(team, tmp_path / "run")
    with pytest.raises(ArtefactExists):
        run(team, tmp_path / "run")


@pytest.mark.parametrize("rate", ["0.15", "0.5", "999"])
def test_figures_that_outgrow_their_exact_type_stop_the_run(team: World, tmp_path: Path, rate: str) -> None:
    pay(team, "0.05", rate)
    for quota in team["quota"]:
        quota["amount"] = Decimal("90000000000000")
    team["transaction"][0] |= {"currency": "USD", "amount": Decimal("99999999999999")}
    team["fx_rate"] = [
        {
            "from_currency": "USD",
            "to_currency": "EUR",
            "valid_from": date(2026, 1, 1),
            "valid_to": None,
            "rate": Decimal("999999999"),
        }
    ]
    with pytest.raises(FiguresOutOfRange, match=r"measure|rate"):
        run(team, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_credits_are_kept_sorted_by_seller(team: World, tmp_path: Path) -> None:
    outcome = run(team, tmp_path / "run")
    kept = pq.read_table(outcome.artefact / "credit").to_pylist()
    assert [row["seller_id"] for row in kept] == sorted(row["seller_id"] for row in kept)
    assert len(kept) == 5


def test_totals_add_up_the_lines_of_a_seller(team: World, tmp_path: Path) -> None:
    team["posted"] = [{"seller_id": "ada", "component_id": "own", "period_code": "2026-Q1", "amount": Decimal("12.34")}]
    outcome = run(team, tmp_path / "run")
    for total in outcome.totals:
        earnings = [line.earning or Decimal(0) for line in outcome.lines if line.seller_id == total.seller_id]
        assert (total.earning, total.lines) == (sum(earnings), len(earnings))
        assert total.earning == total.base + total.true_up


def test_a_posting_without_eligibility_needs_attention(team: World, tmp_path: Path) -> None:
    team["posted"] = [{"seller_id": "eve", "component_id": "own", "period_code": "2026-Q1", "amount": Decimal(10)}]
    [line] = run(team, tmp_path / "run").attention
    assert (line.seller_id, line.code, line.earning) == (identify("eve"), "no_longer_eligible", None)


def test_posting_each_period_in_turn_adds_up_to_the_year(team: World, tmp_path: Path) -> None:
    paid = Decimal(0)
    for place, (code, start, end) in enumerate(
        (
            ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1)),
            ("2026-Q2", date(2026, 4, 1), date(2026, 7, 1)),
            ("2026-Q3", date(2026, 7, 1), date(2026, 10, 1)),
        )
    ):
        team["target_period"][0] |= {"period_code": code, "start_date": start, "end_date": end}
        team["settled"] = settled_before(code)
        outcome = run(team, tmp_path / str(place))
        mine = [line for line in outcome.lines if line.seller_id == identify("ada")]
        assert [line.kind for line in mine] == ["base"]
        for line in mine:
            assert line.earning is not None
            paid += line.earning
            team["posted"].append(
                {"seller_id": "ada", "component_id": "own", "period_code": code, "amount": line.earning}
            )
        assert paid == mine[0].earned_to_date
    # 6,400.338 of 1,200: 60 for the first tier, 520.0338 for the rest.
    assert paid == Decimal("580.03")


@pytest.mark.parametrize(
    ("relation", "row", "change", "code"),
    [
        ("coverage", 0, {"cum_hi": Decimal("1.5")}, "split_does_not_add_up"),
        ("coverage", 0, {"cum_lo": Decimal("0.5")}, "split_does_not_add_up"),
        ("component", 0, {"currency": "euro"}, "not_a_currency"),
        ("participant", 0, {"valid_to": date(2026, 1, 1)}, "dates_out_of_order"),
        ("quota", 0, {"period_code": "2025-01"}, "unknown_period"),
        ("quota", 0, {"amount": None}, "required"),
        ("transaction", 0, {"transaction_id": "deal-1"}, "duplicate"),
        ("membership", 0, {"account_id": "bolt"}, "overlapping_dates"),
        ("reporting_line", 0, {"seller_id": "bob"}, "overlapping_dates"),
        ("reporting_line", 0, {"manager_id": "ada"}, "reporting_cycle"),
        ("target_period", 0, {"fiscal_year_start": date(2026, 5, 1)}, "not_one_period"),
        ("crediting_rule", 0, {"ordinal": 2}, "not_distinct"),
        ("settled", 0, {"end_date": date(2026, 7, 1)}, "settled_out_of_window"),
        ("settled", 0, {"end_date": date(2026, 1, 1)}, "settled_out_of_window"),
    ],
)
def test_inputs_that_break_a_rule_are_refused(
    team: World, tmp_path: Path, relation: str, row: int, change: dict[str, object], code: str
) -> None:
    team[relation][row] |= change
    assert (code, relation) in codes_of(inputs_of(team), tmp_path)


@pytest.mark.parametrize(
    ("relation", "row", "change", "code"),
    [
        ("band", 1, {"x_from": Decimal("1.1")}, "bands_not_contiguous"),
        ("band", 0, {"x_to": None}, "bands_not_contiguous"),
        ("band", 0, {"component_id": str(identify("gone"))}, "unknown_component"),
        ("component", 0, {"method": "guess"}, "unsupported_value"),
        ("component", 0, {"boundary": None}, "rate_incomplete"),
        ("component", 0, {"x_component_id": str(identify("gone"))}, "unknown_component"),
        ("component", 0, {"counting_id": str(identify("gone"))}, "unknown_counting"),
        ("component", 0, {"minor_digits": 5}, "unsupported_currency_digits"),
        ("counting", 0, {"trigger": "wish"}, "unsupported_value"),
    ],
)
def test_terms_that_break_a_rule_are_refused(
    team: World, tmp_path: Path, relation: str, row: int, change: dict[str, object], code: str
) -> None:
    inputs = inputs_of(team)
    table = inputs.relations()[relation]
    assert isinstance(table, pa.Table)
    rows = table.to_pylist()
    rows[row] |= change
    schema = pa.schema([field.with_nullable(True) for field in table.schema])
    broken = replace(inputs, **{relation: pa.Table.from_pylist(rows, schema=schema)})
    assert (code, relation) in codes_of(broken, tmp_path)


def test_a_split_of_a_transaction_reaches_its_whole(team: World, tmp_path: Path) -> None:
    part = {"ordinal": 1, "seller_id": "ada", "cum_lo": Decimal(0), "cum_hi": Decimal("0.5")}
    team["explicit_split"].append(part | {"transaction_id": team["transaction"][0]["transaction_id"]})
    assert ("split_does_not_add_up", "explicit_split") in codes_of(inputs_of(team), tmp_path)


def test_what_nobody_covers_of_a_territory_is_credited_to_nobody_and_listed(team: World, tmp_path: Path) -> None:
    territory = team["coverage"][0]["territory_id"]
    team["coverage"][0] |= {"cum_hi": Decimal("0.5")}
    outcome = run(team, tmp_path / "half")
    homes = {row["account_id"] for row in team["membership"] if row["territory_id"] == territory}
    deals = {identify(deal["transaction_id"]) for deal in team["transaction"] if deal["account_id"] in homes}
    found = {row.transaction_id for row in trace.uncredited(outcome.artefact) if row.reason == "partly_covered"}
    assert found
    assert found <= deals


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (pa.array([1.5]), "wrong_type"),
        (pa.array([Decimal("1.00001")], pa.decimal128(18, 5)), "wrong_type"),
        (pa.array(["1.50"]), "wrong_type"),
        (pa.array([Decimal("123456789012345.0")], pa.decimal128(20, 1)), "value_out_of_range"),
    ],
)
def test_amounts_that_are_not_exact_are_refused(team: World, tmp_path: Path, given: pa.Array, code: str) -> None:
    inputs = inputs_of(team)
    for relation in ("quota", "transaction"):
        table: pa.Table = getattr(inputs, relation).slice(0, 1)
        column = table.schema.get_field_index("amount")
        changed = Inputs(**(inputs.relations() | {relation: table.set_column(column, "amount", given)}))
        assert codes_of(changed, tmp_path) == {(code, relation)}


def test_columns_must_be_the_documented_ones(team: World, tmp_path: Path) -> None:
    inputs = inputs_of(team)
    quota: pa.Table = inputs.quota
    renamed = quota.rename_columns(["seller_id", "measure", "currency", "period_code", "value"])
    found = codes_of(Inputs(**(inputs.relations() | {"quota": renamed})), tmp_path)
    assert found == {("missing_column", "quota"), ("unknown_column", "quota")}


def test_a_clawback_takes_no_more_than_a_shared_budget_left_of_the_deal(tmp_path: Path) -> None:
    world = empty_world("2026-Q1")
    world["crediting_rule"] = [{"ordinal": 1, "kind": "explicit_split"}]
    spif: Row = {
        "kind": "spif",
        "window": {"over": "transaction", "paid": "each_period"},
        "rate": {"flat": {"pays": "amount", "value": "500"}},
        "limits": [],
        "budget": {"amount": "700", "when_exhausted": "first_come"},
        "clawback": {"method": "full", "days": 90},
    }
    world["component"] = [component("SPIF", "plan", **spif)]
    world["participant"] = [{"seller_id": "ada", "plan_id": "plan", "valid_from": date(2026, 1, 1), "valid_to": None}]
    for place in range(2):
        add_sale(world, "ada", f"deal-{place}", date(2026, 1, 10 + place), "1000", {})
    figures = {"age_days": 30, "amount": Decimal(1000), "original_amount": Decimal(1000)}
    world["takeback"] = [{"return_id": "return", "transaction_id": "deal-1"} | figures]
    step = {"from_day": 0, "to_day": 90, "share": Decimal(1), "days": None}
    world["clawback"] = [{"component_id": "SPIF"} | step]
    outcome = run(world, tmp_path / "run")
    assert [line.earning for line in outcome.lines] == [Decimal(700)]
    assert [m.amount for m in outcome.movements if m.kind == "clawback"] == [Decimal(200)]


@pytest.mark.parametrize(("quarter", "parts"), [("2026-Q1", ["200.00"]), ("2026-Q2", ["200.00", "100.00"])])
def test_a_deal_counted_in_parts_gives_back_each_part_once(tmp_path: Path, quarter: str, parts: list[str]) -> None:
    world = empty_world(quarter)
    world["crediting_rule"] = [{"ordinal": 1, "kind": "explicit_split"}]
    spif: Row = {
        "kind": "spif",
        "window": {"over": "transaction", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.1"}},
        "limits": [],
        "windfall": {"rule": "amortise", "above": "2000", "months": 3},
        "clawback": {"method": "full", "days": 90},
    }
    world["component"] = [component("SPIF", "plan", **spif)]
    world["participant"] = [{"seller_id": "ada", "plan_id": "plan", "valid_from": date(2026, 1, 1), "valid_to": None}]
    add_sale(world, "ada", "deal", date(2026, 2, 10), "3000", {})
    figures = {"age_days": 30, "amount": Decimal(3000), "original_amount": Decimal(3000)}
    world["takeback"] = [{"return_id": "return", "transaction_id": "deal"} | figures]
    world["clawback"] = [{"component_id": "SPIF", "from_day": 0, "to_day": 90, "share": Decimal(1), "days": None}]
    outcome = run(world, tmp_path / "run")
    assert [str(m.amount.quantize(Decimal("0.01"))) for m in outcome.movements if m.kind == "clawback"] == parts


def test_a_clawback_takes_no_more_than_a_limit_of_the_year_left_of_the_deals(tmp_path: Path) -> None:
    world = empty_world("2026-Q1")
    world["crediting_rule"] = [{"ordinal": 1, "kind": "explicit_split"}]
    spif: Row = {
        "kind": "spif",
        "window": {"over": "transaction", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.1"}},
        "limits": [{"kind": "cap", "per": "year", "amount": "100"}],
        "clawback": {"method": "full", "days": 90},
    }
    world["component"] = [component("SPIF", "plan", **spif)]
    world["participant"] = [{"seller_id": "ada", "plan_id": "plan", "valid_from": date(2026, 1, 1), "valid_to": None}]
    for place, amount in enumerate(("3000", "1000")):
        add_sale(world, "ada", f"deal-{place}", date(2026, 1, 10 + place), amount, {})
    figures = {"age_days": 30, "amount": Decimal(1000), "original_amount": Decimal(1000)}
    world["takeback"] = [{"return_id": f"r-{n}", "transaction_id": f"deal-{n}"} | figures for n in range(2)]
    world["clawback"] = [{"component_id": "SPIF", "from_day": 0, "to_day": 90, "share": Decimal(1), "days": None}]
    outcome = run(world, tmp_path / "run")
    assert [line.earning for line in outcome.lines] == [Decimal(100)]
    assert sorted(m.amount for m in outcome.movements if m.kind == "clawback") == [Decimal(25), Decimal(75)]
