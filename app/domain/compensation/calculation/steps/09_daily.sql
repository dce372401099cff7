-- Credits added up per seller, role, kind of transaction, currency and day, so that roll-up joins days and not
-- transactions. What is unknown is counted, so that nobody takes the rest for the whole.
SELECT seller_id, role, kind, currency, credit_date,
  CAST(COALESCE(SUM(amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS amount,
  CAST(COALESCE(SUM(margin), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS margin,
  CAST(COALESCE(SUM(quantity), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS quantity,
  CAST(SUM(deals) AS DECIMAL(28, 6)) AS deals,
  COUNT(*) AS credits, COUNT(*) - COUNT(amount) AS unconverted, COUNT(*) - COUNT(margin) AS without_margin,
  COUNT(*) - COUNT(quantity) AS without_quantity
FROM credit
GROUP BY seller_id, role, kind, currency, credit_date
