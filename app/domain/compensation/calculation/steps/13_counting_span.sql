-- What counts for each component's measure, per seller, role and currency: the credits of its trigger and its returns,
-- single transactions where those are looked at, and activities, which are counted as quantity. It is added up over
-- months, and over days only in months within which somebody begins or ends to count, or a window does; `credit_date`
-- is the first day.
WITH counting_day AS (
  SELECT f.counting_id, d.seller_id, d.role, d.currency, d.credit_date, d.amount, d.margin, d.quantity, d.deals,
    d.credits, d.unconverted, d.without_margin, d.without_quantity
  FROM daily d
  JOIN counting f ON NOT f.single AND (d.kind = f.trigger OR d.kind IN ('return', 'takeback'))
  UNION ALL
  SELECT n.counting_id, n.seller_id, n.role, n.currency, n.credit_date,
    CAST(COALESCE(SUM(n.amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)),
    CAST(COALESCE(SUM(n.margin), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)),
    CAST(COALESCE(SUM(n.quantity), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)), CAST(SUM(n.deals) AS DECIMAL(28, 6)),
    COUNT(*), COUNT(*) - COUNT(n.amount), COUNT(*) - COUNT(n.margin), COUNT(*) - COUNT(n.quantity)
  FROM counted n
  GROUP BY n.counting_id, n.seller_id, n.role, n.currency, n.credit_date
  UNION ALL
  SELECT c.component_id, d.seller_id, c.role, c.credit_currency, d.activity_date, CAST(0 AS DECIMAL(28, 4)),
    CAST(0 AS DECIMAL(28, 4)), CAST(d.done AS DECIMAL(28, 4)), CAST(0 AS DECIMAL(28, 6)), 1, 0, 0, 0
  FROM activity d
  JOIN component c ON c.component_id = d.component_id
),
day AS (
  SELECT d.credit_date, m.start_date, m.end_date
  FROM (
    SELECT credit_date FROM daily
    UNION
    SELECT credit_date FROM counted
    UNION
    SELECT activity_date FROM activity
  ) d
  LEFT JOIN period m ON d.credit_date >= m.start_date AND d.credit_date < m.end_date
),
bound AS (
  SELECT DISTINCT m.start_date, e.credited_seller_id AS seller_id
  FROM period m
  JOIN (
    SELECT credited_seller_id, valid_from AS bound FROM eligibility
    UNION
    SELECT credited_seller_id, valid_to FROM eligibility
  ) e ON e.bound > m.start_date AND e.bound < m.end_date
),
window_bound AS (
  SELECT DISTINCT m.start_date
  FROM period m
  JOIN (
    SELECT window_start AS bound FROM time_window
    UNION
    SELECT window_end FROM time_window
    UNION
    SELECT read_from FROM time_window
    UNION
    SELECT as_of FROM time_window
  ) k ON k.bound > m.start_date AND k.bound < m.end_date
)
SELECT d.counting_id, d.seller_id, d.role, d.currency,
  CASE WHEN y.start_date IS NULL OR b.seller_id IS NOT NULL OR w.start_date IS NOT NULL THEN d.credit_date
    ELSE y.start_date END AS credit_date,
  CAST(SUM(d.amount) AS DECIMAL(28, 4)) AS amount, CAST(SUM(d.margin) AS DECIMAL(28, 4)) AS margin,
  CAST(SUM(d.quantity) AS DECIMAL(28, 4)) AS quantity, CAST(SUM(d.deals) AS DECIMAL(28, 6)) AS deals,
  CAST(SUM(d.credits) AS BIGINT) AS credits, CAST(SUM(d.unconverted) AS BIGINT) AS unconverted,
  CAST(SUM(d.without_margin) AS BIGINT) AS without_margin, CAST(SUM(d.without_quantity) AS BIGINT) AS without_quantity
FROM counting_day d
JOIN day y ON y.credit_date = d.credit_date
LEFT JOIN bound b ON b.start_date = y.start_date AND b.seller_id = d.seller_id
LEFT JOIN window_bound w ON w.start_date = y.start_date
GROUP BY d.counting_id, d.seller_id, d.role, d.currency,
  CASE WHEN y.start_date IS NULL OR b.seller_id IS NOT NULL OR w.start_date IS NOT NULL THEN d.credit_date
    ELSE y.start_date END
