-- Credits added up per seller, currency, day and kind, so that roll-up joins days and not transactions.
SELECT seller_id, currency, credit_date, kind,
  CAST(COALESCE(SUM(amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS amount,
  COUNT(*) AS credits, COUNT(*) - COUNT(amount) AS unconverted
FROM credit
GROUP BY seller_id, currency, credit_date, kind
