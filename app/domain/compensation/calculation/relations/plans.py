"""Relations about plans: the calendar, who takes part, what components say, and what they are held against."""

from typing import Final

from app.domain.compensation.calculation.relations.columns import FROM, TO, Column

_FIGURES = (
    *("measured", "attainment", "revenue", "margin", "margin_share", "units", "deals"),
    *("quota", "target", "rank", "attainment_rank", "everybody", "participants", "term_months", "discount"),
    *("everybody_quota", "everybody_target", "team_at_quota", "streak"),
)
_STANDING = ("none", "before_deal", "with_deal", "previous", "last_year", "last_year_to_date")
_TRAITS = (
    Column("renewal", "bool", "only renewals, or everything else; empty means both", nullable=True),
    Column("term_from", "int", "contracts of so many months or more", nullable=True),
    Column("term_to", "int", "contracts of fewer months", nullable=True),
    Column("discount_from", "rate", "sales at this discount or more", nullable=True),
    Column("discount_to", "rate", "sales at less discount", nullable=True),
    Column("all_labels", "bool", "whether a transaction needs no label, or one of those wanted in asked_label"),
)

_COMPONENT: Final = (
    Column("component_id", "id", "the component"),
    Column("plan_id", "id", "its plan version"),
    Column("ordinal", "int", "its place in the plan"),
    Column("kind", "text", "what the field calls it"),
    Column("currency", "currency", "the plan currency"),
    Column(
        "credit_currency",
        "text",
        "the same, and behind @ the name of other exchange rates than those of the day",
    ),
    Column("minor_digits", "int", "decimal places of that currency, 0 to 4"),
    Column("counting_id", "id", "which transactions count; its own id when activities or objectives do"),
    Column(
        "measure",
        "text",
        "what is measured",
        values=(
            *("revenue", "bookings", "margin", "units", "deals", "customers"),
            *("activity", "objective_score", "earnings"),
        ),
    ),
    Column("earned_by", "text", "of earnings, those of components of this kind; empty is all", nullable=True),
    Column("rollup", "bool", "false: own credits; true: own and those of everybody below on the date"),
    Column("beside", "bool", "true: own and those of everybody who reports to the same manager on the date"),
    Column("nearest", "int", "how many levels below they begin; 0 is the seller"),
    Column("furthest", "int", "and at which they end; empty is never", nullable=True),
    Column("role", "text", "which credits count", values=("direct", "overlay")),
    Column(
        "window_length",
        "text",
        "what is added up",
        values=("transaction", "month", "quarter", "half_year", "year", "rolling"),
    ),
    Column("months", "int", "how far a rolling window looks back", nullable=True),
    Column("paid", "text", "when a window is paid", values=("each_period", "at_end", "never")),
    Column("quota_basis", "text", "the quota of a window", nullable=True, values=("window", "to_date")),
    Column("quota_measure", "text", "the measure of the quota it is held against", nullable=True),
    Column("quota_share", "rate", "of that quota it is held against", nullable=True),
    Column("quota_amount", "amount", "instead: quota of the year, the same for everybody", nullable=True),
    Column("target_share", "rate", "of the participant's target incentive", nullable=True),
    Column("target_amount", "amount", "target incentive of the year, the same for everybody", nullable=True),
    Column("prorate_quota", "text", "how part of a window counts", values=("none", "months", "days")),
    Column("prorate_target", "text", "how part of a window counts", values=("none", "months", "days")),
    Column("method", "text", "how its bands apply", values=("flat", "marginal", "whole", "curve", "matrix", "formula")),
    Column("pays", "text", "what a value means", values=("rate", "per_unit", "amount", "target_share", "base_rate")),
    Column("x_figure", "text", "what bands are read with", nullable=True, values=_FIGURES),
    Column("x_component_id", "id", "of which other component", nullable=True),
    Column(
        "x_standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
    ),
    Column("x_ties", "text", "what sellers get who share a place", nullable=True, values=("share", "better")),
    Column("y_figure", "text", "the second figure of a matrix", nullable=True, values=_FIGURES),
    Column("y_component_id", "id", "of which other component", nullable=True),
    Column(
        "y_standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
    ),
    Column("boundary", "text", "the band a value on a bound is in", nullable=True, values=("lower", "higher")),
    Column("outside", "text", "a curve beyond its points", nullable=True, values=("flat", "extrapolate")),
    Column("looks_back", "bool", "whether some component looks at earlier windows of it"),
    Column("needs_quota", "bool", "whether it cannot be said without quota"),
    Column("needs_target", "bool", "whether it cannot be said without target incentive"),
    Column("block", "text", "the time of a limit between window and year", nullable=True),
    Column("budget", "amount", "what all sellers share", nullable=True),
    Column("when_exhausted", "text", "who is paid then", nullable=True, values=("first_come", "pro_rata")),
)

