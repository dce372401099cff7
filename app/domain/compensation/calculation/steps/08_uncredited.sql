-- Transactions of the window that credit nobody, with the reason.
SELECT s.transaction_id,
  CASE
    WHEN w.transaction_id IS NULL THEN 'no_rule_applies'
    WHEN c.transaction_id IS NULL THEN 'not_eligible'
    ELSE 'no_rate_for_currency'
  END AS reason
FROM snapshot s
LEFT JOIN classify w ON w.transaction_id = s.transaction_id
LEFT JOIN (SELECT transaction_id, COUNT(amount) AS converted FROM credit GROUP BY transaction_id) c
  ON c.transaction_id = s.transaction_id
WHERE c.transaction_id IS NULL OR c.converted = 0
