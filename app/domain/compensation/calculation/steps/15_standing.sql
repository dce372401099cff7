-- Where a component stood when each transaction came that is paid by it: what its window had counted, in order of date,
-- then of transaction id, before the transaction and with it; attainment (6 places) against the quota of the window, or
-- of its months begun by that day. Months are added up first, then days, then the transactions of the day.
WITH looking AS (
  SELECT component_id, x_component_id AS other_id FROM component WHERE x_standing IN ('before_deal', 'with_deal')
  UNION
  SELECT component_id, y_component_id FROM component WHERE y_standing IN ('before_deal', 'with_deal')
  UNION
  SELECT component_id, of_component_id FROM gate WHERE standing IN ('before_deal', 'with_deal')
  UNION
  SELECT component_id, of_component_id FROM formula_input WHERE standing IN ('before_deal', 'with_deal')
),
asked AS (
  SELECT DISTINCT a.seller_id, l.other_id AS component_id, a.window_start AS credit_date, a.unit_id
  FROM attainment a
  JOIN looking l ON l.component_id = a.component_id
),
counts AS (
  SELECT c.component_id, c.counting_id, c.measure, c.needs_quota
  FROM component c
  WHERE c.component_id IN (SELECT other_id FROM looking)
),
counted_credit AS (
  SELECT n.counting_id, n.transaction_id, n.role, n.seller_id, n.currency, n.credit_date, n.amount, n.margin,
    n.quantity, n.deals
  FROM counted n
  WHERE n.counting_id IN (SELECT counting_id FROM counts)
  UNION ALL
  SELECT f.counting_id, c.transaction_id, c.role, c.seller_id, c.currency, c.credit_date, c.amount, c.margin,
    c.quantity, c.deals
  FROM credit c
  JOIN counting f ON NOT f.single AND (c.kind = f.trigger OR c.kind IN ('return', 'takeback'))
  WHERE f.counting_id IN (SELECT counting_id FROM counts)
),
sale AS (
  SELECT e.seller_id, e.component_id, n.credit_date, n.transaction_id, CAST(SUM(n.amount) AS DECIMAL(28, 4)) AS revenue,
    CAST(SUM(n.margin) AS DECIMAL(28, 4)) AS margin, CAST(SUM(n.quantity) AS DECIMAL(28, 4)) AS units,
    CAST(SUM(n.deals) AS DECIMAL(28, 6)) AS deals, COUNT(*) - COUNT(n.amount) AS unconverted,
    COUNT(*) - COUNT(n.margin) AS without_margin, COUNT(*) - COUNT(n.quantity) AS without_quantity
  FROM counts c
  JOIN eligibility e ON e.component_id = c.component_id
  JOIN counted_credit n ON n.counting_id = c.counting_id AND n.seller_id = e.credited_seller_id AND n.role = e.role
    AND n.currency = e.currency AND n.credit_date >= e.valid_from AND n.credit_date < e.valid_to
  GROUP BY e.seller_id, e.component_id, n.credit_date, n.transaction_id
),
of_day AS (
  SELECT s.seller_id, s.component_id, m.start_date AS month_start, s.credit_date,
    CAST(SUM(s.revenue) AS DECIMAL(28, 4)) AS revenue, CAST(SUM(s.margin) AS DECIMAL(28, 4)) AS margin,
    CAST(SUM(s.units) AS DECIMAL(28, 4)) AS units, CAST(SUM(s.deals) AS DECIMAL(28, 6)) AS deals,
    CAST(SUM(s.unconverted) AS BIGINT) AS unconverted, CAST(SUM(s.without_margin) AS BIGINT) AS without_margin,
    CAST(SUM(s.without_quantity) AS BIGINT) AS without_quantity
  FROM sale s
  JOIN period m ON s.credit_date >= m.start_date AND s.credit_date < m.end_date
  GROUP BY s.seller_id, s.component_id, m.start_date, s.credit_date
),
of_month AS (
  SELECT d.seller_id, d.component_id, d.month_start, CAST(SUM(d.revenue) AS DECIMAL(28, 4)) AS revenue,
    CAST(SUM(d.margin) AS DECIMAL(28, 4)) AS margin, CAST(SUM(d.units) AS DECIMAL(28, 4)) AS units,
    CAST(SUM(d.deals) AS DECIMAL(28, 6)) AS deals, CAST(SUM(d.unconverted) AS BIGINT) AS unconverted,
    CAST(SUM(d.without_margin) AS BIGINT) AS without_margin, CAST(SUM(d.without_quantity) AS BIGINT) AS without_quantity
  FROM of_day d
  GROUP BY d.seller_id, d.component_id, d.month_start
),
asked_day AS (
  SELECT DISTINCT q.seller_id, q.component_id, q.credit_date, m.start_date AS month_start, k.window_start, k.read_from,
    LEAST(m.end_date, w.end_date) AS as_of
  FROM asked q
  JOIN period m ON q.credit_date >= m.start_date AND q.credit_date < m.end_date
  JOIN (SELECT DISTINCT component_id, window_start, window_end, read_from FROM time_window) k
    ON k.component_id = q.component_id AND q.credit_date >= k.window_start AND q.credit_date < k.window_end
  CROSS JOIN target_period w
),
earlier AS (
  SELECT a.seller_id, a.component_id, a.credit_date, m.revenue, m.margin, m.units, m.deals, m.unconverted,
    m.without_margin, m.without_quantity
  FROM asked_day a
  JOIN of_month m ON m.seller_id = a.seller_id AND m.component_id = a.component_id AND m.month_start >= a.read_from
    AND m.month_start < a.month_start
  UNION ALL
  SELECT a.seller_id, a.component_id, a.credit_date, d.revenue, d.margin, d.units, d.deals, d.unconverted,
    d.without_margin, d.without_quantity
  FROM asked_day a
  JOIN of_day d ON d.seller_id = a.seller_id AND d.component_id = a.component_id AND d.month_start = a.month_start
    AND d.credit_date < a.credit_date
),
before_day AS (
  SELECT e.seller_id, e.component_id, e.credit_date, CAST(SUM(e.revenue) AS DECIMAL(28, 4)) AS revenue,
    CAST(SUM(e.margin) AS DECIMAL(28, 4)) AS margin, CAST(SUM(e.units) AS DECIMAL(28, 4)) AS units,
    CAST(SUM(e.deals) AS DECIMAL(28, 6)) AS deals, CAST(SUM(e.unconverted) AS BIGINT) AS unconverted,
    CAST(SUM(e.without_margin) AS BIGINT) AS without_margin, CAST(SUM(e.without_quantity) AS BIGINT) AS without_quantity
  FROM earlier e
  GROUP BY e.seller_id, e.component_id, e.credit_date
),
standing_at AS (
  SELECT 'before_deal' AS standing
  UNION ALL
  SELECT 'with_deal'
),
that_day AS (
  SELECT q.seller_id, q.component_id, q.credit_date, q.unit_id, t.standing,
    CAST(SUM(s.revenue) AS DECIMAL(28, 4)) AS revenue, CAST(SUM(s.margin) AS DECIMAL(28, 4)) AS margin,
    CAST(SUM(s.units) AS DECIMAL(28, 4)) AS units, CAST(SUM(s.deals) AS DECIMAL(28, 6)) AS deals,
    CAST(SUM(s.unconverted) AS BIGINT) AS unconverted, CAST(SUM(s.without_margin) AS BIGINT) AS without_margin,
    CAST(SUM(s.without_quantity) AS BIGINT) AS without_quantity
  FROM asked q
  CROSS JOIN standing_at t
  LEFT JOIN sale s ON s.seller_id = q.seller_id AND s.component_id = q.component_id AND s.credit_date = q.credit_date
    AND (s.transaction_id < q.unit_id OR (s.transaction_id = q.unit_id AND t.standing = 'with_deal'))
  GROUP BY q.seller_id, q.component_id, q.credit_date, q.unit_id, t.standing
),
added AS (
  SELECT t.seller_id, t.component_id, t.credit_date, t.unit_id, t.standing, a.window_start, a.as_of,
    CAST(COALESCE(b.revenue, CAST(0 AS DECIMAL(28, 4))) + COALESCE(t.revenue, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4))
      AS revenue,
    CAST(COALESCE(b.margin, CAST(0 AS DECIMAL(28, 4))) + COALESCE(t.margin, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4))
      AS margin,
    CAST(COALESCE(b.units, CAST(0 AS DECIMAL(28, 4))) + COALESCE(t.units, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4))
      AS units,
    CAST(COALESCE(b.deals, CAST(0 AS DECIMAL(28, 6))) + COALESCE(t.deals, CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(28, 6))
      AS deals,
    CAST(COALESCE(b.unconverted, 0) + COALESCE(t.unconverted, 0) AS BIGINT) AS unconverted,
    CAST(COALESCE(b.without_margin, 0) + COALESCE(t.without_margin, 0) AS BIGINT) AS without_margin,
    CAST(COALESCE(b.without_quantity, 0) + COALESCE(t.without_quantity, 0) AS BIGINT) AS without_quantity
  FROM that_day t
  JOIN asked_day a ON a.seller_id = t.seller_id AND a.component_id = t.component_id AND a.credit_date = t.credit_date
  LEFT JOIN before_day b ON b.seller_id = t.seller_id AND b.component_id = t.component_id
    AND b.credit_date = t.credit_date
),
divided AS (
  SELECT a.seller_id, a.component_id, a.credit_date, a.unit_id, a.standing, a.revenue, a.margin, a.units, a.deals,
    a.unconverted, a.without_margin, a.without_quantity, c.measure, c.needs_quota, q.quota,
    CASE c.measure WHEN 'margin' THEN CAST(a.margin AS DECIMAL(28, 6)) WHEN 'deals' THEN a.deals
      WHEN 'units' THEN CAST(a.units AS DECIMAL(28, 6)) ELSE CAST(a.revenue AS DECIMAL(28, 6)) END AS read_measured,
    CASE WHEN q.quota > 0 THEN CAST(div(
      CASE c.measure WHEN 'margin' THEN CAST(a.margin AS DECIMAL(28, 6)) WHEN 'deals' THEN a.deals
        WHEN 'units' THEN CAST(a.units AS DECIMAL(28, 6)) ELSE CAST(a.revenue AS DECIMAL(28, 6)) END,
      q.quota, 6) AS DECIMAL(38, 6)) END AS attainment
  FROM added a
  JOIN counts c ON c.component_id = a.component_id
  LEFT JOIN quota_of q ON q.seller_id = a.seller_id AND q.component_id = a.component_id
    AND q.window_start = a.window_start AND q.as_of = a.as_of
)
SELECT d.seller_id, d.component_id, d.credit_date, d.unit_id, d.standing, d.read_measured, d.revenue, d.margin, d.units,
  d.deals, d.without_margin, d.without_quantity, d.quota,
  CASE WHEN ABS(d.attainment) < CAST(1000000000000 AS DECIMAL(38, 6)) THEN CAST(d.attainment AS DECIMAL(18, 6)) END
    AS attainment,
  CASE
    WHEN d.unconverted > 0 THEN 'no_rate_for_currency'
    WHEN d.measure = 'margin' AND d.without_margin > 0 THEN 'no_margin'
    WHEN d.measure = 'units' AND d.without_quantity > 0 THEN 'no_quantity'
    WHEN d.needs_quota AND d.quota IS NULL THEN 'no_quota'
    WHEN d.needs_quota AND d.quota = 0 THEN 'zero_quota'
    WHEN d.needs_quota AND d.quota < 0 THEN 'negative_quota'
  END AS code
FROM divided d