PLANS: Final[dict[str, tuple[Column, ...]]] = {
    "period": (
        Column("period_code", "text", "a month of the fiscal calendar"),
        Column("fiscal_year", "int", "its fiscal year"),
        Column("ordinal", "int", "its place in the year, from 1"),
        Column("start_date", "date", "first day"),
        Column("end_date", "date", "day after the last"),
    ),
    "target_period": (
        Column("period_code", "text", "the period being paid; exactly one row"),
        Column("fiscal_year", "int", "its fiscal year"),
        Column("fiscal_year_start", "date", "first day of that year: year-to-date starts here"),
        Column("reach_start", "date", "first day of what is read: that of the year, or before it for earlier windows"),
        Column("start_date", "date", "first day of the period"),
        Column("end_date", "date", "day after the last"),
    ),
    "settled": (
        Column("period_code", "text", "a pay period of the year that is trued up: posted before, or due before"),
        Column("end_date", "date", "day after its last; it is charged from the end of the one before it"),
    ),
    "participant": (
        Column("seller_id", "id", "who is paid"),
        Column("plan_id", "id", "under which plan version"),
        FROM,
        TO,
        Column("target_incentive", "amount", "on-target variable pay of the year, plan currency", nullable=True),
    ),
    "component": _COMPONENT,
    "band": (
        Column("component_id", "id", "the component"),
        Column("ordinal", "int", "from 1; tiers, pieces of a curve and cells of a matrix alike"),
        Column("x_place", "int", "place along x from 1; the first takes what lies below it too"),
        Column("x_from", "figure", "where it begins"),
        Column("x_to", "figure", "where it ends; empty means no end", nullable=True),
        Column("y_place", "int", "place along y, 1 unless it is a matrix"),
        Column("y_from", "figure", "where it begins along y"),
        Column("y_to", "figure", "where it ends along y", nullable=True),
        Column("value", "figure", "what it pays, as the component's `pays` says; of a curve at its beginning"),
        Column("value_to", "figure", "of a curve at its end", nullable=True),
        Column("last", "bool", "whether it takes what lies above it too, of a curve"),
    ),
    "formula": (
        Column("component_id", "id", "a component whose rate is a formula"),
        Column("text", "text", "the formula, over the names in formula_input"),
        Column("currency", "currency", "of the amount it comes to"),
    ),
    "formula_input": (
        Column("component_id", "id", "the component"),
        Column("ordinal", "int", "from 1 to 12"),
        Column("name", "text", "as the formula writes it"),
        Column(
            "figure",
            "text",
            "what is read; earned, by one or everybody, and value of another component's table",
            values=(*_FIGURES, "earned", "everybody_earned", "value"),
        ),
        Column("of_component_id", "id", "of which other component; empty is this one", nullable=True),
        Column(
            "standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
        ),
        Column("unit", "text", "what it is and how wide", values=("money", "price", "quantity", "rate")),
    ),
    "gate": (
        Column("component_id", "id", "the component"),
        Column("ordinal", "int", "from 1"),
        Column("figure", "text", "what is looked at", values=_FIGURES),
        Column("of_component_id", "id", "of which other component; empty is this one", nullable=True),
        Column(
            "standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
        ),
        Column("at_least", "figure", "what is to be reached"),
        Column("below", "rate", "the part that is still paid when it is not"),
    ),
    "earning_limit": (
        Column("component_id", "id", "the component"),
        Column("per", "text", "over what", values=("window", "month", "quarter", "half_year", "year")),
        Column("above", "amount", "above this only `share` counts", nullable=True),
        Column("above_multiple", "rate", "the same as a multiple of the target", nullable=True),
        Column("share", "rate", "of a decelerator", nullable=True),
        Column("cap", "amount", "no more than this", nullable=True),
        Column("cap_multiple", "rate", "the same as a multiple of the target", nullable=True),
        Column("floor", "amount", "no less than this", nullable=True),
        Column("floor_multiple", "rate", "the same as a multiple of the target", nullable=True),
    ),
    "counting": (
        Column("counting_id", "id", "which credits count; components that say the same share it"),
        Column("trigger", "text", "transactions of this kind, and returns", values=("booking", "invoice", "payment")),
        Column("minimum_deal", "amount", "the smallest whole transaction, plan currency", nullable=True),
        Column("all_products", "bool", "whether every product counts, or those listed"),
        *_TRAITS,
        Column("counted_from", "date", "first day whose transactions count", nullable=True),
        Column("counted_to", "date", "first day whose transactions no longer count", nullable=True),
        Column("all_accounts", "bool", "whether every account counts, or those listed"),
        Column("single", "bool", "whether each transaction is looked at: restrictions, windfalls, pay by transaction"),
        Column("annualised", "bool", "whether of a contract of more than twelve months counts what falls in twelve"),
        Column("customers", "bool", "whether the customers of transactions are counted"),
        Column("claws_back", "bool", "whether a return that names its transaction is clawed back instead of counted"),
        Column("windfall", "text", "what counts of a windfall", values=("pay", "cap", "split", "amortise", "exclude")),
        Column("windfall_above", "amount", "a larger whole transaction is a windfall", nullable=True),
        Column("windfall_share", "rate", "of what lies above, for split", nullable=True),
        Column("windfall_months", "int", "for amortise", nullable=True),
    ),
    "counted_product": (Column("counting_id", "id", "for which counting"), Column("product_id", "id", "it counts")),
    "counted_account": (Column("counting_id", "id", "for which counting"), Column("account_id", "id", "it counts")),
    "weight": (
        Column("counting_id", "id", "for which counting"),
        Column("ordinal", "int", "the first that a transaction is like applies"),
        Column("all_products", "bool", "whether for every product, or those in weight_product"),
        *_TRAITS,
        Column("factor", "rate", "for how much of itself it counts"),
    ),
    "weight_product": (
        Column("counting_id", "id", "for which counting"),
        Column("ordinal", "int", "and which of its weights"),
        Column("product_id", "id", "a product it is for"),
    ),
    "asked_label": (
        Column("counting_id", "id", "for which counting"),
        Column("ordinal", "int", "and which of its weights; 0 for what counts at all"),
        Column("label", "text", "the label"),
        Column("wanted", "bool", "whether one of those wanted is needed, or this one must not be there"),
    ),
    "activity": (
        Column("component_id", "id", "for which component"),
        Column("seller_id", "id", "who did it"),
        Column("activity_date", "date", "when"),
        Column("done", "int", "how many"),
    ),
    "objective": (
        Column("component_id", "id", "for which component"),
        Column("seller_id", "id", "whose"),
        Column("start_date", "date", "first day"),
        Column("end_date", "date", "day after the last"),
        Column("weight", "rate", "weight among the objectives of a window"),
        Column("score", "rate", "assessed; 1 is fully met, empty not assessed", nullable=True),
    ),
    "quota": (
        Column("seller_id", "id", "whose quota"),
        Column("measure", "text", "of what", values=("revenue", "margin", "bookings", "units", "activity")),
        Column("currency", "text", "of an amount; XXX of a number"),
        Column("period_code", "text", "for which month"),
        Column("amount", "amount", "phased quota"),
    ),
    "fx_rate": (
        Column("from_currency", "currency", "one unit of this"),
        Column("to_currency", "text", "into what; a credit currency"),
        FROM,
        TO,
        Column("rate", "fx", "units of to_currency per unit of from_currency"),
    ),
}
