-- The quota and the target incentive of each window, whole and to date, reduced for months or days without taking part.
-- Quotas of months before the fiscal year are not reduced. What colleagues sell is held against the quota of whom they
-- all report to on the last day of a month. Rounding points: the target of a component for the year (4), its part of a
-- month (10), its sum (4), a quota by days, a share of a quota, and a quota of the year to the end of a month (4).
WITH presence AS (
  SELECT p.seller_id, p.plan_id, m.period_code, days(m.start_date, m.end_date) AS length,
    CAST(SUM(days(GREATEST(p.valid_from, m.start_date), LEAST(p.valid_to, m.end_date))) AS BIGINT) AS present,
    MAX(p.valid_from) AS latest
  FROM participant p
  JOIN period m ON p.valid_from < m.end_date AND m.start_date < p.valid_to
  GROUP BY p.seller_id, p.plan_id, m.period_code, m.start_date, m.end_date
),
unit AS (
  SELECT u.seller_id, u.component_id, u.window_start, u.window_end, u.read_from, MAX(p.valid_from) AS latest
  FROM (
    SELECT DISTINCT m.seller_id, m.component_id, c.plan_id, m.window_start, m.window_end, m.read_from
    FROM measure m
    JOIN component c ON c.component_id = m.component_id AND c.window_length <> 'transaction'
  ) u
  CROSS JOIN target_period w
  JOIN participant p ON p.seller_id = u.seller_id AND p.plan_id = u.plan_id
    AND ((p.valid_from < u.window_end AND u.window_start < p.valid_to) OR u.window_end <= w.fiscal_year_start)
  GROUP BY u.seller_id, u.component_id, u.window_start, u.window_end, u.read_from
),
asked AS (
  SELECT u.seller_id, u.component_id, u.window_start, m.period_code, m.start_date,
    CASE
      WHEN c.quota_amount IS NOT NULL THEN
        CAST(ROUND(CAST(prorate(c.quota_amount, m.ordinal, n.months) AS DECIMAL(38, 10)), 4)
          - ROUND(CAST(prorate(c.quota_amount, m.ordinal - 1, n.months) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4))
      WHEN c.quota_share IS NOT NULL THEN
        CAST(ROUND(CAST(CAST(q.amount AS DECIMAL(38, 4)) * c.quota_share AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4))
      ELSE CAST(q.amount AS DECIMAL(28, 4))
    END AS amount
  FROM unit u
  JOIN component c ON c.component_id = u.component_id
  JOIN period m ON m.start_date >= u.read_from AND m.start_date < u.window_end
  JOIN (SELECT fiscal_year, MAX(ordinal) AS months FROM period GROUP BY fiscal_year) n
    ON n.fiscal_year = m.fiscal_year
  LEFT JOIN reporting_line r ON c.beside AND r.seller_id = u.seller_id AND r.valid_from < m.end_date
    AND r.valid_to >= m.end_date
  LEFT JOIN quota q ON q.seller_id = CASE WHEN c.beside THEN r.manager_id ELSE u.seller_id END
    AND q.period_code = m.period_code AND q.measure = c.quota_measure
    AND (q.currency = c.currency OR q.currency = 'XXX')
),
monthly AS (
  SELECT a.seller_id, a.component_id, a.window_start, a.start_date,
    CASE
      WHEN c.prorate_quota = 'none' OR a.start_date < w.fiscal_year_start THEN a.amount
      WHEN h.present IS NULL THEN NULL
      WHEN c.prorate_quota = 'months' THEN a.amount
      ELSE CAST(ROUND(CAST(prorate(a.amount, h.present, h.length) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4))
    END AS quota
  FROM asked a
  JOIN component c ON c.component_id = a.component_id
  CROSS JOIN target_period w
  LEFT JOIN presence h ON h.seller_id = a.seller_id AND h.plan_id = c.plan_id AND h.period_code = a.period_code
),
year_target AS (
  SELECT p.seller_id, c.component_id, p.valid_from, p.valid_to,
    COALESCE(CAST(c.target_amount AS DECIMAL(28, 4)), CAST(ROUND(CAST(CAST(p.target_incentive AS DECIMAL(38, 4))
      * c.target_share AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4))) AS target
  FROM participant p
  JOIN component c ON c.plan_id = p.plan_id AND (c.target_amount IS NOT NULL OR c.target_share IS NOT NULL)
),
targeted AS (
  SELECT u.seller_id, u.component_id, u.window_start, m.start_date, CASE WHEN y.target IS NULL THEN 1 END AS unsaid,
    CAST(CASE
      WHEN c.prorate_target = 'days' THEN prorate(y.target,
        days(GREATEST(y.valid_from, m.start_date), LEAST(y.valid_to, m.end_date)),
        CAST(CAST(days(m.start_date, m.end_date) AS DECIMAL(38, 0)) * n.months AS DECIMAL(38, 0)))
      ELSE prorate(y.target, 1, n.months)
    END AS DECIMAL(38, 10)) AS target
  FROM unit u
  JOIN component c ON c.component_id = u.component_id
  CROSS JOIN target_period w
  CROSS JOIN (
    SELECT COUNT(*) AS months FROM period m JOIN target_period t ON t.fiscal_year = m.fiscal_year
  ) n
  JOIN period m ON m.fiscal_year = w.fiscal_year AND m.start_date >= u.window_start AND m.start_date < u.window_end
  LEFT JOIN presence h ON h.seller_id = u.seller_id AND h.plan_id = c.plan_id AND h.period_code = m.period_code
  JOIN year_target y ON y.seller_id = u.seller_id AND y.component_id = u.component_id AND (
    (c.prorate_target = 'none' AND y.valid_from = u.latest)
    OR (c.prorate_target = 'months' AND y.valid_from = h.latest)
    OR (c.prorate_target = 'days' AND y.valid_from < m.end_date AND m.start_date < y.valid_to))
),
promised AS (
  SELECT u.seller_id, u.component_id, u.window_start, u.as_of, CAST(SUM(n.quota) AS DECIMAL(28, 4)) AS quota_window,
    CAST(COALESCE(SUM(CASE WHEN n.start_date < u.as_of THEN n.quota END), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4))
      AS quota_to_date
  FROM measure u
  JOIN monthly n ON n.seller_id = u.seller_id AND n.component_id = u.component_id AND n.window_start = u.window_start
  GROUP BY u.seller_id, u.component_id, u.window_start, u.as_of
),
aimed AS (
  SELECT u.seller_id, u.component_id, u.window_start, u.as_of,
    CASE WHEN COUNT(t.unsaid) = 0
      THEN CAST(ROUND(CAST(SUM(t.target) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END AS target_window,
    CASE WHEN COUNT(t.unsaid) = 0
      THEN CAST(ROUND(CAST(COALESCE(SUM(CASE WHEN t.start_date < u.as_of THEN t.target END),
        CAST(0 AS DECIMAL(38, 10))) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END AS target_to_date
  FROM measure u
  JOIN targeted t ON t.seller_id = u.seller_id AND t.component_id = u.component_id AND t.window_start = u.window_start
  GROUP BY u.seller_id, u.component_id, u.window_start, u.as_of
)
SELECT p.seller_id, p.component_id, p.window_start, p.as_of, p.quota_window,
  CASE WHEN p.quota_window IS NOT NULL THEN p.quota_to_date END AS quota_to_date,
  CASE c.quota_basis WHEN 'window' THEN p.quota_window
    WHEN 'to_date' THEN CASE WHEN p.quota_window IS NOT NULL THEN p.quota_to_date END END AS quota,
  CASE WHEN c.quota_basis = 'to_date' THEN t.target_to_date ELSE t.target_window END AS target
FROM promised p
JOIN component c ON c.component_id = p.component_id
LEFT JOIN aimed t ON t.seller_id = p.seller_id AND t.component_id = p.component_id AND t.window_start = p.window_start
  AND t.as_of = p.as_of
