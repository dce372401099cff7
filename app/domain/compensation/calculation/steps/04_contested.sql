-- The days on which it depends on the product, or on the order of the rules, who is credited for an account: its
-- transactions of those days are decided one by one.
WITH several AS (
  SELECT account_id FROM named GROUP BY account_id HAVING MIN(rule_ordinal) < MAX(rule_ordinal)
),
competing AS (
  SELECT n.account_id, n.rule_ordinal, n.valid_from, n.valid_to
  FROM named n
  JOIN several s ON s.account_id = n.account_id
)
SELECT account_id, valid_from, valid_to FROM named WHERE some_products
UNION
SELECT n.account_id, GREATEST(n.valid_from, o.valid_from), LEAST(n.valid_to, o.valid_to)
FROM competing n
JOIN competing o ON o.account_id = n.account_id AND o.rule_ordinal > n.rule_ordinal
  AND o.valid_from < n.valid_to AND n.valid_from < o.valid_to
