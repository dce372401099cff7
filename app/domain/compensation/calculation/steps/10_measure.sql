-- Credited revenue of each seller and component, year to date at each checkpoint: added up per pay period first.
-- Where a component claws back, a return that names its deal does not lower what was measured.
WITH counted AS (
  SELECT e.seller_id, e.component_id, k.as_of,
    CAST(COALESCE(SUM(d.amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS credited,
    CAST(COALESCE(SUM(d.credits), 0) AS BIGINT) AS credits,
    CAST(COALESCE(SUM(d.unconverted), 0) AS BIGINT) AS unconverted
  FROM eligibility e
  CROSS JOIN checkpoint k
  LEFT JOIN (SELECT DISTINCT component_id FROM clawback) b ON b.component_id = e.component_id
  LEFT JOIN daily d ON d.seller_id = e.credited_seller_id AND d.currency = e.currency
    AND d.credit_date >= e.valid_from AND d.credit_date < e.valid_to
    AND d.credit_date >= k.previous AND d.credit_date < k.as_of
    AND (b.component_id IS NULL OR d.kind <> 'takeback')
  GROUP BY e.seller_id, e.component_id, k.as_of
)
SELECT a.seller_id, a.component_id, a.as_of,
  CAST(SUM(b.credited) AS DECIMAL(28, 4)) AS credited_to_date,
  CAST(SUM(b.credits) AS BIGINT) AS credits,
  CAST(SUM(b.unconverted) AS BIGINT) AS unconverted
FROM counted a
JOIN counted b ON b.seller_id = a.seller_id AND b.component_id = a.component_id AND b.as_of <= a.as_of
GROUP BY a.seller_id, a.component_id, a.as_of
