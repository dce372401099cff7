-- Whom the rules of territories and owners name for each account, dated, so that transactions only look it up. Products
-- are left to the claims. `takes_part` and `entitled` say whether that holds on every day of it.
WITH place AS (
  SELECT r.rule_id, r.ordinal AS rule_ordinal, r.kind AS rule, m.account_id, m.territory_id AS source_id,
    v.ordinal AS split_ordinal, v.seller_id, v.cum_lo, v.cum_hi,
    GREATEST(r.valid_from, m.valid_from, v.valid_from, w.reach_start) AS valid_from,
    LEAST(r.valid_to, m.valid_to, v.valid_to, w.end_date) AS valid_to
  FROM crediting_rule r
  CROSS JOIN target_period w
  CROSS JOIN membership m
  JOIN coverage v ON v.territory_id = m.territory_id
  WHERE r.kind = 'territory_coverage'
  UNION ALL
  SELECT r.rule_id, r.ordinal, r.kind, o.account_id, o.account_id, 1, o.seller_id,
    CAST(0 AS DECIMAL(9, 6)), CAST(1 AS DECIMAL(9, 6)),
    GREATEST(r.valid_from, o.valid_from, w.reach_start), LEAST(r.valid_to, o.valid_to, w.end_date)
  FROM crediting_rule r
  CROSS JOIN target_period w
  CROSS JOIN account_owner o
  WHERE r.kind = 'account_owner'
)
SELECT n.account_id, n.rule_ordinal, n.rule, n.source_id, n.split_ordinal, n.seller_id, n.cum_lo, n.cum_hi,
  n.valid_from, n.valid_to, r.some_products, COUNT(CASE WHEN e.own THEN 1 END) > 0 AS takes_part,
  COUNT(CASE WHEN NOT e.own THEN 1 END) > 0 AS entitled
FROM place n
JOIN crediting_rule r ON r.rule_id = n.rule_id
LEFT JOIN rule_account a ON a.rule_id = n.rule_id AND a.account_id = n.account_id
LEFT JOIN entitled e ON e.seller_id = n.seller_id AND e.role = 'direct'
  AND e.valid_from <= n.valid_from AND e.valid_to >= n.valid_to
WHERE n.valid_from < n.valid_to AND (NOT r.some_accounts OR a.rule_id IS NOT NULL)
GROUP BY n.account_id, n.rule_ordinal, n.rule, n.source_id, n.split_ordinal, n.seller_id, n.cum_lo, n.cum_hi,
  n.valid_from, n.valid_to, r.some_products
