-- Credits of the winning rule, in each plan currency in which somebody is paid on that seller at that date.
-- Rounding points: FX (4 places, once per transaction and currency), then each bound of the split (4 places).
-- The amount is null when no dated rate leads to the plan currency.
SELECT x.transaction_id, x.kind, x.rule, x.source_id, x.split_ordinal, x.seller_id, x.credit_date, x.currency,
  CAST(
    ROUND(CAST(CAST(x.amount AS DECIMAL(38, 4)) * x.cum_hi AS DECIMAL(38, 10)), 4)
    - ROUND(CAST(CAST(x.amount AS DECIMAL(38, 4)) * x.cum_lo AS DECIMAL(38, 10)), 4)
  AS DECIMAL(28, 4)) AS amount
FROM (
  SELECT c.transaction_id, s.kind, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.cum_lo, c.cum_hi,
    s.transaction_date AS credit_date, k.currency,
    CASE
      WHEN s.currency = k.currency THEN CAST(s.amount AS DECIMAL(28, 4))
      ELSE CAST(ROUND(CAST(CAST(s.amount AS DECIMAL(38, 4)) * f.rate AS DECIMAL(38, 13)), 4) AS DECIMAL(28, 4))
    END AS amount
  FROM claim c
  JOIN classify w ON w.transaction_id = c.transaction_id AND w.rule_ordinal = c.rule_ordinal
  JOIN snapshot s ON s.transaction_id = c.transaction_id
  JOIN (SELECT DISTINCT credited_seller_id, currency FROM eligibility) k ON k.credited_seller_id = c.seller_id
  LEFT JOIN fx_rate f ON f.from_currency = s.currency AND f.to_currency = k.currency
    AND s.transaction_date >= f.valid_from AND s.transaction_date < f.valid_to
  WHERE EXISTS (
    SELECT 1 FROM eligibility e
    WHERE e.credited_seller_id = c.seller_id AND e.currency = k.currency
      AND s.transaction_date >= e.valid_from AND s.transaction_date < e.valid_to
  )
) x
