"""Components of every sort, drawn as their documents."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

from app.domain.compensation.terms.choices import Earlier
from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.figures import named_figures

from .naming import identify
from .world import FLOOR, Row

MONEY = ("revenue", "bookings", "margin")
COUNTED = ("deals", "customers")
"""Of which sellers have no quotas."""
NO_TRANSACTIONS = ("activity", "objective_score", "earnings")
RATES = ("0.05", "0.033333", "0.075", "0.1", "1.5", "0.000001", "0")
VALUES = {
    "rate": RATES,
    "base_rate": ("1", "1.5", "2", "0.333333", "0"),
    "target_share": ("0.5", "1", "1.2", "0.333333", "0"),
    "per_unit": ("5", "0.3333", "100", "0"),
    "amount": ("500", "33.3333", "0", "0.005"),
}
RATIOS = ("0.3", "0.5", "0.8", "1", "1.000001", "1.2", "2")
RATIO_FIGURES = ("attainment", "margin_share", "discount", "team_at_quota")
NUMBERS = ("1", "3", "300", "500", "1000", "1200", "99999.5")
LOOKED_BACK_AT = ("measured", "attainment", "revenue", "margin", "margin_share", "units", "deals", "quota")
OWN_QUOTAS = ({"amount": "1000"}, {"amount": "10000.0001"}, {"share": "0.333333"}, {"share": "1.5"})
UNITS = ("money", "price", "rate", "quantity")
CURRENCIES = ("EUR", "EUR", "JPY", "KWD")


def one(draw: st.DrawFn, *choices: Any) -> Any:
    return draw(st.sampled_from(choices))


def some(draw: st.DrawFn, terms: Any, chance: int = 4) -> Any:
    """What a function draws, one time in `chance`; else nothing."""
    return terms() if draw(st.integers(1, chance)) == 1 else None


@st.composite
def components(draw: st.DrawFn, code: str, others: tuple[Row, ...] = ()) -> Row:
    """The terms of a component that may look at the `others`; nothing looks at a share of earnings."""
    others = tuple(other for other in others if other["measure"]["of"] != "earnings")
    share = draw(st.integers(1, 6)) == 6
    return draw_share_of_earnings(draw, code, others) if share else draw_component(draw, code, others)


def draw_component(draw: st.DrawFn, code: str, others: tuple[Row, ...]) -> Row:
    of = one(
        draw,
        "revenue",
        "revenue",
        "revenue",
        "margin",
        "units",
        "deals",
        "customers",
        "activity",
        "objective_score",
        "bookings",
    )
    over = one(draw, "year", "year", "quarter", "month", "half_year", "rolling", "transaction")
    if others:
        over = one(draw, over, "transaction")
    if of in (*NO_TRANSACTIONS, "customers") and over == "transaction":
        over = "quarter"
    single = over == "transaction"
    held = None if single or of == "objective_score" else one(draw, None, None, *OWN_QUOTAS)
    held = held if of not in COUNTED or (held and "amount" in held) else None
    quota = None if single or (of in COUNTED and not held) else one(draw, "window", "to_date", "window", None)
    scored = of == "objective_score"
    attained = scored or quota is not None
    pays = ["rate"] if of in MONEY else [] if scored else ["per_unit"]
    pays += ["amount"] if single else ["amount", "target_share"] + (["base_rate"] if attained else [])
    whose = draw_whose(draw, of, single=single)
    reporting = whose == "team" and quota and not held and of not in COUNTED
    readable = [other for other in others if other["window"]["over"] != "transaction"]

    stood = [other for other in readable if single and other["measure"]["of"] not in (*NO_TRANSACTIONS, "customers")]
    laid = [
        {"figure": figure, "component": other["code"], "standing": "with_deal"}
        for other in stood
        for figure in ("measured", *(["attainment"] if other["window"]["quota"] else []))
        if other["measure"]["of"] == of
    ]

    def read() -> Row:
        looked_at = read_now()
        back = not single and looked_at["figure"] in LOOKED_BACK_AT and draw(st.integers(1, 3)) == 1
        return looked_at | ({"earlier": one(draw, *Earlier)} if back else {})

    def read_now() -> Row:
        if stood and one(draw, True, False):
            other = one(draw, *stood)
            known = ["measured", "measured", "revenue", "margin", "margin_share", "units", "deals"]
            known += ["attainment"] * 4 if other["window"]["quota"] else []
            standing = one(draw, "before_deal", "with_deal")
            return {"figure": one(draw, *known), "component": other["code"], "standing": standing}
        if not single and readable and draw(st.integers(1, 3)) == 1:
            other = one(draw, *readable)
            known = ["measured", "revenue", "margin_share", "deals"]
            known += ["attainment"] if other["window"]["quota"] or other["kind"] == "objective" else []
            return {"figure": one(draw, *known), "component": other["code"]}
        known = ["measured", "measured", "revenue", "margin", "margin_share", "units", "deals"]
        known += ["term_months", "discount"] if single else ["rank", "everybody", "participants", "everybody_target"]
        known += ["attainment"] * 6 + ["attainment_rank", "quota", "streak", "everybody_quota"] if attained else []
        known += ["team_at_quota"] * 4 if reporting else []
        return {"figure": one(draw, *known)}

    terms = {
        "kind": "objective" if scored else "commission",
        "code": code,
        "name": "Component",
        "trigger": one(draw, "booking", "booking", "invoice"),
        "measure": {
            "of": of,
            "whose": whose,
        },
        "window": {
            "over": over,
            "quota": quota,
            "paid": "each_period"
            if single
            else one(draw, "each_period", "each_period", "each_period", "at_end", "at_end", "never"),
        }
        | ({"months": draw(st.integers(2, 4))} if over == "rolling" else {}),
        "rate": draw_rate(draw, pays, read, laid if over != "rolling" else None, attained=attained),
        "gates": [],
        "limits": [FLOOR] if draw(st.booleans()) else [],
        "proration": {"quota": one(draw, "months", "days", "none"), "target": one(draw, "months", "days", "none")},
    }
    if held and quota:
        terms["quota"] = held
    if whose == "colleagues":
        terms["window"]["paid"] = "never"
    if terms["measure"]["whose"] == "team":
        levels = ({"nearest": 1}, {"nearest": 1, "furthest": 1}, {"nearest": 2}, {"nearest": 0, "furthest": 1})
        terms["measure"]["levels"] = one(draw, None, None, *levels)
    if not single:
        terms["target"] = one(draw, {"share": "0.7"}, {"share": "0.333333"}, {"amount": "10000"})
    if draw(st.integers(1, 5)) == 1:
        terms["rate"] = {"formula": {"text": draw_formula(draw, terms, others)}}
    restrict(draw, terms, read)
    return terms


def draw_whose(draw: st.DrawFn, of: str, *, single: bool) -> str:
    if of in NO_TRANSACTIONS:
        return "own"
    beside = [] if single else [one(draw, "colleagues", "own")]
    return str(one(draw, "own", "own", "team", "team", "overlay", *beside))


def draw_share_of_earnings(draw: st.DrawFn, code: str, others: tuple[Row, ...]) -> Row:
    """A share of what a team earns, perhaps within gates and limits."""
    levels = one(draw, None, {"nearest": 1, "furthest": 1}, {"nearest": 2}, {"nearest": 0, "furthest": 1})
    measure = {"of": "earnings", "whose": "team", "levels": levels}
    looked_at = [other for other in others if other["window"]["over"] != "transaction"]
    cap = {"kind": "cap", "per": "year"} | one(draw, {"amount": "33.3333"}, {"target_multiple": "0.333333"})
    return {
        "kind": "override",
        "code": code,
        "name": "Share",
        "trigger": "booking",
        "measure": measure | {"earned_by": one(draw, None, None, "commission", "objective")},
        "window": {"over": "year", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": one(draw, *RATES)}},
        "gates": [
            {
                "input": {"figure": "measured", "component": one(draw, *looked_at)["code"]},
                "at_least": "300",
                "below": low,
            }
            for low in draw(st.sets(st.sampled_from(("0", "0.333333")), max_size=1))
            if looked_at
        ],
        "limits": one(draw, [], [FLOOR], [cap]),
        "target": {"amount": "10000"},
        "proration": {"quota": "none", "target": one(draw, "months", "none")},
    }


def restrict(draw: st.DrawFn, terms: Row, read: Any) -> None:
    """Gates, limits, restrictions, windfalls and budgets."""
    single = terms["window"]["over"] == "transaction"
    for _ in range(draw(st.sampled_from((0, 0, 1, 2)))):
        gate = {"input": read(), "below": one(draw, "0", "0.5", "0.333333")}
        ratio = gate["input"]["figure"] in RATIO_FIGURES
        bound = one(draw, "at_least", "at_least", "at_least", "at_most")
        terms["gates"].append(gate | {bound: one(draw, *(RATIOS if ratio else NUMBERS))})
    longer = ["window", "year"] if terms["window"]["over"] in ("half_year", "year") else ["window", "half_year", "year"]
    for kind, per in draw(
        st.sets(st.tuples(st.sampled_from(("cap", "decelerator")), st.sampled_from(longer)), max_size=2)
    ):
        limit: Row = {"kind": kind, "per": per}
        limit |= {"share": one(draw, "0.5", "0.333333")} if kind == "decelerator" else {}
        amounts = [{"amount": "100"}, {"amount": "33.3333"}, {"amount": "5000"}]
        limit |= one(draw, *amounts, *([] if single else [{"target_multiple": "0.5"}, {"target_multiple": "1.333333"}]))
        terms["limits"] = [*terms["limits"], limit]
    if terms["measure"]["of"] not in NO_TRANSACTIONS:
        terms["measure"]["annualised"] = one(draw, False, False, True)
        terms["measure"]["only"] = some(
            draw,
            lambda: {
                "products": one(draw, [], [str(identify("anvil"))]),
                "minimum_deal": one(draw, None, "300", "999.9999"),
                "effective_from": one(draw, None, None, "2026-02-01"),
                "effective_to": one(draw, None, None, "2026-06-30"),
                **draw_traits(draw),
            },
        )
        terms["measure"]["weights"] = [
            draw_traits(draw)
            | {"products": one(draw, [], [str(identify("bell"))]), "factor": one(draw, "0", "1.333333")}
            for _ in range(one(draw, 0, 0, 0, 1, 2))
        ]
    if terms["measure"]["of"] in MONEY:
        terms["windfall"] = some(draw, lambda: draw_windfall(draw))
    terms["budget"] = some(
        draw,
        lambda: {"amount": one(draw, "100", "33.3333", "1000"), "when_exhausted": one(draw, "first_come", "pro_rata")},
        6,
    )


def draw_formula(draw: st.DrawFn, terms: Row, others: tuple[Row, ...]) -> str:
    """A formula over figures that this component has, and perhaps over one of another."""
    own = ComponentFields.model_validate(terms)
    named = named_figures(own, [own, *map(ComponentFields.model_validate, others)])
    of = {unit: sorted(name for name, figure in named.items() if figure.unit == unit) for unit in UNITS}
    # The currency is drawn with the plan: amounts come from figures only.
    money = of["money"] or of["price"]
    rates, counts = of["rate"] or ["0.333333"], of["quantity"] or ["3"]
    a, b, r, n = one(draw, *money), one(draw, *money), one(draw, *rates), one(draw, *counts)
    written = (
        f"{a} * 0.05",
        f"round({a} * 0.033333, 4) + max({b}, 0)",
        f"div({a}, {n}, 4)",
        f"{a} * 0.1 if {r} >= 0.8 else 0",
        f"min({a}, {b}) * 0.25 if {n} <= 2 else div({b}, 3, 2)",
        f"round({a} * {r}, 6)",
        f"{a} if {b} > 0 and div({a}, {b}, 6) > 1 else {b} - {b}",
    )
    return draw(st.sampled_from(written))


def draw_traits(draw: st.DrawFn) -> Row:
    return {
        "renewal": one(draw, None, None, True, False),
        "term_months": one(draw, None, None, {"at_least": 24}, {"at_least": 12, "below": 36}),
        "discount": one(draw, None, None, {"below": "0.2"}, {"at_least": "0.1", "below": "0.333333"}),
        "labels": one(draw, [], [], ["upsell"], ["upsell", "prepaid"]),
        "without_labels": one(draw, [], [], ["self_sourced"]),
    }


def draw_windfall(draw: st.DrawFn) -> Row:
    rule = one(draw, "pay", "cap", "split", "amortise", "exclude")
    more = {"split": {"share": one(draw, "0.5", "0.333333")}, "amortise": {"months": draw(st.integers(2, 5))}}
    return {"rule": rule, "above": one(draw, "240", "800", "999.9999")} | more.get(rule, {})


def draw_rate(draw: st.DrawFn, pays: list[str], read: Any, laid: list[Row] | None, *, attained: bool) -> Row:
    """A rate; its slices may be `laid` upon other components, or there are no slices."""
    way = one(draw, "flat", "tiers", "tiers", "tiers", "curve", "matrix")
    paid = one(draw, *pays)
    if way == "flat":
        return {"flat": {"pays": paid, "value": one(draw, *VALUES[paid])}}
    if way == "curve":
        looked_at = read()
        at = sorted(draw(st.sets(st.sampled_from(bounds_of(looked_at)), min_size=2, max_size=4)), key=float)
        points = [{"at": x, "value": one(draw, *VALUES[paid])} for x in at]
        return {
            "curve": {"input": looked_at, "outside": one(draw, "flat", "extrapolate"), "pays": paid, "points": points}
        }
    if way == "matrix":
        rows, columns = axis(draw, read()), axis(draw, read())
        values = [[one(draw, *VALUES[paid]) for _ in columns["lower"]] for _ in rows["lower"]]
        sides = {"rows": rows, "columns": columns, "boundary": one(draw, "lower", "higher")}
        return {"matrix": sides | {"pays": paid, "values": values}}
    whole = {"method": "whole", "input": read(), "pays": paid}
    if whole["input"]["figure"] in ("rank", "attainment_rank"):
        whole["input"]["ties"] = one(draw, "share", "better")
    by_slice = [value for value in pays if value in ("rate", "per_unit", "base_rate")]
    if laid is not None and by_slice and draw(st.booleans()):
        own = [{"figure": figure} for figure in ("measured", *(["attainment"] * 3 if attained else []))]
        whole = {"method": "marginal", "input": one(draw, *own, *laid), "pays": one(draw, *by_slice)}
    lower = axis(draw, whole["input"])["lower"]
    tiers = [
        {"lower": low, "upper": high, "value": one(draw, *VALUES[whole["pays"]])}
        for low, high in itertools.pairwise([*lower, None])
    ]
    return {"tiers": whole | {"boundary": one(draw, "lower", "higher"), "tiers": tiers}}


def bounds_of(looked_at: Row) -> tuple[str, ...]:
    return RATIOS if looked_at["figure"] in RATIO_FIGURES else NUMBERS


def axis(draw: st.DrawFn, looked_at: Row) -> Row:
    cuts = sorted(draw(st.sets(st.sampled_from(bounds_of(looked_at)), max_size=3)), key=float)
    return {"input": looked_at, "lower": ["0", *cuts]}
