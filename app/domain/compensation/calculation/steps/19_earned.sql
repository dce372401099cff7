-- What each unit has earned: what its table pays, or its formula, and what gates and limits leave of that; rounded to the
-- minor unit of the currency. Ten trillions or more cannot be said. Rounding points: before a gate or decelerator takes its
-- share (10), and the result.
WITH gated AS (
  SELECT l.seller_id, l.component_id, l.window_start, l.as_of, l.unit_id, f.exact, COALESCE(l.code, f.code) AS code,
    CASE WHEN l.gate_share = 1 THEN f.exact
      ELSE CAST(CAST(ROUND(CAST(f.exact AS DECIMAL(38, 16)), 10) AS DECIMAL(38, 10)) * l.gate_share AS DECIMAL(38, 16))
    END AS earned
  FROM lookup l
  JOIN component c ON c.component_id = l.component_id AND c.method = 'formula'
  LEFT JOIN computed f ON f.seller_id = l.seller_id AND f.component_id = l.component_id
    AND f.window_start = l.window_start AND f.as_of = l.as_of AND f.unit_id = l.unit_id
),
limited AS (
  SELECT t.seller_id, t.component_id, t.window_start, t.window_end, t.as_of, t.unit_id, t.exact, t.tier_reached, t.target,
    t.earned, FALSE AS turned, t.code
  FROM table_earned t
  UNION ALL
  SELECT g.seller_id, g.component_id, g.window_start, a.window_end, g.as_of, g.unit_id, g.exact, NULL, a.target,
    CASE
      WHEN g.code IN ('no_quota', 'zero_quota', 'negative_quota', 'no_revenue') AND a.credits = 0 THEN CAST(0 AS DECIMAL(28, 4))
      WHEN g.code IS NOT NULL THEN NULL
      ELSE CAST(minor(
        within_limits(CASE WHEN c.window_length = 'transaction' AND a.revenue < 0 AND (i.floor IS NULL OR i.floor > 0)
            THEN -g.earned ELSE g.earned END,
          a.target, i.above, i.above_multiple, i.share, i.cap, i.cap_multiple, i.floor, i.floor_multiple),
        c.minor_digits) AS DECIMAL(28, 4))
    END,
    c.window_length = 'transaction' AND a.revenue < 0 AND (i.floor IS NULL OR i.floor > 0),
    CASE WHEN g.code <> 'no_revenue' OR a.credits > 0 THEN g.code END AS code
  FROM gated g
  JOIN component c ON c.component_id = g.component_id
  JOIN attainment a ON a.seller_id = g.seller_id AND a.component_id = g.component_id AND a.window_start = g.window_start
    AND a.as_of = g.as_of AND a.unit_id = g.unit_id
  LEFT JOIN earning_limit i ON i.component_id = g.component_id AND i.per = 'window'
),
turned AS (
  SELECT l.seller_id, l.component_id, l.window_start, l.window_end, l.as_of, l.unit_id, l.exact, l.tier_reached, l.target,
    CASE WHEN l.turned THEN -l.earned ELSE l.earned END AS earned, l.code
  FROM limited l
)
SELECT u.seller_id, u.component_id, u.window_start, u.window_end, u.as_of, u.unit_id, u.exact, u.tier_reached, u.target,
  CASE WHEN ABS(u.earned) < CAST('10000000000000' AS DECIMAL(28, 4)) THEN u.earned END AS earned,
  CASE WHEN ABS(u.earned) >= CAST('10000000000000' AS DECIMAL(28, 4)) THEN 'earning_out_of_range' ELSE u.code END AS code
FROM turned u
