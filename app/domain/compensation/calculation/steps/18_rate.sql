-- What each unit earns in each band of its rate: marginal tiers in every slice, all others in the band that is reached.
-- Sellers who tie may share what their places are worth: the average of the values (6). The slices of a transaction
-- that is laid upon what stood before it in another component begin there. Rounding points: a value between two points
-- of a curve (6); a multiple of the base rate: measure times multiple (6), then times target by quota (10). Nothing
-- else is rounded here. The first band takes what lies below it. What a band earns is null where it outgrows its exact
-- type.
WITH taken AS (
  SELECT l.seller_id, l.component_id, l.window_start, l.as_of, l.unit_id, l.tied, b.value,
    CASE
      WHEN c.boundary = 'lower' THEN CAST(
        LEAST(l.x + l.tied - 1, FLOOR(b.x_to)) - GREATEST(l.x - 1, FLOOR(b.x_from)) AS DECIMAL(18, 0))
      ELSE CAST(
        LEAST(l.x + l.tied - 1, CEIL(b.x_to) - 1) - GREATEST(l.x - 1, CEIL(b.x_from) - 1) AS DECIMAL(18, 0))
    END AS places
  FROM lookup l
  JOIN component c ON c.component_id = l.component_id AND c.x_ties = 'share'
  JOIN band b ON b.component_id = l.component_id
  WHERE l.code IS NULL
),
shared AS (
  SELECT t.seller_id, t.component_id, t.window_start, t.as_of, t.unit_id,
    CAST(div(CAST(SUM(CAST(CAST(t.value AS DECIMAL(38, 6)) * t.places AS DECIMAL(38, 6))) AS DECIMAL(38, 6)),
      CAST(MAX(t.tied) AS DECIMAL(18, 0)), 6) AS DECIMAL(20, 6)) AS value
  FROM taken t
  WHERE t.places > 0
  GROUP BY t.seller_id, t.component_id, t.window_start, t.as_of, t.unit_id
),
banded AS (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, c.method, c.pays, c.window_length, b.ordinal,
    b.x_from, b.x_to, a.measured, a.target, a.quota,
    CAST(CASE WHEN c.x_figure = 'attainment'
        THEN CAST(CAST(COALESCE(s.quota, a.quota) AS DECIMAL(38, 4)) * b.x_from AS DECIMAL(38, 10))
      ELSE CAST(b.x_from AS DECIMAL(38, 10)) END - COALESCE(s.read_measured, CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(38, 10))
      AS lower_amount,
    CAST(CASE WHEN c.x_figure = 'attainment'
        THEN CAST(CAST(COALESCE(s.quota, a.quota) AS DECIMAL(38, 4)) * b.x_to AS DECIMAL(38, 10))
      ELSE CAST(b.x_to AS DECIMAL(38, 10)) END - COALESCE(s.read_measured, CAST(0 AS DECIMAL(28, 6))) AS DECIMAL(38, 10))
      AS upper_amount,
    CASE
      WHEN c.method <> 'curve' THEN COALESCE(t.value, b.value)
      ELSE GREATEST(CAST(CAST(b.value AS DECIMAL(38, 6)) + ROUND(CAST(prorate(
          CASE
            WHEN c.outside = 'flat' AND l.x < b.x_from THEN CAST(0 AS DECIMAL(38, 6))
            WHEN c.outside = 'flat' AND l.x > b.x_to THEN CAST(b.x_to - b.x_from AS DECIMAL(38, 6))
            ELSE CAST(l.x - b.x_from AS DECIMAL(38, 6))
          END, b.value_to - b.value, b.x_to - b.x_from) AS DECIMAL(38, 10)), 6) AS DECIMAL(38, 6)),
        CAST(0 AS DECIMAL(38, 6)))
    END AS value,
    CASE
      WHEN c.method = 'flat' THEN 1
      WHEN c.method = 'curve' THEN
        CASE WHEN (b.x_place = 1 OR l.x > b.x_from) AND (b.last OR l.x <= b.x_to) THEN 1 ELSE 0 END
      WHEN c.boundary = 'higher' THEN
        CASE WHEN (b.x_place = 1 OR l.x >= b.x_from) AND (b.x_to IS NULL OR l.x < b.x_to)
          AND (l.y IS NULL OR b.y_place = 1 OR l.y >= b.y_from)
          AND (l.y IS NULL OR b.y_to IS NULL OR l.y < b.y_to) THEN 1 ELSE 0 END
      ELSE
        CASE WHEN (b.x_place = 1 OR l.x > b.x_from) AND (b.x_to IS NULL OR l.x <= b.x_to)
          AND (l.y IS NULL OR b.y_place = 1 OR l.y > b.y_from)
          AND (l.y IS NULL OR b.y_to IS NULL OR l.y <= b.y_to) THEN 1 ELSE 0 END
    END AS reached
  FROM attainment a
  JOIN lookup l ON l.seller_id = a.seller_id AND l.component_id = a.component_id AND l.window_start = a.window_start
    AND l.as_of = a.as_of AND l.unit_id = a.unit_id
  JOIN component c ON c.component_id = a.component_id
  JOIN band b ON b.component_id = a.component_id
  LEFT JOIN shared t ON t.seller_id = a.seller_id AND t.component_id = a.component_id
    AND t.window_start = a.window_start AND t.as_of = a.as_of AND t.unit_id = a.unit_id
  LEFT JOIN standing s ON c.method = 'marginal' AND c.x_standing IN ('before_deal', 'with_deal') AND s.standing = 'before_deal'
    AND s.seller_id = a.seller_id AND s.component_id = c.x_component_id AND s.credit_date = a.window_start
    AND s.unit_id = a.unit_id
  WHERE l.code IS NULL
),
sliced AS (
  SELECT n.seller_id, n.component_id, n.window_start, n.as_of, n.unit_id, n.pays, n.window_length, n.ordinal, n.x_from,
    n.x_to, CASE WHEN n.value < CAST('100000000000000' AS DECIMAL(38, 6)) THEN CAST(n.value AS DECIMAL(20, 6)) END AS value,
    n.lower_amount, n.upper_amount, n.measured, n.target, n.quota, n.reached,
    CASE
      WHEN n.method <> 'marginal' THEN CAST(n.measured AS DECIMAL(38, 10))
      ELSE CAST(
        LEAST(GREATEST(CAST(n.measured AS DECIMAL(38, 10)), CASE WHEN n.ordinal > 1 THEN n.lower_amount END), n.upper_amount)
        - LEAST(GREATEST(CAST(0 AS DECIMAL(38, 10)), CASE WHEN n.ordinal > 1 THEN n.lower_amount END), n.upper_amount)
      AS DECIMAL(38, 10))
    END AS amount
  FROM banded n
  WHERE n.method = 'marginal' OR n.reached = 1
)
SELECT s.seller_id, s.component_id, s.window_start, s.as_of, s.unit_id, s.ordinal, s.x_from, s.x_to, s.value,
  s.lower_amount, s.upper_amount, s.amount,
  CASE
    WHEN s.pays IN ('rate', 'per_unit', 'base_rate') AND ABS(s.value) >= 100000 AND ABS(s.amount) >= 100000000 THEN NULL
    WHEN s.pays = 'base_rate' AND ABS(CAST(CAST(s.amount AS DECIMAL(38, 10)) * s.value AS DECIMAL(38, 16)))
      >= CAST(div(CAST('8000000000000000000000' AS DECIMAL(38, 6)), ABS(s.target), 0) AS DECIMAL(38, 6)) THEN NULL
    ELSE CASE s.pays
      WHEN 'amount' THEN CAST(CASE WHEN s.window_length = 'transaction' AND s.measured < 0 THEN -s.value
        WHEN s.window_length = 'transaction' AND s.measured = 0 THEN CAST(0 AS DECIMAL(20, 6)) ELSE s.value END
        AS DECIMAL(38, 16))
      WHEN 'target_share' THEN CAST(CAST(s.target AS DECIMAL(38, 10)) * s.value AS DECIMAL(38, 16))
      WHEN 'base_rate' THEN CAST(prorate(
        CAST(ROUND(CAST(CAST(s.amount AS DECIMAL(38, 10)) * s.value AS DECIMAL(38, 16)), 6) AS DECIMAL(38, 6)),
        s.target, s.quota) AS DECIMAL(38, 16))
      ELSE CAST(CAST(s.amount AS DECIMAL(38, 10)) * s.value AS DECIMAL(38, 16))
    END
  END AS earned,
  s.reached
FROM sliced s
