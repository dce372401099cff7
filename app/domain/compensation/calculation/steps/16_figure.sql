-- The figures that tables are read with and gates look at, for each unit that somebody looks at, or why there is none;
-- of another component also where it stood when a transaction came, for that transaction; of any, that of the window
-- before, or of the same window a year before, whole or to the same month of it. Of a rank, how many share it. What all who
-- take part come to together, or their places, cannot be said while the measure of one of them cannot.
WITH looked_at AS (
  SELECT COALESCE(x_component_id, component_id) AS component_id, x_figure AS figure, x_standing AS standing FROM component
  WHERE x_figure IS NOT NULL
  UNION
  SELECT COALESCE(y_component_id, component_id), y_figure, y_standing FROM component WHERE y_figure IS NOT NULL
  UNION
  SELECT COALESCE(of_component_id, component_id), figure, standing FROM gate
  UNION
  SELECT COALESCE(of_component_id, component_id), figure, standing FROM formula_input
),
-- Everybody who takes part in a component whose places are looked at, and how many have reached each value.
contest AS (
  SELECT a.component_id, a.window_start, a.as_of, a.read_measured, a.attainment, COUNT(*) AS sellers,
    CAST(SUM(a.quota) AS DECIMAL(38, 4)) AS quota, COUNT(*) - COUNT(a.quota) AS without_quota,
    CAST(SUM(a.target) AS DECIMAL(38, 4)) AS target, COUNT(*) - COUNT(a.target) AS without_target,
    COUNT(CASE WHEN a.code IN ('no_rate_for_currency', 'no_margin', 'no_quantity', 'no_customer', 'no_objectives',
      'objective_not_assessed', 'figure_out_of_range') THEN 1 END) AS unsaid
  FROM attainment a
  WHERE a.component_id IN (
    SELECT component_id FROM looked_at
    WHERE figure IN ('rank', 'attainment_rank', 'everybody', 'everybody_quota', 'everybody_target', 'participants')
  )
  GROUP BY a.component_id, a.window_start, a.as_of, a.read_measured, a.attainment
),
place AS (
  SELECT c.component_id, c.window_start, c.as_of, c.read_measured, c.attainment,
    CAST(SUM(o.sellers) AS BIGINT) AS participants,
    CAST(SUM(CAST(CAST(o.read_measured AS DECIMAL(38, 6)) * o.sellers AS DECIMAL(38, 6))) AS DECIMAL(38, 6)) AS everybody,
    CAST(1 + COALESCE(SUM(CASE WHEN o.read_measured > c.read_measured THEN o.sellers END), 0) AS BIGINT) AS place,
    CASE WHEN c.attainment IS NOT NULL THEN
      CAST(1 + COALESCE(SUM(CASE WHEN o.attainment > c.attainment THEN o.sellers END), 0) AS BIGINT) END
      AS attainment_place,
    CAST(SUM(CASE WHEN o.read_measured = c.read_measured THEN o.sellers END) AS BIGINT) AS tied,
    CAST(SUM(CASE WHEN o.attainment = c.attainment THEN o.sellers END) AS BIGINT) AS attainment_tied,
    CASE WHEN CAST(SUM(o.without_quota) AS BIGINT) = 0 THEN CAST(SUM(o.quota) AS DECIMAL(38, 4)) END AS quota,
    CASE WHEN CAST(SUM(o.without_target) AS BIGINT) = 0 THEN CAST(SUM(o.target) AS DECIMAL(38, 4)) END AS target,
    CAST(SUM(o.unsaid) AS BIGINT) AS unsaid
  FROM contest c
  JOIN contest o ON o.component_id = c.component_id AND o.window_start = c.window_start AND o.as_of = c.as_of
  GROUP BY c.component_id, c.window_start, c.as_of, c.read_measured, c.attainment
),
-- Those below, on the last day, who have a quota, and what they have sold of it by themselves.
report AS (
  SELECT DISTINCT a.seller_id, a.component_id, a.window_start, a.as_of, a.window_end, e.credited_seller_id
  FROM attainment a
  JOIN looked_at l ON l.component_id = a.component_id AND l.figure = 'team_at_quota'
  JOIN eligibility e ON e.seller_id = a.seller_id AND e.component_id = a.component_id AND e.role <> 'none'
    AND e.credited_seller_id <> a.seller_id AND e.valid_from < a.as_of AND e.valid_to >= a.as_of
),
asked AS (
  SELECT r.seller_id, r.component_id, r.window_start, r.as_of, r.credited_seller_id, k.read_from,
    CAST(SUM(q.amount) AS DECIMAL(38, 4)) AS quota
  FROM report r
  JOIN component c ON c.component_id = r.component_id
  JOIN time_window k ON k.component_id = r.component_id AND k.window_start = r.window_start AND k.as_of = r.as_of
  JOIN period m ON m.start_date >= k.read_from AND m.start_date < r.window_end
    AND (c.quota_basis = 'window' OR m.start_date < r.as_of)
  JOIN quota q ON q.seller_id = r.credited_seller_id AND q.period_code = m.period_code AND q.measure = c.quota_measure
    AND (q.currency = c.currency OR q.currency = 'XXX')
  GROUP BY r.seller_id, r.component_id, r.window_start, r.as_of, r.credited_seller_id, k.read_from
),
reached AS (
  SELECT q.seller_id, q.component_id, q.window_start, q.as_of,
    CAST(COALESCE(SUM(d.unconverted), 0) AS BIGINT)
      + CASE c.measure WHEN 'margin' THEN CAST(COALESCE(SUM(d.without_margin), 0) AS BIGINT)
        WHEN 'units' THEN CAST(COALESCE(SUM(d.without_quantity), 0) AS BIGINT) ELSE 0 END AS unsaid,
    CASE WHEN COALESCE(CAST(SUM(CASE c.measure WHEN 'margin' THEN d.margin WHEN 'units' THEN d.quantity
      ELSE d.amount END) AS DECIMAL(38, 4)), CAST(0 AS DECIMAL(38, 4))) >= q.quota THEN 1 ELSE 0 END AS reached
  FROM asked q
  JOIN component c ON c.component_id = q.component_id
  LEFT JOIN counting_span d ON d.counting_id = c.counting_id AND d.seller_id = q.credited_seller_id AND d.role = c.role
    AND d.currency = c.credit_currency AND d.credit_date >= q.read_from AND d.credit_date < q.as_of
  WHERE q.quota > 0
  GROUP BY q.seller_id, q.component_id, q.window_start, q.as_of, q.credited_seller_id, q.quota, c.measure
),
at_quota AS (
  SELECT r.seller_id, r.component_id, r.window_start, r.as_of, CAST(SUM(r.unsaid) AS BIGINT) AS unsaid,
    CAST(SUM(r.reached) AS BIGINT) AS reached, COUNT(*) AS reports
  FROM reached r
  GROUP BY r.seller_id, r.component_id, r.window_start, r.as_of
),
-- The windows of the year up to each one: when the last missed its quota, how many came since and how many cannot be said.
missed AS (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of,
    MAX(CASE WHEN o.attainment < 1 THEN o.window_start END) AS last_missed
  FROM attainment a
  JOIN looked_at l ON l.component_id = a.component_id AND l.figure = 'streak'
  CROSS JOIN target_period w
  JOIN attainment o ON o.seller_id = a.seller_id AND o.component_id = a.component_id AND o.window_start <= a.window_start
    AND o.window_start >= w.fiscal_year_start AND o.as_of = LEAST(a.as_of, o.window_end)
  GROUP BY a.seller_id, a.component_id, a.window_start, a.as_of
),
streak AS (
  SELECT m.seller_id, m.component_id, m.window_start, m.as_of, COUNT(o.attainment) AS windows,
    COUNT(o.unit_id) - COUNT(o.attainment) AS unsaid
  FROM missed m
  CROSS JOIN target_period w
  LEFT JOIN attainment o ON o.seller_id = m.seller_id AND o.component_id = m.component_id
    AND o.window_start <= m.window_start AND o.window_start >= w.fiscal_year_start
    AND o.as_of = LEAST(m.as_of, o.window_end) AND (m.last_missed IS NULL OR o.window_start > m.last_missed)
  GROUP BY m.seller_id, m.component_id, m.window_start, m.as_of
),
back AS (
  SELECT l.component_id, l.figure, l.standing, k.window_start, k.as_of, o.window_start AS then_start, o.as_of AS then_as_of
  FROM looked_at l
  CROSS JOIN target_period w
  JOIN time_window k ON k.component_id = l.component_id AND k.window_start >= w.fiscal_year_start
  JOIN period begun ON begun.start_date = k.window_start
  JOIN period reached ON reached.start_date < k.as_of AND k.as_of <= reached.end_date
  LEFT JOIN period month_then ON month_then.fiscal_year = begun.fiscal_year - 1 AND month_then.ordinal = begun.ordinal
  LEFT JOIN period until_then ON until_then.fiscal_year = reached.fiscal_year - 1 AND until_then.ordinal = reached.ordinal
  JOIN time_window o ON o.component_id = l.component_id AND (
    (l.standing = 'previous' AND o.window_end = k.window_start AND o.as_of = o.window_end)
    OR (l.standing = 'last_year' AND o.window_start = month_then.start_date AND o.as_of = o.window_end)
    OR (l.standing = 'last_year_to_date' AND o.window_start = month_then.start_date AND o.as_of = until_then.end_date))
  WHERE l.standing IN ('previous', 'last_year', 'last_year_to_date')
)
SELECT f.seller_id, f.component_id, f.window_start, f.as_of, f.unit_id, f.figure, f.standing,
  CASE WHEN f.unsaid = 0 THEN f.value END AS value, f.tied,
  CASE
    WHEN f.code IS NOT NULL THEN f.code
    WHEN f.figure IN ('margin', 'margin_share') AND f.without_margin > 0 THEN 'no_margin'
    WHEN f.figure = 'units' AND f.without_quantity > 0 THEN 'no_quantity'
    WHEN ABS(f.value) >= CAST('10000000000000000' AS DECIMAL(38, 6)) THEN 'figure_out_of_range'
    WHEN f.value IS NULL AND f.figure = 'margin_share' THEN 'no_revenue'
    WHEN f.value IS NULL AND f.figure IN ('term_months', 'discount') THEN 'no_trait'
    WHEN f.value IS NULL AND f.figure = 'target' THEN 'no_target'
    WHEN f.unsaid > 0 OR (f.value IS NULL AND f.figure IN ('everybody_quota', 'everybody_target')) THEN 'no_figure'
    WHEN f.value IS NULL THEN 'no_quota'
  END AS code
