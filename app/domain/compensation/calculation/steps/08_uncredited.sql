-- Transactions of the window that credit nobody directly, or not for the whole of them, with the reason.
SELECT s.transaction_id,
  CASE
    WHEN w.transaction_id IS NULL THEN 'no_rule_applies'
    WHEN c.transaction_id IS NULL THEN 'not_eligible'
    WHEN c.converted = 0 THEN 'no_rate_for_currency'
    ELSE 'partly_covered'
  END AS reason
FROM snapshot s
LEFT JOIN (SELECT DISTINCT transaction_id FROM winner WHERE role = 'direct') w ON w.transaction_id = s.transaction_id
LEFT JOIN (
  SELECT transaction_id, COUNT(amount) AS converted FROM credit WHERE role = 'direct' GROUP BY transaction_id
) c ON c.transaction_id = s.transaction_id
LEFT JOIN (
  SELECT transaction_id, MAX(cum_hi) AS covered
  FROM winner
  WHERE role = 'direct' AND rule_ordinal >= 0
  GROUP BY transaction_id
) p ON p.transaction_id = s.transaction_id
WHERE c.transaction_id IS NULL OR c.converted = 0 OR p.covered < 1
