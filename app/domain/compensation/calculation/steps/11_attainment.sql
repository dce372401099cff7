-- Quota to date and of the year, attainment on the basis the component names (6 places), or why it cannot be said.
-- A month's quota counts in full when the seller takes part in the plan on any day of the month.
WITH monthly AS (
  SELECT DISTINCT p.seller_id, c.component_id, m.period_code, m.start_date, q.amount
  FROM participant p
  JOIN component c ON c.plan_id = p.plan_id
  CROSS JOIN target_period w
  JOIN period m ON m.fiscal_year = w.fiscal_year AND m.start_date < p.valid_to AND p.valid_from < m.end_date
  JOIN quota q ON q.seller_id = p.seller_id AND q.period_code = m.period_code
),
quoted AS (
  SELECT m.seller_id, m.component_id, m.as_of, m.credited_to_date, m.credits, m.unconverted,
    CAST(SUM(CASE WHEN n.start_date < m.as_of THEN n.amount ELSE CAST(0 AS DECIMAL(18, 4)) END) AS DECIMAL(28, 4))
      AS quota_to_date,
    CAST(SUM(n.amount) AS DECIMAL(28, 4)) AS quota_annual
  FROM measure m
  LEFT JOIN monthly n ON n.seller_id = m.seller_id AND n.component_id = m.component_id
  GROUP BY m.seller_id, m.component_id, m.as_of, m.credited_to_date, m.credits, m.unconverted
),
based AS (
  SELECT q.seller_id, q.component_id, q.as_of, c.plan_id, c.currency, c.minor_digits, c.boundary,
    q.credited_to_date, q.credits, q.unconverted,
    CASE WHEN q.quota_annual IS NULL THEN NULL ELSE q.quota_to_date END AS quota_to_date,
    q.quota_annual,
    CASE WHEN c.quota_basis = 'annual' OR q.quota_annual IS NULL THEN q.quota_annual ELSE q.quota_to_date END
      AS quota_basis_amount
  FROM quoted q
  JOIN component c ON c.component_id = q.component_id
),
divided AS (
  SELECT b.seller_id, b.component_id, b.as_of, b.plan_id, b.currency, b.minor_digits, b.boundary,
    b.credited_to_date, b.credits, b.unconverted, b.quota_to_date, b.quota_annual, b.quota_basis_amount,
    CASE WHEN b.quota_basis_amount > 0
      THEN CAST(div(b.credited_to_date, b.quota_basis_amount, 6) AS DECIMAL(38, 6)) END AS attainment
  FROM based b
),
judged AS (
  SELECT d.seller_id, d.component_id, d.as_of, d.plan_id, d.currency, d.minor_digits, d.boundary,
    d.credited_to_date, d.credits, d.quota_to_date, d.quota_annual, d.quota_basis_amount, d.attainment,
    CASE
      WHEN d.unconverted > 0 THEN 'no_rate_for_currency'
      WHEN d.quota_basis_amount IS NULL THEN 'no_quota'
      WHEN d.quota_basis_amount = 0 THEN 'zero_quota'
      WHEN d.quota_basis_amount < 0 THEN 'negative_quota'
      WHEN ABS(d.attainment) >= CAST(1000000000000 AS DECIMAL(38, 6)) THEN 'attainment_out_of_range'
    END AS code
  FROM divided d
)
SELECT j.seller_id, j.component_id, j.as_of, j.plan_id, j.currency, j.minor_digits, j.boundary,
  j.credited_to_date, j.credits, j.quota_to_date, j.quota_annual, j.quota_basis_amount,
  CASE WHEN j.code IS NULL THEN CAST(j.attainment AS DECIMAL(18, 6)) END AS attainment,
  j.code
FROM judged j
