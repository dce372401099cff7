"""What is drawn, counted and grown: exact, in whatever order."""

from __future__ import annotations

import statistics
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, arrow_schema
from app.domain.compensation.contract.pay_curves import CurveMarkKind
from app.domain.compensation.contract.simulations import AttainmentFields, AttainmentSource
from app.domain.compensation.simulation.curve import marks
from app.domain.compensation.simulation.distribution import draw
from app.domain.compensation.simulation.risk import figures
from app.domain.compensation.simulation.scenario import Shifted, scaled

NORMAL = AttainmentFields(source=AttainmentSource.NORMAL, mean=Decimal(1), spread=Decimal("0.25"))
CENT = Decimal("0.0001")


def sales(*amounts: Decimal, product: UUID | None = None) -> Inputs:
    rows: list[dict[str, Any]] = [
        {
            "transaction_id": str(UUID(int=n + 1)),
            "kind": "booking",
            "product_id": str(product) if product and n % 2 else None,
            "transaction_date": date(2026, 1, 1),
            "amount": amount,
            "margin": amount / 2 if n % 3 else None,
            "currency": "EUR",
        }
        for n, amount in enumerate(amounts)
    ]
    made = {name: arrow_schema(name).empty_table() for name in RELATIONS}
    made["transaction"] = pa.Table.from_pylist(rows, schema=arrow_schema("transaction"))
    return Inputs(**made)


def amounts(inputs: Inputs) -> list[Decimal]:
    assert isinstance(inputs.transaction, pa.Table)
    found = sorted(inputs.transaction.to_pylist(), key=lambda row: str(row["transaction_id"]))
    return [row["amount"] for row in found]


@given(
    st.lists(st.decimals("-99999", "99999999", places=2), min_size=1, max_size=12),
    st.decimals("-1", "10", places=6),
)
@settings(deadline=None, max_examples=15)
def test_every_sale_grows_by_the_same_factor_rounded_once(known: list[Decimal], growth: Decimal) -> None:
    expected = [(one * (1 + growth)).quantize(CENT, ROUND_HALF_UP) for one in known]
    assert amounts(scaled(sales(*known), growth, [], keep_total=False)) == expected


def test_the_first_shift_that_names_a_sale_counts_and_the_total_may_stay() -> None:
    crane = UUID(int=99)
    known = sales(Decimal(100), Decimal(300), product=crane)
    twice = [Shifted(Decimal(1), product=str(crane)), Shifted(Decimal(9), product=str(crane))]
    assert amounts(scaled(known, Decimal(0), twice, keep_total=False)) == [100, 600]
    kept = amounts(scaled(known, Decimal("0.75"), twice, keep_total=True))
    # 100 · 1.75 and 300 · 2 are 775; the total grows to 700.
    assert abs(sum(kept, Decimal(0)) - 700) < Decimal("0.001")
    assert abs(kept[1] / kept[0] - Decimal(600) / 175) < Decimal("0.00001")


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=100), st.integers(0, 10**8))
@settings(deadline=None, max_examples=40)
def test_figures_are_those_of_the_draws(costs: list[int], budget: int) -> None:
    found = figures(np.array(costs, np.int64), Decimal(budget))
    ordered = sorted(costs)
    for p, cost in found.percentiles.items():
        # Nearest rank: that many do not cost more, and fewer cost less.
        assert sum(one <= cost * 10_000 for one in ordered) * 100 >= p * len(ordered)
        assert sum(one < cost * 10_000 for one in ordered) * 100 < p * len(ordered)
    assert abs(found.mean * 10_000 - Decimal(sum(costs)) / len(costs)) <= 1
    assert abs(float(found.deviation) * 10_000 - statistics.pstdev(costs)) <= 1 + statistics.pstdev(costs) * 1e-9
    assert sum(bar.draws for bar in found.histogram) == len(costs)
    assert found.histogram[0].lower * 10_000 == ordered[0]
    assert found.histogram[-1].upper * 10_000 == ordered[-1] or len(set(costs)) == 1


def test_draws_follow_the_seed_the_spread_and_the_correlation() -> None:
    asked: dict[str, Any] = {"sellers": 40, "draws": 4_000, "step": Decimal("0.001")}
    one, again = (draw(NORMAL, [], seed=3, correlation=Decimal("0.5"), **asked) for _ in range(2))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != draw(NORMAL, [], seed=4, correlation=Decimal("0.5"), **asked).tobytes()
    assert abs(one.mean() / 1000 - 1) < 0.02
    assert abs(one.std() / 1000 - 0.25) < 0.02
    assert abs(np.corrcoef(one[:, 0], one[:, 1])[0, 1] - 0.5) < 0.06
    alone = draw(NORMAL, [], seed=3, **asked)
    assert abs(np.corrcoef(alone[:, 0], alone[:, 1])[0, 1]) < 0.06


def test_history_is_drawn_with_equal_chances() -> None:
    history = [Decimal("0.5"), Decimal(1), Decimal("1.5")]
    fields = AttainmentFields(source=AttainmentSource.HISTORY)
    found = draw(fields, history, sellers=3, draws=3_000, seed=1, correlation=Decimal("0.3"), step=Decimal("0.1"))
    places, counts = np.unique(found, return_counts=True)
    assert places.tolist() == [5, 10, 15]
    assert max(abs(counts / counts.sum() - 1 / 3)) < 0.03


def test_a_line_from_nothing_has_no_mark_but_the_target() -> None:
    points = [(Decimal(n) / 50, Decimal(n) * 100) for n in range(101)]
    assert [mark.kind for mark in marks(points, {Decimal(1)})] == [CurveMarkKind.TARGET]
    nothing = [(Decimal(n) / 50, Decimal(0)) for n in range(101)]
    assert [mark.kind for mark in marks(nothing, set())] == [CurveMarkKind.TARGET]
