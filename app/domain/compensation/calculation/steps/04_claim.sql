-- Everybody whom a crediting rule in force on the date, or a manual credit, names for a transaction, whether or not it
-- wins. Rules that name everybody directly compete by their ordinal. A manual credit instead of them has ordinal 0;
-- one beside them has ordinal -1 and competes with nobody, and neither do overlays.
WITH rule_day AS (
  SELECT r.rule_id, r.ordinal, r.kind, r.some_products, r.some_accounts, d.transaction_date
  FROM (SELECT DISTINCT transaction_date FROM snapshot) d
  JOIN crediting_rule r ON d.transaction_date >= r.valid_from AND d.transaction_date < r.valid_to
),
applicable AS (
  SELECT s.transaction_id, s.account_id, s.product_id, s.transaction_date, r.rule_id, r.ordinal, r.kind
  FROM snapshot s
  JOIN rule_day r ON r.transaction_date = s.transaction_date
  LEFT JOIN rule_product p ON p.rule_id = r.rule_id AND p.product_id = s.product_id
  LEFT JOIN rule_account a ON a.rule_id = r.rule_id AND a.account_id = s.account_id
  WHERE (NOT r.some_products OR p.rule_id IS NOT NULL) AND (NOT r.some_accounts OR a.rule_id IS NOT NULL)
)
SELECT s.transaction_id, CASE WHEN m.mode = 'overlay' THEN 'overlay' ELSE 'direct' END AS role,
  CASE WHEN m.mode = 'instead' THEN 0 ELSE -1 END AS rule_ordinal, 'manual' AS rule, m.credit_id AS source_id,
  m.ordinal AS split_ordinal, m.seller_id, m.cum_lo, m.cum_hi
FROM snapshot s
JOIN manual_credit m ON m.transaction_id = s.transaction_id
UNION ALL
SELECT s.transaction_id, 'direct', s.ordinal, s.kind, s.transaction_id, x.ordinal, x.seller_id, x.cum_lo, x.cum_hi
FROM applicable s
JOIN explicit_split x ON x.transaction_id = s.transaction_id
WHERE s.kind = 'explicit_split'
UNION ALL
SELECT s.transaction_id, 'direct', s.ordinal, s.kind, m.territory_id, v.ordinal, v.seller_id, v.cum_lo, v.cum_hi
FROM applicable s
JOIN membership m ON m.account_id = s.account_id
  AND s.transaction_date >= m.valid_from AND s.transaction_date < m.valid_to
JOIN coverage v ON v.territory_id = m.territory_id
  AND s.transaction_date >= v.valid_from AND s.transaction_date < v.valid_to
WHERE s.kind = 'territory_coverage'
UNION ALL
SELECT s.transaction_id, 'direct', s.ordinal, s.kind, o.account_id, 1, o.seller_id,
  CAST(0 AS DECIMAL(9, 6)), CAST(1 AS DECIMAL(9, 6))
FROM applicable s
JOIN account_owner o ON o.account_id = s.account_id
  AND s.transaction_date >= o.valid_from AND s.transaction_date < o.valid_to
WHERE s.kind = 'account_owner'
UNION ALL
SELECT s.transaction_id, 'overlay', s.ordinal, s.kind, o.assignment_id, o.ordinal, o.seller_id,
  CAST(0 AS DECIMAL(9, 6)), o.share
FROM applicable s
JOIN overlay o ON o.rule_id = s.rule_id AND o.account_id = s.account_id
  AND s.transaction_date >= o.valid_from AND s.transaction_date < o.valid_to
  AND (o.product_id IS NULL OR o.product_id = s.product_id)
UNION ALL
SELECT s.transaction_id, 'overlay', s.ordinal, s.kind, o.assignment_id, o.ordinal, o.seller_id,
  CAST(0 AS DECIMAL(9, 6)), o.share
FROM applicable s
JOIN membership m ON m.account_id = s.account_id
  AND s.transaction_date >= m.valid_from AND s.transaction_date < m.valid_to
JOIN overlay o ON o.rule_id = s.rule_id AND o.territory_id = m.territory_id
  AND s.transaction_date >= o.valid_from AND s.transaction_date < o.valid_to
  AND (o.product_id IS NULL OR o.product_id = s.product_id)
UNION ALL
SELECT s.transaction_id, 'overlay', s.ordinal, s.kind, o.assignment_id, o.ordinal, o.seller_id,
  CAST(0 AS DECIMAL(9, 6)), o.share
FROM applicable s
JOIN overlay o ON o.rule_id = s.rule_id AND o.product_id = s.product_id
  AND s.transaction_date >= o.valid_from AND s.transaction_date < o.valid_to
  AND o.account_id IS NULL AND o.territory_id IS NULL
