-- What each seller and component measure in each window as of each date; a unit is the window, or the transaction of
-- those paid by transaction. `measured` is paid on; tables are read with the other figures, which reach back further
-- where the window is rolling. A customer has bought where what counts of its transactions comes to more than nothing.
WITH scored AS (
  SELECT k.component_id, o.seller_id, k.window_start, k.as_of,
    CAST(SUM(CASE WHEN o.score IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS not_assessed,
    CAST(div(
      CAST(CAST(SUM(CAST(CAST(o.weight AS DECIMAL(38, 6)) * COALESCE(o.score, CAST(0 AS DECIMAL(9, 6)))
        AS DECIMAL(38, 12))) AS DECIMAL(38, 12)) * 1000000 AS DECIMAL(38, 6)),
      CAST(CAST(SUM(o.weight) AS DECIMAL(38, 6)) * 1000000 AS DECIMAL(38, 6)), 6) AS DECIMAL(28, 6)) AS score
  FROM time_window k
  JOIN objective o ON o.component_id = k.component_id AND o.start_date >= k.window_start AND o.end_date <= k.as_of
  GROUP BY k.component_id, o.seller_id, k.window_start, k.as_of
),
-- What counts by day, whatever the window, so that windows add up days and not everybody below a manager each time.
seen AS (
  SELECT e.seller_id, e.component_id, d.credit_date, CAST(SUM(d.amount) AS DECIMAL(28, 4)) AS amount,
    CAST(SUM(d.margin) AS DECIMAL(28, 4)) AS margin, CAST(SUM(d.quantity) AS DECIMAL(28, 4)) AS quantity,
    CAST(SUM(d.deals) AS DECIMAL(28, 6)) AS deals, CAST(SUM(d.credits) AS BIGINT) AS credits,
    CAST(SUM(d.unconverted) AS BIGINT) AS unconverted, CAST(SUM(d.without_margin) AS BIGINT) AS without_margin,
    CAST(SUM(d.without_quantity) AS BIGINT) AS without_quantity
  FROM eligibility e
  JOIN component c ON c.component_id = e.component_id
  JOIN counting_span d ON d.counting_id = c.counting_id AND d.seller_id = e.credited_seller_id
    AND d.role = e.role AND d.currency = e.currency AND d.credit_date >= e.valid_from AND d.credit_date < e.valid_to
  GROUP BY e.seller_id, e.component_id, d.credit_date
),
unit AS (
  SELECT DISTINCT e.seller_id, e.component_id, k.window_start, k.window_end, k.read_from, k.as_of
  FROM (SELECT DISTINCT seller_id, component_id, valid_from, valid_to FROM eligibility) e
  JOIN time_window k ON k.component_id = e.component_id AND e.valid_from < k.window_end
    AND k.window_start < e.valid_to
),
added AS (
  SELECT u.seller_id, u.component_id, u.window_start, u.window_end, u.read_from, u.as_of,
    CAST(COALESCE(SUM(d.amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS revenue,
    CAST(COALESCE(SUM(d.margin), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS margin,
    CAST(COALESCE(SUM(d.quantity), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS units,
    CAST(COALESCE(SUM(d.deals), CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(28, 6)) AS deals,
    CAST(COALESCE(SUM(CASE WHEN d.credit_date >= u.window_start THEN
      CASE c.measure WHEN 'margin' THEN CAST(d.margin AS DECIMAL(28, 6)) WHEN 'deals' THEN d.deals
        WHEN 'units' THEN CAST(d.quantity AS DECIMAL(28, 6)) WHEN 'activity' THEN CAST(d.quantity AS DECIMAL(28, 6))
        ELSE CAST(d.amount AS DECIMAL(28, 6)) END
    END), CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(28, 6)) AS measured,
    CAST(COALESCE(SUM(d.credits), 0) AS BIGINT) AS credits,
    CAST(COALESCE(SUM(d.unconverted), 0) AS BIGINT) AS unconverted,
    CAST(COALESCE(SUM(d.without_margin), 0) AS BIGINT) AS without_margin,
    CAST(COALESCE(SUM(d.without_quantity), 0) AS BIGINT) AS without_quantity
  FROM unit u
  JOIN component c ON c.component_id = u.component_id
  LEFT JOIN seen d ON d.seller_id = u.seller_id AND d.component_id = u.component_id
    AND d.credit_date >= u.read_from AND d.credit_date < u.as_of
  GROUP BY u.seller_id, u.component_id, u.window_start, u.window_end, u.read_from, u.as_of
),
bought AS (
  SELECT u.seller_id, u.component_id, u.window_start, u.as_of, n.customer_id, CAST(SUM(n.amount) AS DECIMAL(28, 4)) AS amount,
    CAST(SUM(CASE WHEN n.credit_date >= u.window_start THEN n.amount END) AS DECIMAL(28, 4)) AS own_amount
  FROM unit u
  JOIN component c ON c.component_id = u.component_id AND c.measure = 'customers'
  JOIN eligibility e ON e.seller_id = u.seller_id AND e.component_id = u.component_id
  JOIN counted n ON n.counting_id = c.counting_id AND n.seller_id = e.credited_seller_id AND n.role = e.role
    AND n.currency = e.currency AND n.credit_date >= e.valid_from AND n.credit_date < e.valid_to
    AND n.credit_date >= u.read_from AND n.credit_date < u.as_of
  GROUP BY u.seller_id, u.component_id, u.window_start, u.as_of, n.customer_id
),
patronage AS (
  SELECT b.seller_id, b.component_id, b.window_start, b.as_of, COUNT(*) - COUNT(b.customer_id) AS without_customer,
    CAST(COUNT(CASE WHEN b.amount > 0 THEN b.customer_id END) AS DECIMAL(28, 6)) AS customers,
    CAST(COUNT(CASE WHEN b.own_amount > 0 THEN b.customer_id END) AS DECIMAL(28, 6)) AS own_customers
  FROM bought b
  GROUP BY b.seller_id, b.component_id, b.window_start, b.as_of
)
SELECT a.seller_id, a.component_id, a.window_start, a.window_end, a.read_from, a.as_of, a.component_id AS unit_id,
  CASE c.measure WHEN 'objective_score' THEN COALESCE(s.score, CAST(0 AS DECIMAL(28, 6)))
    WHEN 'customers' THEN COALESCE(p.own_customers, CAST(0 AS DECIMAL(28, 6))) ELSE a.measured END AS measured,
  CASE c.measure WHEN 'objective_score' THEN COALESCE(s.score, CAST(0 AS DECIMAL(28, 6)))
    WHEN 'customers' THEN COALESCE(p.customers, CAST(0 AS DECIMAL(28, 6)))
    WHEN 'margin' THEN CAST(a.margin AS DECIMAL(28, 6)) WHEN 'deals' THEN a.deals
    WHEN 'units' THEN CAST(a.units AS DECIMAL(28, 6)) WHEN 'activity' THEN CAST(a.units AS DECIMAL(28, 6))
    ELSE CAST(a.revenue AS DECIMAL(28, 6)) END AS read_measured,
  a.revenue, a.margin, a.units, a.deals, a.credits, a.unconverted, a.without_margin, a.without_quantity,
  CASE WHEN c.measure = 'customers' AND p.without_customer > 0 THEN 'no_customer'
    WHEN c.measure <> 'objective_score' THEN NULL
    WHEN s.not_assessed IS NULL THEN 'no_objectives'
    WHEN s.not_assessed > 0 THEN 'objective_not_assessed' END AS measure_code
FROM added a
JOIN component c ON c.component_id = a.component_id
LEFT JOIN scored s ON s.seller_id = a.seller_id AND s.component_id = a.component_id
  AND s.window_start = a.window_start AND s.as_of = a.as_of
LEFT JOIN patronage p ON p.seller_id = a.seller_id AND p.component_id = a.component_id
  AND p.window_start = a.window_start AND p.as_of = a.as_of
UNION ALL
SELECT e.seller_id, e.component_id, n.credit_date, n.credit_date, n.credit_date, n.credit_date, n.transaction_id,
  CASE c.measure WHEN 'margin' THEN CAST(SUM(n.margin) AS DECIMAL(28, 6)) WHEN 'deals' THEN CAST(SUM(n.deals) AS DECIMAL(28, 6))
    WHEN 'units' THEN CAST(SUM(n.quantity) AS DECIMAL(28, 6)) ELSE CAST(SUM(n.amount) AS DECIMAL(28, 6)) END,
  CASE c.measure WHEN 'margin' THEN CAST(SUM(n.margin) AS DECIMAL(28, 6)) WHEN 'deals' THEN CAST(SUM(n.deals) AS DECIMAL(28, 6))
    WHEN 'units' THEN CAST(SUM(n.quantity) AS DECIMAL(28, 6)) ELSE CAST(SUM(n.amount) AS DECIMAL(28, 6)) END,
  CAST(SUM(n.amount) AS DECIMAL(28, 4)), CAST(SUM(n.margin) AS DECIMAL(28, 4)), CAST(SUM(n.quantity) AS DECIMAL(28, 4)),
  CAST(SUM(n.deals) AS DECIMAL(28, 6)), COUNT(*), COUNT(*) - COUNT(n.amount), COUNT(*) - COUNT(n.margin),
  COUNT(*) - COUNT(n.quantity), NULL
FROM eligibility e
JOIN component c ON c.component_id = e.component_id AND c.window_length = 'transaction'
JOIN counted n ON n.counting_id = c.counting_id AND n.seller_id = e.credited_seller_id AND n.role = e.role
  AND n.currency = e.currency
  AND n.credit_date >= e.valid_from AND n.credit_date < e.valid_to
GROUP BY e.seller_id, e.component_id, c.measure, n.credit_date, n.transaction_id
