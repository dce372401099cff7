-- Claims of the fiscal year that pay their seller nothing, with the reason; nothing is dropped.
WITH winning AS (
  SELECT s.transaction_id, s.transaction_date, 'direct' AS role, n.rule_ordinal, n.rule, n.source_id, n.split_ordinal,
    n.seller_id
  FROM snapshot s
  JOIN named n ON n.account_id = s.account_id
    AND s.transaction_date >= n.valid_from AND s.transaction_date < n.valid_to AND NOT n.takes_part
  WHERE NOT EXISTS (SELECT 1 FROM disputed d WHERE d.transaction_id = s.transaction_id)
  UNION ALL
  SELECT s.transaction_id, s.transaction_date, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id
  FROM winner c
  JOIN snapshot s ON s.transaction_id = c.transaction_id
),
lost AS (
  SELECT c.transaction_id, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id,
    'lower_precedence' AS reason, w.rule AS winning_rule
  FROM claim c
  JOIN classify w ON w.transaction_id = c.transaction_id
  WHERE c.role = 'direct' AND c.rule_ordinal >= 0 AND c.rule_ordinal <> w.rule_ordinal
  UNION ALL
  SELECT c.transaction_id, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, 'named_twice', c.rule
  FROM claim c
  JOIN winner w ON w.transaction_id = c.transaction_id AND w.rule_ordinal = c.rule_ordinal
    AND w.seller_id = c.seller_id AND w.split_ordinal < c.split_ordinal
  WHERE c.role = 'overlay' AND c.rule_ordinal > 0
  UNION ALL
  SELECT c.transaction_id, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, 'not_eligible', c.rule
  FROM winning c
  WHERE NOT EXISTS (
    SELECT 1 FROM entitled e
    WHERE e.own AND e.seller_id = c.seller_id AND e.role = c.role
      AND c.transaction_date >= e.valid_from AND c.transaction_date < e.valid_to
  )
  UNION ALL
  SELECT DISTINCT c.transaction_id, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id,
    'no_rate_for_currency', c.rule
  FROM credit c
  WHERE c.amount IS NULL
)
SELECT l.transaction_id, l.rule_ordinal, l.rule, l.source_id, l.split_ordinal, l.seller_id, l.reason, l.winning_rule
FROM lost l
WHERE NOT EXISTS (
  SELECT 1 FROM snapshot s
  JOIN target_period w ON s.transaction_date < w.fiscal_year_start
  WHERE s.transaction_id = l.transaction_id
)
