-- What each unit of a table has earned: the sum of its bands, what its gates leave of it, within the limits of the
-- window, rounded to the minor unit of the currency. Without credits a unit without quota, or without revenue that it is
-- read with, earns nothing; otherwise what cannot be said is null, not zero. What is returned takes back within the limits
-- of a sale, where it is paid by itself; a floor of 0 leaves it nothing to take back. Rounding points: before a gate or
-- decelerator takes its share (10), and the result.
WITH summed AS (
  SELECT l.seller_id, l.component_id, l.window_start, l.as_of, l.unit_id, l.gate_share,
    CASE WHEN l.code IS NULL AND COUNT(r.ordinal) > COUNT(r.earned) THEN 'earning_out_of_range' ELSE l.code END AS code,
    CAST(SUM(r.earned) AS DECIMAL(38, 16)) AS exact, MAX(CASE WHEN r.reached = 1 THEN r.ordinal END) AS tier_reached
  FROM lookup l
  JOIN component c ON c.component_id = l.component_id AND c.method <> 'formula'
  LEFT JOIN rate r ON r.seller_id = l.seller_id AND r.component_id = l.component_id
    AND r.window_start = l.window_start AND r.as_of = l.as_of AND r.unit_id = l.unit_id
  GROUP BY l.seller_id, l.component_id, l.window_start, l.as_of, l.unit_id, l.gate_share, l.code
),
gated AS (
  SELECT s.seller_id, s.component_id, s.window_start, a.window_end, s.as_of, s.unit_id, s.code, s.tier_reached, s.exact,
    a.target, a.credits, c.minor_digits, c.window_length = 'transaction' AND a.revenue < 0 AS returned,
    CASE WHEN s.gate_share = 1 THEN s.exact
      ELSE CAST(CAST(ROUND(CAST(s.exact AS DECIMAL(38, 16)), 10) AS DECIMAL(38, 10)) * s.gate_share AS DECIMAL(38, 16))
    END AS earned
  FROM summed s
  JOIN component c ON c.component_id = s.component_id
  JOIN attainment a ON a.seller_id = s.seller_id AND a.component_id = s.component_id AND a.window_start = s.window_start
    AND a.as_of = s.as_of AND a.unit_id = s.unit_id
),
limited AS (
  SELECT g.seller_id, g.component_id, g.window_start, g.window_end, g.as_of, g.unit_id, g.exact, g.tier_reached, g.target,
    g.returned AND (i.floor IS NULL OR i.floor > 0) AS turned,
    CASE
      WHEN g.code IN ('no_quota', 'zero_quota', 'negative_quota', 'no_revenue') AND g.credits = 0
        THEN CAST(0 AS DECIMAL(28, 4))
      WHEN g.code IS NOT NULL THEN NULL
      ELSE CAST(minor(
        within_limits(CASE WHEN g.returned AND (i.floor IS NULL OR i.floor > 0) THEN -g.earned ELSE g.earned END,
          g.target, i.above, i.above_multiple, i.share, i.cap, i.cap_multiple, i.floor, i.floor_multiple),
        g.minor_digits) AS DECIMAL(28, 4))
    END AS earned,
    CASE WHEN g.code <> 'no_revenue' OR g.credits > 0 THEN g.code END AS code
  FROM gated g
  LEFT JOIN earning_limit i ON i.component_id = g.component_id AND i.per = 'window'
)
SELECT l.seller_id, l.component_id, l.window_start, l.window_end, l.as_of, l.unit_id, l.exact, l.tier_reached, l.target,
  CASE WHEN l.turned THEN -l.earned ELSE l.earned END AS earned, l.code
FROM limited l
