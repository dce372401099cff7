-- What counts for each component's measure, per seller, role, currency and day: the day's credits of its trigger and its
-- returns, single transactions where those are looked at, and activities, which are counted as quantity.
SELECT f.counting_id, d.seller_id, d.role, d.currency, d.credit_date,
  CAST(SUM(d.amount) AS DECIMAL(28, 4)) AS amount, CAST(SUM(d.margin) AS DECIMAL(28, 4)) AS margin,
  CAST(SUM(d.quantity) AS DECIMAL(28, 4)) AS quantity, CAST(SUM(d.deals) AS DECIMAL(28, 6)) AS deals,
  CAST(SUM(d.credits) AS BIGINT) AS credits, CAST(SUM(d.unconverted) AS BIGINT) AS unconverted,
  CAST(SUM(d.without_margin) AS BIGINT) AS without_margin, CAST(SUM(d.without_quantity) AS BIGINT) AS without_quantity
FROM daily d
JOIN counting f ON NOT f.single AND (d.kind = f.trigger OR d.kind IN ('return', 'takeback'))
GROUP BY f.counting_id, d.seller_id, d.role, d.currency, d.credit_date
UNION ALL
SELECT n.counting_id, n.seller_id, n.role, n.currency, n.credit_date,
  CAST(COALESCE(SUM(n.amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)),
  CAST(COALESCE(SUM(n.margin), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)),
  CAST(COALESCE(SUM(n.quantity), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)), CAST(SUM(n.deals) AS DECIMAL(28, 6)),
  COUNT(*), COUNT(*) - COUNT(n.amount), COUNT(*) - COUNT(n.margin), COUNT(*) - COUNT(n.quantity)
FROM counted n
GROUP BY n.counting_id, n.seller_id, n.role, n.currency, n.credit_date
UNION ALL
SELECT c.component_id, d.seller_id, c.role, c.currency, d.activity_date, CAST(0 AS DECIMAL(28, 4)),
  CAST(0 AS DECIMAL(28, 4)), CAST(d.done AS DECIMAL(28, 4)), CAST(0 AS DECIMAL(28, 6)), 1, 0, 0, 0
FROM activity d
JOIN component c ON c.component_id = d.component_id
