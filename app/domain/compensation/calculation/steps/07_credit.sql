-- What is credited to everybody named, in each plan currency in which somebody is paid on that seller at that date: of
-- undisputed transactions to whom their account names, of others to the winners.
-- Rounding points: FX (4 places, once per transaction and currency), then each bound of the split (4 places).
-- Amount and margin are null when no dated rate leads to the plan currency; margin and quantity when they are unknown.
-- A deal counts by the share credited; a return takes it back.
WITH winning AS (
  SELECT s.transaction_id, s.kind, s.transaction_date, s.amount, s.margin, s.quantity, s.currency AS given,
    'direct' AS role, n.rule_ordinal, n.rule, n.source_id, n.split_ordinal, n.seller_id, n.cum_lo, n.cum_hi, n.currency
  FROM snapshot s
  JOIN creditable n ON n.account_id = s.account_id
    AND s.transaction_date >= n.valid_from AND s.transaction_date < n.valid_to
  WHERE NOT EXISTS (SELECT 1 FROM disputed d WHERE d.transaction_id = s.transaction_id)
  UNION ALL
  SELECT s.transaction_id, s.kind, s.transaction_date, s.amount, s.margin, s.quantity, s.currency, c.role,
    c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.cum_lo, c.cum_hi, k.currency
  FROM winner c
  JOIN snapshot s ON s.transaction_id = c.transaction_id
  JOIN entitled k ON NOT k.own AND k.seller_id = c.seller_id AND k.role = c.role
    AND s.transaction_date >= k.valid_from AND s.transaction_date < k.valid_to
),
converted AS (
  SELECT c.transaction_id, c.kind, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.cum_lo,
    c.cum_hi, c.transaction_date, c.currency, c.quantity,
    CASE
      WHEN c.given = c.currency THEN CAST(c.amount AS DECIMAL(28, 4))
      ELSE CAST(ROUND(CAST(CAST(c.amount AS DECIMAL(38, 4)) * f.rate AS DECIMAL(38, 13)), 4) AS DECIMAL(28, 4))
    END AS amount,
    CASE
      WHEN c.given = c.currency THEN CAST(c.margin AS DECIMAL(28, 4))
      ELSE CAST(ROUND(CAST(CAST(c.margin AS DECIMAL(38, 4)) * f.rate AS DECIMAL(38, 13)), 4) AS DECIMAL(28, 4))
    END AS margin
  FROM winning c
  LEFT JOIN fx_rate f ON f.from_currency = c.given AND f.to_currency = c.currency
    AND c.transaction_date >= f.valid_from AND c.transaction_date < f.valid_to
)
SELECT x.transaction_id, x.kind, x.role, x.rule_ordinal, x.rule, x.source_id, x.split_ordinal, x.seller_id,
  x.transaction_date AS credit_date, x.currency,
  CAST(part(x.amount, x.cum_lo, x.cum_hi) AS DECIMAL(28, 4)) AS amount,
  CAST(part(x.margin, x.cum_lo, x.cum_hi) AS DECIMAL(28, 4)) AS margin,
  CAST(part(x.quantity, x.cum_lo, x.cum_hi) AS DECIMAL(28, 4)) AS quantity,
  CAST(CASE WHEN x.kind IN ('return', 'takeback') THEN x.cum_lo - x.cum_hi ELSE x.cum_hi - x.cum_lo END AS DECIMAL(9, 6))
    AS deals
FROM converted x
