-- Transactions that credit nobody directly, or not for the whole of them, with the reason; `earlier_period` is the month of
-- one before the fiscal year. Those whose account is plainly credited on the day need no look, unless they could not be
-- converted.
WITH doubtful AS (
  SELECT s.transaction_id, s.account_id, s.transaction_date
  FROM snapshot s
  WHERE NOT EXISTS (SELECT 1 FROM plain a WHERE a.account_id = s.account_id AND a.always) AND NOT EXISTS (
    SELECT 1 FROM plain p
    WHERE p.account_id = s.account_id AND s.transaction_date >= p.valid_from AND s.transaction_date < p.valid_to
  )
  UNION
  SELECT s.transaction_id, s.account_id, s.transaction_date
  FROM snapshot s
  JOIN disputed d ON d.transaction_id = s.transaction_id
  UNION
  SELECT s.transaction_id, s.account_id, s.transaction_date
  FROM snapshot s
  JOIN credit c ON c.transaction_id = s.transaction_id AND c.amount IS NULL
),
covered AS (
  SELECT s.transaction_id, MAX(n.cum_hi) AS share
  FROM doubtful s
  JOIN named n ON n.account_id = s.account_id
    AND s.transaction_date >= n.valid_from AND s.transaction_date < n.valid_to
  WHERE NOT EXISTS (SELECT 1 FROM disputed d WHERE d.transaction_id = s.transaction_id)
  GROUP BY s.transaction_id
  UNION ALL
  SELECT transaction_id, MAX(CASE WHEN rule_ordinal >= 0 THEN cum_hi END)
  FROM winner
  WHERE role = 'direct'
  GROUP BY transaction_id
),
credited AS (
  SELECT c.transaction_id, COUNT(c.amount) AS converted
  FROM credit c
  JOIN doubtful s ON s.transaction_id = c.transaction_id
  WHERE c.role = 'direct'
  GROUP BY c.transaction_id
)
SELECT s.transaction_id,
  CASE
    WHEN w.transaction_id IS NULL THEN 'no_rule_applies'
    WHEN c.transaction_id IS NULL THEN 'not_eligible'
    WHEN c.converted = 0 THEN 'no_rate_for_currency'
    ELSE 'partly_covered'
  END AS reason,
  CASE WHEN s.transaction_date < y.fiscal_year_start THEN p.period_code END AS earlier_period
FROM doubtful s
LEFT JOIN covered w ON w.transaction_id = s.transaction_id
LEFT JOIN credited c ON c.transaction_id = s.transaction_id
CROSS JOIN target_period y
LEFT JOIN period p ON s.transaction_date >= p.start_date AND s.transaction_date < p.end_date
WHERE c.transaction_id IS NULL OR c.converted = 0 OR w.share < 1
