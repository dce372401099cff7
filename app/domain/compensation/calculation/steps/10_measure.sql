-- Credited revenue of each seller and component, year to date, before and at the end of the period being paid.
SELECT e.seller_id, e.component_id, a.as_of,
  CAST(COALESCE(SUM(d.amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS credited_to_date,
  CAST(COALESCE(SUM(d.credits), 0) AS BIGINT) AS credits,
  CAST(COALESCE(SUM(d.unconverted), 0) AS BIGINT) AS unconverted
FROM eligibility e
CROSS JOIN (
  SELECT start_date AS as_of FROM target_period
  UNION ALL
  SELECT end_date FROM target_period
) a
LEFT JOIN daily d ON d.seller_id = e.credited_seller_id AND d.role = e.role AND d.currency = e.currency
  AND d.credit_date >= e.valid_from AND d.credit_date < e.valid_to AND d.credit_date < a.as_of
GROUP BY e.seller_id, e.component_id, a.as_of
