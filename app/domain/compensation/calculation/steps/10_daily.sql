-- What counts, added up per seller, currency and day, so that roll-up and windows join days and not transactions.
-- Activities are counted as units of their component.
SELECT u.counting_id, u.seller_id, u.currency, u.credit_date,
  CAST(COALESCE(SUM(u.amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS amount,
  CAST(COALESCE(SUM(u.margin), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS margin,
  CAST(COALESCE(SUM(u.units), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS units,
  CAST(SUM(u.deals) AS DECIMAL(28, 6)) AS deals,
  COUNT(*) AS credits, COUNT(*) - COUNT(u.amount) AS unconverted, COUNT(u.amount) - COUNT(u.margin) AS no_margin,
  COUNT(*) - COUNT(u.units) AS no_units
FROM (
  SELECT f.counting_id, c.seller_id, c.currency, c.credit_date, c.amount, c.margin, c.units, c.deals
  FROM credit c
  JOIN counting f ON NOT f.single AND (c.kind = f.trigger OR c.kind = 'return')
    AND (f.minimum_deal IS NULL OR c.whole IS NULL OR ABS(c.whole) >= f.minimum_deal)
  LEFT JOIN counted_product p ON p.counting_id = f.counting_id AND p.product_id = c.product_id
  LEFT JOIN counted_account a ON a.counting_id = f.counting_id AND a.account_id = c.account_id
  WHERE (f.all_products OR p.product_id IS NOT NULL) AND (f.all_accounts OR a.account_id IS NOT NULL)
  UNION ALL
  SELECT n.counting_id, n.seller_id, n.currency, n.credit_date, n.amount, n.margin, n.units, n.deals FROM counted n
  UNION ALL
  SELECT c.component_id, d.seller_id, c.currency, d.activity_date, CAST(0 AS DECIMAL(28, 4)),
    CAST(0 AS DECIMAL(28, 4)), CAST(d.done AS DECIMAL(28, 4)), CAST(0 AS DECIMAL(9, 6))
  FROM activity d
  JOIN component c ON c.component_id = d.component_id
) u
GROUP BY u.counting_id, u.seller_id, u.currency, u.credit_date
