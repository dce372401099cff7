-- Who credits each transaction directly: the first that names somebody, a manual credit before the rules.
SELECT c.transaction_id, c.rule_ordinal, COALESCE(r.kind, 'manual') AS rule
FROM (
  SELECT transaction_id, MIN(rule_ordinal) AS rule_ordinal
  FROM claim
  WHERE role = 'direct' AND rule_ordinal >= 0
  GROUP BY transaction_id
) c
LEFT JOIN crediting_rule r ON r.ordinal = c.rule_ordinal