FROM (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, l.figure, l.standing, a.code, a.without_margin,
    a.without_quantity,
    CASE WHEN l.figure IN ('rank', 'attainment_rank', 'everybody', 'everybody_quota', 'everybody_target') THEN p.unsaid
      WHEN l.figure = 'team_at_quota' THEN COALESCE(q.unsaid, 0) WHEN l.figure = 'streak' THEN s.unsaid ELSE 0 END AS unsaid,
    CASE l.figure WHEN 'rank' THEN p.tied WHEN 'attainment_rank' THEN p.attainment_tied END AS tied,
    CASE l.figure
      WHEN 'measured' THEN CAST(a.read_measured AS DECIMAL(38, 6))
      WHEN 'attainment' THEN CAST(a.attainment AS DECIMAL(38, 6))
      WHEN 'revenue' THEN CAST(a.revenue AS DECIMAL(38, 6))
      WHEN 'margin' THEN CAST(a.margin AS DECIMAL(38, 6))
      WHEN 'margin_share' THEN CAST(div(a.margin, a.revenue, 6) AS DECIMAL(38, 6))
      WHEN 'units' THEN CAST(a.units AS DECIMAL(38, 6))
      WHEN 'deals' THEN CAST(a.deals AS DECIMAL(38, 6))
      WHEN 'quota' THEN CAST(a.quota AS DECIMAL(38, 6))
      WHEN 'target' THEN CAST(a.target AS DECIMAL(38, 6))
      WHEN 'rank' THEN CAST(p.place AS DECIMAL(38, 6))
      WHEN 'attainment_rank' THEN CAST(p.attainment_place AS DECIMAL(38, 6))
      WHEN 'everybody' THEN CAST(p.everybody AS DECIMAL(38, 6))
      WHEN 'term_months' THEN CAST(t.term_months AS DECIMAL(38, 6))
      WHEN 'discount' THEN CAST(t.discount AS DECIMAL(38, 6))
      WHEN 'participants' THEN CAST(p.participants AS DECIMAL(38, 6))
      WHEN 'everybody_quota' THEN CAST(p.quota AS DECIMAL(38, 6))
      WHEN 'everybody_target' THEN CAST(p.target AS DECIMAL(38, 6))
      WHEN 'team_at_quota' THEN CAST(div(q.reached, q.reports, 6) AS DECIMAL(38, 6))
      WHEN 'streak' THEN CAST(s.windows AS DECIMAL(38, 6))
    END AS value
  FROM attainment a
  JOIN looked_at l ON l.component_id = a.component_id AND l.standing = 'none'
  LEFT JOIN trait t ON t.transaction_id = a.unit_id
  LEFT JOIN place p ON p.component_id = a.component_id AND p.window_start = a.window_start AND p.as_of = a.as_of
    AND p.read_measured = a.read_measured
    AND (p.attainment = a.attainment OR (p.attainment IS NULL AND a.attainment IS NULL))
  LEFT JOIN at_quota q ON q.seller_id = a.seller_id AND q.component_id = a.component_id
    AND q.window_start = a.window_start AND q.as_of = a.as_of
  LEFT JOIN streak s ON s.seller_id = a.seller_id AND s.component_id = a.component_id
    AND s.window_start = a.window_start AND s.as_of = a.as_of
  UNION ALL
  SELECT s.seller_id, s.component_id, s.credit_date, s.credit_date, s.unit_id, l.figure, l.standing, s.code,
    s.without_margin, s.without_quantity, 0, NULL,
    CASE l.figure
      WHEN 'measured' THEN CAST(s.read_measured AS DECIMAL(38, 6))
      WHEN 'attainment' THEN CAST(s.attainment AS DECIMAL(38, 6))
      WHEN 'revenue' THEN CAST(s.revenue AS DECIMAL(38, 6))
      WHEN 'margin' THEN CAST(s.margin AS DECIMAL(38, 6))
      WHEN 'margin_share' THEN CAST(div(s.margin, s.revenue, 6) AS DECIMAL(38, 6))
      WHEN 'units' THEN CAST(s.units AS DECIMAL(38, 6))
      WHEN 'deals' THEN CAST(s.deals AS DECIMAL(38, 6))
    END
  FROM standing s
  JOIN looked_at l ON l.component_id = s.component_id AND l.standing = s.standing
  UNION ALL
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, t.figure, t.standing,
    CASE WHEN t.figure IN ('attainment', 'quota')
      OR o.code NOT IN ('no_quota', 'zero_quota', 'negative_quota', 'no_target', 'attainment_out_of_range') THEN o.code END,
    COALESCE(o.without_margin, 0), COALESCE(o.without_quantity, 0), 0, NULL,
    CASE t.figure
      WHEN 'measured' THEN CAST(COALESCE(o.read_measured, CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(38, 6))
      WHEN 'attainment' THEN CAST(o.attainment AS DECIMAL(38, 6))
      WHEN 'quota' THEN CAST(o.quota AS DECIMAL(38, 6))
      WHEN 'revenue' THEN CAST(COALESCE(o.revenue, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(38, 6))
      WHEN 'margin' THEN CAST(COALESCE(o.margin, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(38, 6))
      WHEN 'margin_share' THEN CAST(div(o.margin, o.revenue, 6) AS DECIMAL(38, 6))
      WHEN 'units' THEN CAST(COALESCE(o.units, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(38, 6))
      WHEN 'deals' THEN CAST(COALESCE(o.deals, CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(38, 6))
    END
  FROM attainment a
  JOIN back t ON t.component_id = a.component_id AND t.window_start = a.window_start AND t.as_of = a.as_of
  LEFT JOIN attainment o ON o.seller_id = a.seller_id AND o.component_id = a.component_id
    AND o.window_start = t.then_start AND o.as_of = t.then_as_of
) f
