-- The rule that credits each transaction: the first that names somebody.
SELECT c.transaction_id, r.ordinal AS rule_ordinal, r.kind AS rule
FROM (SELECT transaction_id, MIN(rule_ordinal) AS rule_ordinal FROM claim GROUP BY transaction_id) c
JOIN crediting_rule r ON r.ordinal = c.rule_ordinal
