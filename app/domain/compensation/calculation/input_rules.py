"""What the rows of the inputs must keep to, as queries that count those that do not."""

from typing import Final

OVERLAP: Final = (
    "SELECT COUNT(*) FROM (SELECT valid_from, LAG(valid_to) OVER (PARTITION BY {key} ORDER BY valid_from, valid_to)"
    " AS previous FROM {relation}) WHERE valid_from < previous"
)
DUPLICATE: Final = "SELECT COUNT(*) FROM (SELECT {key} FROM {relation} GROUP BY {key} HAVING COUNT(*) > 1)"
UNTILED: Final = (
    "SELECT COUNT(*) FROM (SELECT cum_lo, cum_hi,"
    " COALESCE(LAG(cum_hi) OVER (PARTITION BY {key} ORDER BY cum_lo, cum_hi), 0) AS lo,"
    " COALESCE(LEAD(cum_lo) OVER (PARTITION BY {key} ORDER BY cum_lo, cum_hi), {end}) AS hi"
    " FROM {relation}) WHERE cum_lo <> lo OR cum_hi <> hi OR cum_lo >= cum_hi OR cum_hi > 1"
)
KEYS: Final = {
    "transaction": "transaction_id",
    "trait": "transaction_id",
    "label": "transaction_id, label",
    "explicit_split": "transaction_id, ordinal",
    "coverage": "territory_id, ordinal, valid_from",
    "crediting_rule": "rule_id",
    "rule_product": "rule_id, product_id",
    "rule_account": "rule_id, account_id",
    "manual_credit": "credit_id, ordinal",
    "period": "period_code",
    "settled": "end_date",
    "component": "component_id",
    "band": "component_id, ordinal",
    "formula": "component_id",
    "formula_input": "component_id, ordinal",
    "gate": "component_id, ordinal",
    "earning_limit": "component_id, per",
    "counting": "counting_id",
    "counted_product": "counting_id, product_id",
    "weight": "counting_id, ordinal",
    "weight_product": "counting_id, ordinal, product_id",
    "asked_label": "counting_id, ordinal, label",
    "counted_account": "counting_id, account_id",
    "quota": "seller_id, measure, currency, period_code",
    "takeback": "return_id",
    "clawback": "component_id, from_day",
    "clawed": "seller_id, component_id, period_code, transaction_id",
    "adjustment": "adjustment_id",
    "holdback": "component_id, period_code",
    "held": "seller_id, component_id, period_code",
    "draw": "seller_id, currency",
    "owed": "seller_id, currency",
}
EFFECTIVE: Final = {
    "membership": "account_id",
    "coverage": "territory_id, ordinal",
    "account_owner": "account_id",
    "reporting_line": "seller_id",
    "participant": "seller_id, plan_id",
    "fx_rate": "from_currency, to_currency",
}
# (code, relation, column, what to do, a query that counts offending rows)
RULES: Final = (
    (
        "not_one_period",
        "target_period",
        "period_code",
        "give exactly one period whose dates are in order",
        "SELECT CASE WHEN COUNT(*) = 1 AND COUNT(CASE WHEN reach_start <= fiscal_year_start"
        " AND fiscal_year_start <= start_date AND start_date < end_date"
        " THEN 1 END) = 1 THEN 0 ELSE 1 END FROM target_period",
    ),
    (
        "dates_out_of_order",
        "period",
        "end_date",
        "a period ends after it starts",
        "SELECT COUNT(*) FROM period WHERE end_date <= start_date",
    ),
    (
        "not_distinct",
        "crediting_rule",
        "ordinal",
        "give each rule its own ordinal, from 1",
        "SELECT COUNT(*) - COUNT(DISTINCT CASE WHEN ordinal > 0 THEN ordinal END) FROM crediting_rule",
    ),
    (
        "unknown_rule",
        "overlay",
        "rule_id",
        "name a crediting rule that is an overlay",
        "SELECT COUNT(*) FROM overlay WHERE rule_id NOT IN (SELECT rule_id FROM crediting_rule"
        " WHERE kind IN ('named_overlay', 'product_specialist'))",
    ),
    (
        "overlay_without_place",
        "overlay",
        "account_id",
        "name an account, a territory or a product, and not both of the first two",
        "SELECT COUNT(*) FROM overlay WHERE COALESCE(account_id, territory_id, product_id) IS NULL"
        " OR (account_id IS NOT NULL AND territory_id IS NOT NULL)",
    ),
    (
        "share_out_of_range",
        "overlay",
        "share",
        "give a share above 0 and at most 1",
        "SELECT COUNT(*) FROM overlay WHERE share <= 0 OR share > 1",
    ),
    (
        "share_out_of_range",
        "manual_credit",
        "cum_hi",
        "give shares above 0 and at most 1",
        "SELECT COUNT(*) FROM manual_credit WHERE cum_lo < 0 OR cum_hi <= cum_lo OR cum_hi > 1",
    ),
    (
        "decided_twice",
        "manual_credit",
        "mode",
        "let one decision stand instead of the rules of a transaction",
        "SELECT COUNT(*) FROM (SELECT transaction_id FROM manual_credit WHERE mode = 'instead' GROUP BY transaction_id"
        " HAVING COUNT(DISTINCT credit_id) > 1)",
    ),
    (
        "split_does_not_add_up",
        "manual_credit",
        "cum_hi",
        "let the shares instead of the rules tile from 0 to 1",
        UNTILED.format(key="credit_id", relation="(SELECT * FROM manual_credit WHERE mode = 'instead')", end="1"),
    ),
    (
        "coverage_dates_differ",
        "coverage",
        "valid_to",
        "the shares of one split of a territory have the same dates, and splits follow one another",
        "SELECT COUNT(*) FROM (SELECT valid_from, valid_to, LAG(valid_to) OVER (PARTITION BY territory_id"
        " ORDER BY valid_from, valid_to) AS previous FROM (SELECT DISTINCT territory_id, valid_from, valid_to"
        " FROM coverage)) WHERE valid_from < previous",
    ),
    (
        "settled_out_of_window",
        "settled",
        "end_date",
        "end it within the year, not after the period being paid, which alone may bear its code on that day",
        "SELECT COUNT(*) FROM settled s CROSS JOIN target_period w WHERE s.end_date <= w.fiscal_year_start"
        " OR s.end_date > w.end_date OR (s.end_date = w.end_date) <> (s.period_code = w.period_code)",
    ),
    (
        "unknown_period",
        "posted",
        "period_code",
        "name a settled period",
        "SELECT COUNT(*) FROM posted WHERE period_code NOT IN (SELECT period_code FROM settled)",
    ),
    (
        "unknown_period",
        "quota",
        "period_code",
        "name a month of the period relation",
        "SELECT COUNT(*) FROM quota WHERE period_code NOT IN (SELECT period_code FROM period)",
    ),
    *(
        (
            "unknown_component",
            relation,
            "component_id",
            "name a component",
            f"SELECT COUNT(*) FROM {relation} WHERE component_id NOT IN (SELECT component_id FROM component)",
        )
        for relation in ("band", "formula", "formula_input", "gate", "earning_limit", "activity", "objective")
    ),
    (
        "unknown_component",
        "component",
        "x_component_id",
        "name another component",
        "SELECT COUNT(*) FROM (SELECT x_component_id AS other FROM component UNION ALL SELECT y_component_id"
        " FROM component UNION ALL SELECT of_component_id FROM gate"
        " UNION ALL SELECT of_component_id FROM formula_input WHERE figure NOT IN ('earned', 'everybody_earned'))"
        " WHERE other IS NOT NULL AND other NOT IN ("
        "SELECT component_id FROM component WHERE window_length <> 'transaction')",
    ),
    (
        "standing_without_component",
        "component",
        "x_standing",
        "name the other component, and look there from one that is paid by transaction",
        "SELECT COUNT(*) FROM (SELECT component_id, x_component_id AS other, x_standing AS standing FROM component"
        " UNION ALL SELECT component_id, y_component_id, y_standing FROM component"
        " UNION ALL SELECT component_id, of_component_id, standing FROM gate"
        " UNION ALL SELECT component_id, of_component_id, standing FROM formula_input) l"
        " JOIN component c ON c.component_id = l.component_id"
        " WHERE l.standing IN ('before_deal', 'with_deal') AND (l.other IS NULL OR c.window_length <> 'transaction')",
    ),
    (
        "no_bands",
        "component",
        "component_id",
        "give the component at least one band, or a formula",
        "SELECT COUNT(*) FROM component"
        " WHERE (method <> 'formula' AND component_id NOT IN (SELECT component_id FROM band))"
        " OR (method = 'formula' AND component_id NOT IN (SELECT component_id FROM formula))",
    ),
    (
        "unknown_counting",
        "component",
        "counting_id",
        "name a counting",
        "SELECT COUNT(*) FROM component c WHERE measure NOT IN ('activity', 'objective_score', 'earnings')"
        " AND NOT EXISTS (SELECT 1 FROM counting f WHERE f.counting_id = c.counting_id"
        " AND (f.single OR c.window_length <> 'transaction'))",
    ),
    (
        "unsupported_currency_digits",
        "component",
        "minor_digits",
        "use 0 to 4 decimal places",
        "SELECT COUNT(*) FROM component WHERE minor_digits NOT BETWEEN 0 AND 4",
    ),
    (
        "bands_not_contiguous",
        "band",
        "x_from",
        "number bands from 1, start at zero or above, and begin each where the one before ends",
        "SELECT COUNT(*) FROM (SELECT *, ROW_NUMBER() OVER w AS place, LAG(x_to) OVER w AS previous"
        " FROM band WINDOW w AS (PARTITION BY component_id, y_place ORDER BY ordinal))"
        " WHERE x_place <> place OR x_from < 0 OR x_to <= x_from"
        " OR (place > 1 AND (previous IS NULL OR previous <> x_from))",
    ),
    (
        "rate_incomplete",
        "component",
        "method",
        "say what bands are read with, and on which side of a bound",
        "SELECT COUNT(*) FROM component WHERE method NOT IN ('flat', 'formula') AND (x_figure IS NULL"
        " OR (method = 'curve' AND outside IS NULL) OR (method <> 'curve' AND boundary IS NULL)"
        " OR (method = 'matrix' AND y_figure IS NULL))",
    ),
    (
        "not_positive",
        "takeback",
        "original_amount",
        "a takeback and the transaction it takes back have amounts above zero",
        "SELECT COUNT(*) FROM takeback WHERE original_amount <= 0 OR amount <= 0",
    ),
    (
        "rate_not_positive",
        "fx_rate",
        "rate",
        "give a rate above zero between two different currencies",
        "SELECT COUNT(*) FROM fx_rate WHERE rate <= 0 OR from_currency = to_currency",
    ),
)
