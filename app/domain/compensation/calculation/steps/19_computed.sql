-- What each unit of a component with a formula comes to before gates and limits, with the figures that it reads as v1 to
-- v12, or why it cannot be said: a figure that is missing, or too large for its exact type, or a division by zero. What
-- another component has earned, for the seller or for everybody, is that of its windows that begin within this one.
WITH all_earned AS (
  SELECT e.component_id, e.window_start, e.window_end, e.as_of, CAST(SUM(e.earned) AS DECIMAL(28, 4)) AS earned,
    COUNT(*) - COUNT(e.earned) AS unsaid
  FROM table_earned e
  WHERE e.component_id IN (SELECT of_component_id FROM formula_input WHERE figure = 'everybody_earned')
  GROUP BY e.component_id, e.window_start, e.window_end, e.as_of
),
found AS (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, i.ordinal, i.unit,
    CASE WHEN f.code IS NULL THEN f.value END AS value,
    CASE WHEN f.code IS NOT NULL THEN f.code WHEN f.value IS NULL THEN 'no_figure' END AS code
  FROM attainment a
  JOIN formula_input i ON i.component_id = a.component_id AND i.figure NOT IN ('earned', 'everybody_earned', 'value')
  LEFT JOIN figure f ON f.seller_id = a.seller_id AND f.component_id = COALESCE(i.of_component_id, a.component_id)
    AND f.figure = i.figure AND f.standing = i.standing AND f.as_of = a.as_of
    AND ((i.of_component_id IS NOT NULL AND i.standing NOT IN ('before_deal', 'with_deal'))
      OR (f.window_start = a.window_start AND f.unit_id = a.unit_id))
  UNION ALL
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, i.ordinal, i.unit,
    CAST(r.value AS DECIMAL(38, 6)),
    CASE WHEN l.code IS NOT NULL THEN l.code WHEN r.value IS NULL THEN 'no_figure' END
  FROM attainment a
  JOIN formula_input i ON i.component_id = a.component_id AND i.figure = 'value'
  LEFT JOIN lookup l ON l.seller_id = a.seller_id AND l.component_id = i.of_component_id AND l.as_of = a.as_of
  LEFT JOIN rate r ON r.seller_id = a.seller_id AND r.component_id = i.of_component_id AND r.as_of = a.as_of
    AND r.reached = 1
  UNION ALL
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, i.ordinal, i.unit,
    CASE WHEN COUNT(e.unit_id) = COUNT(e.earned)
      THEN CAST(COALESCE(SUM(e.earned), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(38, 6)) END,
    MIN(CASE WHEN e.earned IS NULL THEN e.code END)
  FROM attainment a
  JOIN formula_input i ON i.component_id = a.component_id AND i.figure = 'earned'
  LEFT JOIN table_earned e ON e.seller_id = a.seller_id AND e.component_id = i.of_component_id
    AND e.window_start >= a.window_start AND e.window_start < a.as_of AND e.as_of = LEAST(a.as_of, e.window_end)
  GROUP BY a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, i.ordinal, i.unit
  UNION ALL
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, i.ordinal, i.unit,
    CASE WHEN CAST(COALESCE(SUM(e.unsaid), 0) AS BIGINT) = 0
      THEN CAST(COALESCE(SUM(e.earned), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(38, 6)) END,
    CASE WHEN CAST(COALESCE(SUM(e.unsaid), 0) AS BIGINT) > 0 THEN 'no_figure' END
  FROM attainment a
  JOIN formula_input i ON i.component_id = a.component_id AND i.figure = 'everybody_earned'
  LEFT JOIN all_earned e ON e.component_id = i.of_component_id
    AND e.window_start >= a.window_start AND e.window_start < a.as_of AND e.as_of = LEAST(a.as_of, e.window_end)
  GROUP BY a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, i.ordinal, i.unit
),
within AS (
  SELECT f.seller_id, f.component_id, f.window_start, f.as_of, f.unit_id, f.ordinal, f.code, f.value,
    CASE WHEN ABS(f.value) >= CASE f.unit WHEN 'rate' THEN CAST('1000' AS DECIMAL(38, 6))
      WHEN 'quantity' THEN CAST('1000000000000' AS DECIMAL(38, 6))
      ELSE CAST('100000000000000' AS DECIMAL(38, 6)) END THEN 1 ELSE 0 END AS too_large
  FROM found f
),
v AS (
  SELECT w.seller_id, w.component_id, w.window_start, w.as_of, w.unit_id, w.ordinal,
    CASE WHEN w.too_large = 0 THEN w.value END AS value,
    CASE WHEN w.too_large = 1 THEN 'figure_out_of_range' ELSE w.code END AS code
  FROM within w
),
p AS (
  SELECT v.seller_id, v.component_id, v.window_start, v.as_of, v.unit_id, MIN(v.code) AS code,
    MAX(CASE WHEN v.ordinal = 1 THEN v.value END) AS v1,
    MAX(CASE WHEN v.ordinal = 2 THEN v.value END) AS v2,
    MAX(CASE WHEN v.ordinal = 3 THEN v.value END) AS v3,
    MAX(CASE WHEN v.ordinal = 4 THEN v.value END) AS v4,
    MAX(CASE WHEN v.ordinal = 5 THEN v.value END) AS v5,
    MAX(CASE WHEN v.ordinal = 6 THEN v.value END) AS v6,
    MAX(CASE WHEN v.ordinal = 7 THEN v.value END) AS v7,
    MAX(CASE WHEN v.ordinal = 8 THEN v.value END) AS v8,
    MAX(CASE WHEN v.ordinal = 9 THEN v.value END) AS v9,
    MAX(CASE WHEN v.ordinal = 10 THEN v.value END) AS v10,
    MAX(CASE WHEN v.ordinal = 11 THEN v.value END) AS v11,
    MAX(CASE WHEN v.ordinal = 12 THEN v.value END) AS v12
  FROM v
  GROUP BY v.seller_id, v.component_id, v.window_start, v.as_of, v.unit_id
),
worked AS (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, p.code,
    p.v1, p.v2, p.v3, p.v4, p.v5, p.v6, p.v7, p.v8, p.v9, p.v10, p.v11, p.v12,
    CASE /* formulas */ WHEN a.component_id IS NULL THEN CAST(NULL AS DECIMAL(38, 16)) END AS exact
  FROM lookup a
  JOIN formula f ON f.component_id = a.component_id
  LEFT JOIN p ON p.seller_id = a.seller_id AND p.component_id = a.component_id AND p.window_start = a.window_start
    AND p.as_of = a.as_of AND p.unit_id = a.unit_id
  WHERE a.code IS NULL
)
SELECT p.seller_id, p.component_id, p.window_start, p.as_of, p.unit_id,
  p.v1, p.v2, p.v3, p.v4, p.v5, p.v6, p.v7, p.v8, p.v9, p.v10, p.v11, p.v12, p.exact,
  CASE WHEN p.exact IS NULL THEN COALESCE(p.code, 'formula_unknown') END AS code
FROM worked p
