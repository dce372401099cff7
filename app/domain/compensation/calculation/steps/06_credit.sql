-- What the winning claims credit, in each plan currency in which somebody is paid on that seller at that date.
-- Rounding points: FX (4 places, once per transaction and currency), then each bound of the split (4 places).
-- Amount and margin are null when no dated rate leads to the plan currency; margin and quantity when they are unknown.
-- A deal counts by the share credited; a return takes it back.
SELECT x.transaction_id, x.kind, x.role, x.rule_ordinal, x.rule, x.source_id, x.split_ordinal, x.seller_id,
  x.credit_date, x.currency,
  CAST(
    ROUND(CAST(CAST(x.amount AS DECIMAL(38, 4)) * x.cum_hi AS DECIMAL(38, 10)), 4)
    - ROUND(CAST(CAST(x.amount AS DECIMAL(38, 4)) * x.cum_lo AS DECIMAL(38, 10)), 4)
  AS DECIMAL(28, 4)) AS amount,
  CAST(
    ROUND(CAST(CAST(x.margin AS DECIMAL(38, 4)) * x.cum_hi AS DECIMAL(38, 10)), 4)
    - ROUND(CAST(CAST(x.margin AS DECIMAL(38, 4)) * x.cum_lo AS DECIMAL(38, 10)), 4)
  AS DECIMAL(28, 4)) AS margin,
  CAST(
    ROUND(CAST(CAST(x.quantity AS DECIMAL(38, 4)) * x.cum_hi AS DECIMAL(38, 10)), 4)
    - ROUND(CAST(CAST(x.quantity AS DECIMAL(38, 4)) * x.cum_lo AS DECIMAL(38, 10)), 4)
  AS DECIMAL(28, 4)) AS quantity,
  CAST(CASE WHEN x.kind IN ('return', 'takeback') THEN x.cum_lo - x.cum_hi ELSE x.cum_hi - x.cum_lo END AS DECIMAL(9, 6)) AS deals
FROM (
  SELECT c.transaction_id, s.kind, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.cum_lo,
    c.cum_hi, s.transaction_date AS credit_date, k.currency, s.quantity,
    CASE
      WHEN s.currency = k.currency THEN CAST(s.amount AS DECIMAL(28, 4))
      ELSE CAST(ROUND(CAST(CAST(s.amount AS DECIMAL(38, 4)) * f.rate AS DECIMAL(38, 13)), 4) AS DECIMAL(28, 4))
    END AS amount,
    CASE
      WHEN s.currency = k.currency THEN CAST(s.margin AS DECIMAL(28, 4))
      ELSE CAST(ROUND(CAST(CAST(s.margin AS DECIMAL(38, 4)) * f.rate AS DECIMAL(38, 13)), 4) AS DECIMAL(28, 4))
    END AS margin
  FROM winner c
  JOIN snapshot s ON s.transaction_id = c.transaction_id
  JOIN (SELECT DISTINCT credited_seller_id, role, currency FROM eligibility) k
    ON k.credited_seller_id = c.seller_id AND k.role = c.role
  LEFT JOIN fx_rate f ON f.from_currency = s.currency AND f.to_currency = k.currency
    AND s.transaction_date >= f.valid_from AND s.transaction_date < f.valid_to
  WHERE EXISTS (
    SELECT 1 FROM eligibility e
    WHERE e.credited_seller_id = c.seller_id AND e.role = c.role AND e.currency = k.currency
      AND s.transaction_date >= e.valid_from AND s.transaction_date < e.valid_to
  )
) x
