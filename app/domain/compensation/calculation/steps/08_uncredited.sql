-- Transactions of the window that credit nobody, or not for the whole of them, with the reason.
SELECT s.transaction_id,
  CASE
    WHEN w.transaction_id IS NULL THEN 'no_rule_applies'
    WHEN c.transaction_id IS NULL THEN 'not_eligible'
    WHEN c.converted = 0 THEN 'no_rate_for_currency'
    ELSE 'partly_covered'
  END AS reason
FROM snapshot s
LEFT JOIN classify w ON w.transaction_id = s.transaction_id
LEFT JOIN (SELECT transaction_id, COUNT(amount) AS converted FROM credit GROUP BY transaction_id) c
  ON c.transaction_id = s.transaction_id
LEFT JOIN (
  SELECT v.transaction_id, MAX(v.cum_hi) AS covered
  FROM claim v JOIN classify k ON k.transaction_id = v.transaction_id AND k.rule_ordinal = v.rule_ordinal
  GROUP BY v.transaction_id
) p ON p.transaction_id = s.transaction_id
WHERE c.transaction_id IS NULL OR c.converted = 0 OR p.covered < 1
