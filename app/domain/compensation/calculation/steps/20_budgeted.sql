-- What a shared budget leaves of each unit, as of each checkpoint. First come: by the day a unit is complete; what is
-- earned on the day the budget ends shares what is left, and what is taken back on a day can be paid again from that
-- day on. Pro rata: everybody shares. Parts are differences of rounded cumulative parts in order of seller, window and
-- unit, so that they add up to the budget; where they outgrow their exact type they are null. What is cut to date is
-- the most by which the sums to date ever exceeded the budget.
WITH due AS (
  SELECT u.seller_id, u.component_id, k.as_of, u.window_start, u.unit_id, u.earned, c.budget, c.minor_digits,
    CASE WHEN c.when_exhausted = 'first_come' THEN u.window_end ELSE w.fiscal_year_start END AS bucket
  FROM earned u
  JOIN component c ON c.component_id = u.component_id AND c.budget IS NOT NULL
  JOIN checkpoint k ON u.window_start < k.as_of AND u.as_of = LEAST(k.as_of, u.window_end)
    AND (c.paid = 'each_period' OR (c.paid = 'at_end' AND u.window_end <= k.as_of))
  CROSS JOIN target_period w
),
bucketed AS (
  SELECT d.component_id, d.as_of, d.bucket, d.budget, CAST(SUM(d.earned) AS DECIMAL(28, 4)) AS net,
    CAST(COALESCE(SUM(CASE WHEN d.earned > 0 THEN d.earned END), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS total
  FROM due d
  WHERE d.earned <> 0
  GROUP BY d.component_id, d.as_of, d.bucket, d.budget
),
summed AS (
  SELECT b.component_id, b.as_of, b.bucket, b.total,
    CAST(SUM(o.net) - b.budget AS DECIMAL(28, 4)) AS exceeding
  FROM bucketed b
  JOIN bucketed o ON o.component_id = b.component_id AND o.as_of = b.as_of AND o.bucket <= b.bucket
  GROUP BY b.component_id, b.as_of, b.bucket, b.total, b.budget
),
cut AS (
  SELECT s.component_id, s.as_of, s.bucket, s.total,
    CAST(GREATEST(MAX(o.exceeding), CAST(0 AS DECIMAL(28, 4)))
      - GREATEST(COALESCE(MAX(CASE WHEN o.bucket < s.bucket THEN o.exceeding END), CAST(0 AS DECIMAL(28, 4))),
        CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS amount
  FROM summed s
  JOIN summed o ON o.component_id = s.component_id AND o.as_of = s.as_of AND o.bucket <= s.bucket
  GROUP BY s.component_id, s.as_of, s.bucket, s.total
),
short AS (
  SELECT d.seller_id, d.component_id, d.as_of, d.window_start, d.unit_id, d.earned, d.minor_digits, c.total,
    CAST(c.total - c.amount AS DECIMAL(28, 4)) AS available, d.bucket
  FROM due d
  JOIN cut c ON c.component_id = d.component_id AND c.as_of = d.as_of AND c.bucket = d.bucket
  WHERE d.earned > 0 AND c.amount > 0
),
shared AS (
  SELECT s.seller_id, s.component_id, s.as_of, s.window_start, s.unit_id, s.earned, s.minor_digits, s.total, s.available,
    CAST(COALESCE(SUM(o.earned), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS ahead
  FROM short s
  LEFT JOIN short o ON o.component_id = s.component_id AND o.as_of = s.as_of AND o.bucket = s.bucket
    AND (o.seller_id < s.seller_id OR (o.seller_id = s.seller_id AND (o.window_start < s.window_start
      OR (o.window_start = s.window_start AND o.unit_id < s.unit_id))))
  GROUP BY s.seller_id, s.component_id, s.as_of, s.window_start, s.unit_id, s.earned, s.minor_digits, s.total,
    s.available
)
SELECT d.seller_id, d.component_id, d.as_of, d.window_start, d.unit_id,
  CASE WHEN s.unit_id IS NULL THEN d.earned
    WHEN s.total >= CAST(div(CAST('8000000000000000000000' AS DECIMAL(38, 6)), s.available, 0) AS DECIMAL(38, 6)) THEN NULL
    ELSE CAST(minor(prorate(s.available, s.ahead + s.earned, s.total), s.minor_digits)
      - minor(prorate(s.available, s.ahead, s.total), s.minor_digits) AS DECIMAL(28, 4)) END AS earned
FROM due d
LEFT JOIN shared s ON s.seller_id = d.seller_id AND s.component_id = d.component_id AND s.as_of = d.as_of
  AND s.window_start = d.window_start AND s.unit_id = d.unit_id
