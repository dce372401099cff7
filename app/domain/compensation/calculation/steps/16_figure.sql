-- The figures that tables are read with and gates look at, for each unit that somebody looks at, or why there is none.
WITH looked_at AS (
  SELECT COALESCE(x_component_id, component_id) AS component_id, x_figure AS figure FROM component
  WHERE x_figure IS NOT NULL
  UNION
  SELECT COALESCE(y_component_id, component_id), y_figure FROM component WHERE y_figure IS NOT NULL
  UNION
  SELECT COALESCE(of_component_id, component_id), figure FROM gate
)
SELECT f.seller_id, f.component_id, f.window_start, f.as_of, f.unit_id, f.figure, f.value,
  CASE
    WHEN f.code IS NOT NULL THEN f.code
    WHEN f.figure IN ('margin', 'margin_share') AND f.without_margin > 0 THEN 'no_margin'
    WHEN f.figure = 'units' AND f.without_quantity > 0 THEN 'no_quantity'
    WHEN f.value IS NULL AND f.figure = 'margin_share' THEN 'no_revenue'
    WHEN f.value IS NULL THEN 'no_quota'
  END AS code
FROM (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, l.figure, a.code, a.without_margin, a.without_quantity,
    CASE l.figure
      WHEN 'measured' THEN CAST(a.read_measured AS DECIMAL(38, 6))
      WHEN 'attainment' THEN CAST(a.attainment AS DECIMAL(38, 6))
      WHEN 'revenue' THEN CAST(a.revenue AS DECIMAL(38, 6))
      WHEN 'margin' THEN CAST(a.margin AS DECIMAL(38, 6))
      WHEN 'margin_share' THEN CAST(div(a.margin, a.revenue, 6) AS DECIMAL(38, 6))
      WHEN 'units' THEN CAST(a.units AS DECIMAL(38, 6))
      WHEN 'deals' THEN CAST(a.deals AS DECIMAL(38, 6))
    END AS value
  FROM attainment a
  JOIN looked_at l ON l.component_id = a.component_id
) f
