-- Each unit with its quota, target and attainment (6 places), or why it cannot be said. A score is its own attainment.
WITH divided AS (
  SELECT u.seller_id, u.component_id, u.window_start, u.window_end, u.as_of, u.unit_id, c.plan_id, c.currency,
    u.measured, u.read_measured, u.revenue, u.margin, u.units, u.deals, u.credits, u.unconverted, u.without_margin,
    u.without_quantity, u.measure_code, c.measure, c.needs_quota, c.needs_target, q.quota_window, q.quota_to_date,
    CASE WHEN c.measure = 'objective_score' THEN CAST(1 AS DECIMAL(28, 4)) ELSE q.quota END AS quota, q.target,
    CASE WHEN c.measure = 'objective_score' THEN CAST(u.read_measured AS DECIMAL(38, 6))
      WHEN q.quota > 0 THEN CAST(div(u.read_measured, q.quota, 6) AS DECIMAL(38, 6)) END AS attainment
  FROM measure u
  JOIN component c ON c.component_id = u.component_id
  LEFT JOIN quota_of q ON q.seller_id = u.seller_id AND q.component_id = u.component_id
    AND q.window_start = u.window_start AND q.as_of = u.as_of AND c.window_length <> 'transaction'
),
judged AS (
  SELECT d.seller_id, d.component_id, d.window_start, d.as_of, d.unit_id,
    CASE
      WHEN d.unconverted > 0 THEN 'no_rate_for_currency'
      WHEN d.measure = 'margin' AND d.without_margin > 0 THEN 'no_margin'
      WHEN d.measure = 'units' AND d.without_quantity > 0 THEN 'no_quantity'
      WHEN d.measure_code IS NOT NULL THEN d.measure_code
      WHEN d.needs_quota AND d.quota IS NULL THEN 'no_quota'
      WHEN d.needs_quota AND d.quota = 0 THEN 'zero_quota'
      WHEN d.needs_quota AND d.quota < 0 THEN 'negative_quota'
      WHEN d.needs_target AND d.target IS NULL AND d.window_start >= w.fiscal_year_start THEN 'no_target'
      WHEN ABS(d.measured) >= CAST('10000000000000000' AS DECIMAL(28, 6))
        OR ABS(d.read_measured) >= CAST('10000000000000000' AS DECIMAL(28, 6)) THEN 'figure_out_of_range'
      WHEN d.needs_quota AND ABS(d.attainment) >= CAST(1000000000000 AS DECIMAL(38, 6)) THEN 'attainment_out_of_range'
    END AS code
  FROM divided d
  CROSS JOIN target_period w
)
SELECT d.seller_id, d.component_id, d.window_start, d.window_end, d.as_of, d.unit_id, d.plan_id, d.currency, d.measured,
  d.read_measured, d.revenue, d.margin, d.units, d.deals, d.credits, d.without_margin, d.without_quantity, d.quota_window,
  d.quota_to_date, d.quota, d.target,
  CASE WHEN j.code IS NULL AND ABS(d.attainment) < CAST(1000000000000 AS DECIMAL(38, 6))
    THEN CAST(d.attainment AS DECIMAL(18, 6)) END AS attainment,
  j.code
FROM divided d
JOIN judged j ON j.seller_id = d.seller_id AND j.component_id = d.component_id AND j.window_start = d.window_start
  AND j.as_of = d.as_of AND j.unit_id = d.unit_id
