-- The claims that credit: those of the rule that credits the transaction directly, and everything that does not compete.
-- A rule that names the same seller twice as an overlay credits by its narrower assignment: account, territory, product.
SELECT c.transaction_id, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.cum_lo, c.cum_hi
FROM claim c
JOIN classify w ON w.transaction_id = c.transaction_id AND w.rule_ordinal = c.rule_ordinal
WHERE c.role = 'direct'
UNION ALL
SELECT c.transaction_id, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.cum_lo, c.cum_hi
FROM claim c
WHERE c.rule_ordinal = -1
UNION ALL
SELECT c.transaction_id, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.cum_lo, c.cum_hi
FROM claim c
JOIN (
  SELECT transaction_id, rule_ordinal, seller_id, MIN(split_ordinal) AS split_ordinal
  FROM claim
  WHERE role = 'overlay' AND rule_ordinal > 0
  GROUP BY transaction_id, rule_ordinal, seller_id
) n ON n.transaction_id = c.transaction_id AND n.rule_ordinal = c.rule_ordinal AND n.seller_id = c.seller_id
  AND n.split_ordinal = c.split_ordinal
WHERE c.role = 'overlay'
