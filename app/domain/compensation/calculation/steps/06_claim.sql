-- Everybody whom a crediting rule in force on the date, or a manual credit, names for a transaction, whether or not it
-- wins; direct rules only where they are disputed, where they compete by their ordinal. A manual credit instead of them
-- has ordinal 0; one beside them has ordinal -1 and competes with nobody, and neither do overlays.
WITH open AS (
  SELECT s.transaction_id, s.account_id, s.transaction_date, r.ordinal, r.kind
  FROM snapshot s
  JOIN disputed d ON d.transaction_id = s.transaction_id
  JOIN crediting_rule r ON r.kind IN ('explicit_split', 'territory_coverage', 'account_owner')
    AND s.transaction_date >= r.valid_from AND s.transaction_date < r.valid_to
  LEFT JOIN rule_product p ON p.rule_id = r.rule_id AND p.product_id = s.product_id
  LEFT JOIN rule_account a ON a.rule_id = r.rule_id AND a.account_id = s.account_id
  WHERE (NOT r.some_products OR p.rule_id IS NOT NULL) AND (NOT r.some_accounts OR a.rule_id IS NOT NULL)
),
assigned AS (
  SELECT o.assignment_id, o.ordinal, o.seller_id, o.account_id, o.territory_id, o.product_id, o.share, r.rule_id,
    r.ordinal AS rule_ordinal, r.kind AS rule, r.some_products, r.some_accounts,
    GREATEST(o.valid_from, r.valid_from) AS valid_from, LEAST(o.valid_to, r.valid_to) AS valid_to
  FROM overlay o
  JOIN crediting_rule r ON r.rule_id = o.rule_id
),
watched AS (
  SELECT o.assignment_id, o.ordinal, o.seller_id, o.account_id, o.product_id, o.share, o.rule_id, o.rule_ordinal,
    o.rule, o.some_products, o.some_accounts, o.valid_from, o.valid_to
  FROM assigned o
  WHERE o.account_id IS NOT NULL
  UNION ALL
  SELECT o.assignment_id, o.ordinal, o.seller_id, m.account_id, o.product_id, o.share, o.rule_id, o.rule_ordinal,
    o.rule, o.some_products, o.some_accounts, GREATEST(o.valid_from, m.valid_from), LEAST(o.valid_to, m.valid_to)
  FROM assigned o
  JOIN membership m ON m.territory_id = o.territory_id
),
overlaid AS (
  SELECT s.transaction_id, s.account_id, s.product_id, o.rule_id, o.rule_ordinal, o.rule, o.assignment_id, o.ordinal,
    o.seller_id, o.share, o.some_products, o.some_accounts
  FROM snapshot s
  JOIN watched o ON o.account_id = s.account_id AND s.transaction_date >= o.valid_from
    AND s.transaction_date < o.valid_to AND (o.product_id IS NULL OR o.product_id = s.product_id)
  UNION ALL
  SELECT s.transaction_id, s.account_id, s.product_id, o.rule_id, o.rule_ordinal, o.rule, o.assignment_id, o.ordinal,
    o.seller_id, o.share, o.some_products, o.some_accounts
  FROM snapshot s
  JOIN assigned o ON o.product_id = s.product_id AND s.transaction_date >= o.valid_from
    AND s.transaction_date < o.valid_to AND o.account_id IS NULL AND o.territory_id IS NULL
)
SELECT s.transaction_id, CASE WHEN m.mode = 'overlay' THEN 'overlay' ELSE 'direct' END AS role,
  CASE WHEN m.mode = 'instead' THEN 0 ELSE -1 END AS rule_ordinal, 'manual' AS rule, m.credit_id AS source_id,
  m.ordinal AS split_ordinal, m.seller_id, m.cum_lo, m.cum_hi
FROM snapshot s
JOIN manual_credit m ON m.transaction_id = s.transaction_id
UNION ALL
SELECT s.transaction_id, 'direct', s.ordinal, s.kind, s.transaction_id, x.ordinal, x.seller_id, x.cum_lo, x.cum_hi
FROM open s
JOIN explicit_split x ON x.transaction_id = s.transaction_id
WHERE s.kind = 'explicit_split'
UNION ALL
SELECT s.transaction_id, 'direct', s.ordinal, s.kind, m.territory_id, v.ordinal, v.seller_id, v.cum_lo, v.cum_hi
FROM open s
JOIN membership m ON m.account_id = s.account_id
  AND s.transaction_date >= m.valid_from AND s.transaction_date < m.valid_to
JOIN coverage v ON v.territory_id = m.territory_id
  AND s.transaction_date >= v.valid_from AND s.transaction_date < v.valid_to
WHERE s.kind = 'territory_coverage'
UNION ALL
SELECT s.transaction_id, 'direct', s.ordinal, s.kind, o.account_id, 1, o.seller_id,
  CAST(0 AS DECIMAL(9, 6)), CAST(1 AS DECIMAL(9, 6))
FROM open s
JOIN account_owner o ON o.account_id = s.account_id
  AND s.transaction_date >= o.valid_from AND s.transaction_date < o.valid_to
WHERE s.kind = 'account_owner'
UNION ALL
SELECT s.transaction_id, 'overlay', s.rule_ordinal, s.rule, s.assignment_id, s.ordinal, s.seller_id,
  CAST(0 AS DECIMAL(9, 6)), s.share
FROM overlaid s
LEFT JOIN rule_product p ON p.rule_id = s.rule_id AND p.product_id = s.product_id
LEFT JOIN rule_account a ON a.rule_id = s.rule_id AND a.account_id = s.account_id
WHERE (NOT s.some_products OR p.rule_id IS NOT NULL) AND (NOT s.some_accounts OR a.rule_id IS NOT NULL)
