-- The ends of the pay periods of the year up to the one being paid. Each period is charged with what is earned between
-- `previous` and `as_of`; a period that was settled before can only be trued up.
SELECT c.period_code, c.kind, c.as_of, COALESCE(MAX(s.end_date), w.fiscal_year_start) AS previous
FROM (
  SELECT period_code, 'true_up' AS kind, end_date AS as_of FROM settled
  UNION ALL
  SELECT t.period_code, 'base', t.end_date FROM target_period t
  WHERE NOT EXISTS (SELECT 1 FROM settled s WHERE s.period_code = t.period_code)
) c
CROSS JOIN target_period w
LEFT JOIN settled s ON s.end_date < c.as_of
GROUP BY c.period_code, c.kind, c.as_of, w.fiscal_year_start
