-- Everybody a crediting rule names for a transaction, whether or not that rule wins.
SELECT s.transaction_id, r.ordinal AS rule_ordinal, r.kind AS rule, s.transaction_id AS source_id,
  x.ordinal AS split_ordinal, x.seller_id, x.cum_lo, x.cum_hi
FROM snapshot s
JOIN explicit_split x ON x.transaction_id = s.transaction_id
JOIN crediting_rule r ON r.kind = 'explicit_split'
UNION ALL
SELECT s.transaction_id, r.ordinal, r.kind, m.territory_id, v.ordinal, v.seller_id, v.cum_lo, v.cum_hi
FROM snapshot s
JOIN membership m ON m.account_id = s.account_id
  AND s.transaction_date >= m.valid_from AND s.transaction_date < m.valid_to
JOIN coverage v ON v.territory_id = m.territory_id
  AND s.transaction_date >= v.valid_from AND s.transaction_date < v.valid_to
JOIN crediting_rule r ON r.kind = 'territory_coverage'
UNION ALL
SELECT s.transaction_id, r.ordinal, r.kind, o.account_id, 1, o.seller_id,
  CAST(0 AS DECIMAL(9, 6)), CAST(1 AS DECIMAL(9, 6))
FROM snapshot s
JOIN account_owner o ON o.account_id = s.account_id
  AND s.transaction_date >= o.valid_from AND s.transaction_date < o.valid_to
JOIN crediting_rule r ON r.kind = 'account_owner'
