-- Earned to date of each seller and component at each checkpoint: the windows of the year added up, within the limits of
-- longer times, with the figures of the last window. What one window cannot say, the sum cannot say, nor ten trillions or
-- more. A share of what a team earns is paid on what its people earn in each pay period by other components, and belongs to
-- whom they report to on the last day of it on which they report to anybody. Rounding points: before a gate or decelerator
-- takes its share (10), and the result.
WITH moment AS (
  SELECT d.window_start, d.window_end, d.as_of, k.as_of AS checkpoint
  FROM (SELECT DISTINCT window_start, window_end, as_of FROM attainment) d
  JOIN checkpoint k ON d.window_start < k.as_of AND d.as_of = LEAST(k.as_of, d.window_end)
),
due AS (
  SELECT u.seller_id, u.component_id, k.checkpoint AS as_of,
    CASE c.block
      WHEN 'month' THEN m.ordinal
      WHEN 'quarter' THEN
        CASE WHEN m.ordinal <= 3 THEN 1 WHEN m.ordinal <= 6 THEN 2 WHEN m.ordinal <= 9 THEN 3 ELSE 4 END
      WHEN 'half_year' THEN CASE WHEN m.ordinal <= 6 THEN 1 ELSE 2 END
      ELSE 0
    END AS block,
    CASE WHEN c.budget IS NULL THEN u.earned ELSE b.earned END AS earned, u.target, u.code
  FROM earned u
  JOIN component c ON c.component_id = u.component_id
  JOIN moment k ON k.window_start = u.window_start AND k.window_end = u.window_end AND k.as_of = u.as_of
    AND (c.paid = 'each_period' OR (c.paid = 'at_end' AND u.window_end <= k.checkpoint))
  JOIN period m ON u.window_start >= m.start_date AND u.window_start < m.end_date
  LEFT JOIN budgeted b ON b.seller_id = u.seller_id AND b.component_id = u.component_id AND b.as_of = k.checkpoint
    AND b.window_start = u.window_start AND b.unit_id = u.unit_id
),
blocked AS (
  SELECT d.seller_id, d.component_id, d.as_of, d.block, CAST(SUM(d.earned) AS DECIMAL(28, 4)) AS earned,
    CAST(SUM(d.target) AS DECIMAL(28, 4)) AS target, COUNT(*) - COUNT(d.earned) AS unsaid, MIN(d.code) AS code
  FROM due d
  GROUP BY d.seller_id, d.component_id, d.as_of, d.block
),
in_block AS (
  SELECT b.seller_id, b.component_id, b.as_of, b.target, b.unsaid, b.code,
    CASE WHEN i.component_id IS NULL THEN b.earned ELSE CAST(minor(
      within_limits(b.earned, b.target, i.above, i.above_multiple, i.share, i.cap, i.cap_multiple, i.floor,
        i.floor_multiple),
      c.minor_digits) AS DECIMAL(28, 4)) END AS earned
  FROM blocked b
  JOIN component c ON c.component_id = b.component_id
  LEFT JOIN earning_limit i ON i.component_id = b.component_id AND i.per = c.block
),
yearly AS (
  SELECT b.seller_id, b.component_id, b.as_of, CAST(SUM(b.earned) AS DECIMAL(28, 4)) AS earned,
    CAST(SUM(b.target) AS DECIMAL(28, 4)) AS target, CAST(SUM(b.unsaid) AS BIGINT) AS unsaid, MIN(b.code) AS code
  FROM in_block b
  GROUP BY b.seller_id, b.component_id, b.as_of
),
in_year AS (
  SELECT y.seller_id, y.component_id, y.as_of,
    CASE
      WHEN y.unsaid > 0 THEN NULL
      WHEN i.component_id IS NULL THEN y.earned
      ELSE CAST(minor(
        within_limits(y.earned, y.target, i.above, i.above_multiple, i.share, i.cap, i.cap_multiple, i.floor,
          i.floor_multiple),
        c.minor_digits) AS DECIMAL(28, 4))
    END AS earned_to_date,
    CASE WHEN y.unsaid > 0 THEN COALESCE(y.code, 'earning_out_of_range') ELSE y.code END AS code
  FROM yearly y
  JOIN component c ON c.component_id = y.component_id
  LEFT JOIN earning_limit i ON i.component_id = y.component_id AND i.per = 'year'
),
in_range AS (
  SELECT y.seller_id, y.component_id, y.as_of,
    CASE WHEN ABS(y.earned_to_date) < CAST('10000000000000' AS DECIMAL(28, 4)) THEN y.earned_to_date END AS earned_to_date,
    CASE WHEN ABS(y.earned_to_date) >= CAST('10000000000000' AS DECIMAL(28, 4)) THEN 'earning_out_of_range' ELSE y.code END
      AS code
  FROM in_year y
),
below AS (
  SELECT e.seller_id, e.component_id, e.credited_seller_id, e.valid_from, e.valid_to, c.currency, c.earned_by
  FROM component c
  JOIN eligibility e ON e.component_id = c.component_id AND e.credited_seller_id <> e.seller_id
  WHERE c.measure = 'earnings'
),
people AS (
  SELECT e.seller_id, e.component_id, e.credited_seller_id, d.as_of, d.previous, e.currency, e.earned_by
  FROM below e
  JOIN (
    SELECT r.seller_id, k.as_of, k.previous, MAX(LEAST(r.valid_to, k.as_of)) AS until
    FROM reporting_line r
    JOIN checkpoint k ON r.valid_from < k.as_of AND r.valid_to > k.previous
    WHERE EXISTS (SELECT 1 FROM below b WHERE b.credited_seller_id = r.seller_id)
    GROUP BY r.seller_id, k.as_of, k.previous
  ) d ON d.seller_id = e.credited_seller_id AND e.valid_from < d.until AND e.valid_to >= d.until
),
earned_below AS (
  SELECT p.seller_id, p.component_id, p.as_of, CAST(SUM(CASE WHEN o.currency = p.currency THEN y.earned_to_date
      - CASE WHEN b.seller_id IS NULL THEN CAST(0 AS DECIMAL(28, 4)) ELSE b.earned_to_date END END) AS DECIMAL(28, 6))
      AS amount,
    COUNT(CASE WHEN y.earned_to_date IS NULL OR (b.seller_id IS NOT NULL AND b.earned_to_date IS NULL) THEN 1 END)
      AS unsaid,
    COUNT(CASE WHEN o.currency <> p.currency THEN 1 END) AS unconverted
  FROM people p
  JOIN in_range y ON y.seller_id = p.credited_seller_id AND y.as_of = p.as_of
  JOIN component o ON o.component_id = y.component_id AND o.measure <> 'earnings'
    AND (p.earned_by IS NULL OR o.kind = p.earned_by)
  LEFT JOIN in_range b ON b.seller_id = y.seller_id AND b.component_id = y.component_id AND b.as_of = p.previous
  GROUP BY p.seller_id, p.component_id, p.as_of
),
shared AS (
  SELECT l.seller_id, l.component_id, l.as_of, l.gate_share, l.code, r.value, a.target,
    CAST(COALESCE(SUM(e.amount), CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(28, 6)) AS measured,
    CAST(COALESCE(SUM(e.unsaid), 0) AS BIGINT) AS unsaid, CAST(COALESCE(SUM(e.unconverted), 0) AS BIGINT) AS unconverted
  FROM component c
  JOIN band r ON r.component_id = c.component_id
  JOIN checkpoint k ON k.as_of > k.previous
  JOIN lookup l ON l.component_id = c.component_id AND l.as_of = k.as_of
  JOIN attainment a ON a.seller_id = l.seller_id AND a.component_id = l.component_id
    AND a.window_start = l.window_start AND a.as_of = l.as_of AND a.unit_id = l.unit_id
  LEFT JOIN earned_below e ON e.seller_id = l.seller_id AND e.component_id = l.component_id AND e.as_of <= l.as_of
  WHERE c.measure = 'earnings'
  GROUP BY l.seller_id, l.component_id, l.as_of, l.gate_share, l.code, r.value, a.target
),
of_team AS (
  SELECT s.seller_id, s.component_id, s.as_of, s.measured,
    CASE WHEN s.unconverted > 0 THEN 'no_rate_for_currency' WHEN s.unsaid > 0 THEN 'no_figure' ELSE s.code END AS code,
    CASE WHEN s.unconverted = 0 AND s.unsaid = 0 AND s.code IS NULL THEN CAST(minor(
      within_limits(
        CASE WHEN s.gate_share = 1 THEN CAST(CAST(s.measured AS DECIMAL(38, 10)) * s.value AS DECIMAL(38, 16))
          ELSE CAST(CAST(ROUND(CAST(CAST(s.measured AS DECIMAL(38, 10)) * s.value AS DECIMAL(38, 16)), 10)
            AS DECIMAL(38, 10)) * s.gate_share AS DECIMAL(38, 16)) END,
        s.target, i.above, i.above_multiple, i.share, i.cap, i.cap_multiple, i.floor, i.floor_multiple),
      c.minor_digits) AS DECIMAL(28, 4)) END AS earned
  FROM shared s
  JOIN component c ON c.component_id = s.component_id
  LEFT JOIN earning_limit i ON i.component_id = s.component_id AND i.per = 'year'
),
seen AS (
  SELECT a.seller_id, a.component_id, k.checkpoint, a.window_start, a.window_end, a.measured
  FROM attainment a
  JOIN target_period w ON a.window_start >= w.fiscal_year_start
  JOIN moment k ON k.window_start = a.window_start AND k.window_end = a.window_end AND k.as_of = a.as_of
),
last_window AS (
  SELECT s.seller_id, s.component_id, s.checkpoint, MAX(s.window_start) AS window_start,
    LEAST(s.checkpoint, MAX(s.window_end)) AS as_of
  FROM seen s
  JOIN component c ON c.component_id = s.component_id AND c.window_length <> 'transaction'
  GROUP BY s.seller_id, s.component_id, s.checkpoint
),
in_all AS (
  SELECT seller_id, component_id, checkpoint, CAST(SUM(measured) AS DECIMAL(28, 6)) AS measured
  FROM seen
  GROUP BY seller_id, component_id, checkpoint
)
SELECT o.seller_id, o.component_id, k.as_of, c.plan_id, c.currency, l.window_start, a.window_end,
  COALESCE(t.measured, s.measured, CAST(0 AS DECIMAL(28, 6))) AS credited_in_year,
  COALESCE(t.measured, a.measured, s.measured, CAST(0 AS DECIMAL(28, 6))) AS credited_to_date, a.quota_to_date, a.quota_window,
  a.target, a.attainment, u.tier_reached,
  CASE WHEN t.seller_id IS NOT NULL THEN
      CASE WHEN ABS(t.earned) < CAST('10000000000000' AS DECIMAL(28, 4)) THEN t.earned END
    WHEN y.seller_id IS NULL THEN CAST(0 AS DECIMAL(28, 4)) ELSE y.earned_to_date END AS earned_to_date,
  CASE WHEN t.seller_id IS NULL THEN y.code
    WHEN ABS(t.earned) >= CAST('10000000000000' AS DECIMAL(28, 4)) THEN 'earning_out_of_range' ELSE t.code END AS code
FROM (SELECT DISTINCT seller_id, component_id FROM eligibility) o
JOIN component c ON c.component_id = o.component_id
CROSS JOIN checkpoint k
LEFT JOIN in_range y ON y.seller_id = o.seller_id AND y.component_id = o.component_id AND y.as_of = k.as_of
LEFT JOIN last_window l ON l.seller_id = o.seller_id AND l.component_id = o.component_id AND l.checkpoint = k.as_of
LEFT JOIN attainment a ON a.seller_id = l.seller_id AND a.component_id = l.component_id
  AND a.window_start = l.window_start AND a.as_of = l.as_of
LEFT JOIN earned u ON u.seller_id = a.seller_id AND u.component_id = a.component_id AND u.window_start = a.window_start
  AND u.as_of = a.as_of AND u.unit_id = a.unit_id
LEFT JOIN in_all s ON s.seller_id = o.seller_id AND s.component_id = o.component_id AND s.checkpoint = k.as_of
LEFT JOIN of_team t ON t.seller_id = o.seller_id AND t.component_id = o.component_id AND t.as_of = k.as_of
