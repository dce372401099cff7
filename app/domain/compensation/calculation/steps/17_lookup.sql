-- With what each unit reads its table, and what its gates leave of it: 1 when all are reached, else the strictest.
WITH passed AS (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id,
    CAST(MIN(CASE WHEN f.value < g.at_least OR f.value > g.at_most OR f.value IS NULL THEN g.below
      ELSE CAST(1 AS DECIMAL(9, 6)) END) AS DECIMAL(9, 6)) AS share,
    MIN(CASE WHEN f.code IS NOT NULL THEN f.code WHEN f.value IS NULL THEN 'no_figure' END) AS code
  FROM attainment a
  JOIN gate g ON g.component_id = a.component_id
  LEFT JOIN figure f ON f.seller_id = a.seller_id AND f.component_id = COALESCE(g.of_component_id, a.component_id)
    AND f.figure = g.figure AND f.standing = g.standing AND f.as_of = a.as_of
    AND ((g.of_component_id IS NOT NULL AND g.standing NOT IN ('before_deal', 'with_deal'))
      OR (f.window_start = a.window_start AND f.unit_id = a.unit_id))
  GROUP BY a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id
)
SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, x.value AS x, y.value AS y, x.tied,
  COALESCE(p.share, CAST(1 AS DECIMAL(9, 6))) AS gate_share,
  CASE
    WHEN a.code IS NOT NULL THEN a.code
    WHEN x.code IS NOT NULL THEN x.code
    WHEN c.x_figure IS NOT NULL AND x.value IS NULL THEN 'no_figure'
    WHEN y.code IS NOT NULL THEN y.code
    WHEN c.y_figure IS NOT NULL AND y.value IS NULL THEN 'no_figure'
    ELSE p.code
  END AS code
FROM attainment a
JOIN target_period w ON a.window_start >= w.fiscal_year_start
JOIN component c ON c.component_id = a.component_id
LEFT JOIN figure x ON x.seller_id = a.seller_id AND x.component_id = COALESCE(c.x_component_id, a.component_id)
  AND x.figure = c.x_figure AND x.standing = c.x_standing AND x.as_of = a.as_of
  AND ((c.x_component_id IS NOT NULL AND c.x_standing NOT IN ('before_deal', 'with_deal'))
    OR (x.window_start = a.window_start AND x.unit_id = a.unit_id))
LEFT JOIN figure y ON y.seller_id = a.seller_id AND y.component_id = COALESCE(c.y_component_id, a.component_id)
  AND y.figure = c.y_figure AND y.standing = c.y_standing AND y.as_of = a.as_of
  AND ((c.y_component_id IS NOT NULL AND c.y_standing NOT IN ('before_deal', 'with_deal'))
    OR (y.window_start = a.window_start AND y.unit_id = a.unit_id))
LEFT JOIN passed p ON p.seller_id = a.seller_id AND p.component_id = a.component_id
  AND p.window_start = a.window_start AND p.as_of = a.as_of AND p.unit_id = a.unit_id
