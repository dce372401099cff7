-- The figures that tables are read with and gates look at, for each unit that somebody looks at, or why there is none;
-- of another component also where it stood when a transaction came, for that transaction. Of a rank, how many share it.
WITH looked_at AS (
  SELECT COALESCE(x_component_id, component_id) AS component_id, x_figure AS figure, x_standing AS standing FROM component
  WHERE x_figure IS NOT NULL
  UNION
  SELECT COALESCE(y_component_id, component_id), y_figure, y_standing FROM component WHERE y_figure IS NOT NULL
  UNION
  SELECT COALESCE(of_component_id, component_id), figure, standing FROM gate
  UNION
  SELECT COALESCE(of_component_id, component_id), figure, standing FROM formula_input
),
-- Everybody who takes part in a component whose places are looked at, and how many have reached each value.
contest AS (
  SELECT a.component_id, a.window_start, a.as_of, a.read_measured, a.attainment, COUNT(*) AS sellers
  FROM attainment a
  WHERE a.component_id IN (
    SELECT component_id FROM looked_at WHERE figure IN ('rank', 'attainment_rank', 'everybody', 'participants')
  )
  GROUP BY a.component_id, a.window_start, a.as_of, a.read_measured, a.attainment
),
place AS (
  SELECT c.component_id, c.window_start, c.as_of, c.read_measured, c.attainment,
    CAST(SUM(o.sellers) AS BIGINT) AS participants,
    CAST(SUM(CAST(CAST(o.read_measured AS DECIMAL(38, 6)) * o.sellers AS DECIMAL(38, 6))) AS DECIMAL(38, 6)) AS everybody,
    CAST(1 + COALESCE(SUM(CASE WHEN o.read_measured > c.read_measured THEN o.sellers END), 0) AS BIGINT) AS place,
    CASE WHEN c.attainment IS NOT NULL THEN
      CAST(1 + COALESCE(SUM(CASE WHEN o.attainment > c.attainment THEN o.sellers END), 0) AS BIGINT) END
      AS attainment_place,
    CAST(SUM(CASE WHEN o.read_measured = c.read_measured THEN o.sellers END) AS BIGINT) AS tied,
    CAST(SUM(CASE WHEN o.attainment = c.attainment THEN o.sellers END) AS BIGINT) AS attainment_tied
  FROM contest c
  JOIN contest o ON o.component_id = c.component_id AND o.window_start = c.window_start AND o.as_of = c.as_of
  GROUP BY c.component_id, c.window_start, c.as_of, c.read_measured, c.attainment
)
SELECT f.seller_id, f.component_id, f.window_start, f.as_of, f.unit_id, f.figure, f.standing, f.value, f.tied,
  CASE
    WHEN f.code IS NOT NULL THEN f.code
    WHEN f.figure IN ('margin', 'margin_share') AND f.without_margin > 0 THEN 'no_margin'
    WHEN f.figure = 'units' AND f.without_quantity > 0 THEN 'no_quantity'
    WHEN ABS(f.value) >= CAST('10000000000000000' AS DECIMAL(38, 6)) THEN 'figure_out_of_range'
    WHEN f.value IS NULL AND f.figure = 'margin_share' THEN 'no_revenue'
    WHEN f.value IS NULL AND f.figure IN ('term_months', 'discount') THEN 'no_trait'
    WHEN f.value IS NULL AND f.figure = 'target' THEN 'no_target'
    WHEN f.value IS NULL THEN 'no_quota'
  END AS code
FROM (
  SELECT a.seller_id, a.component_id, a.window_start, a.as_of, a.unit_id, l.figure, l.standing, a.code, a.without_margin,
    a.without_quantity,
    CASE l.figure WHEN 'rank' THEN p.tied WHEN 'attainment_rank' THEN p.attainment_tied END AS tied,
    CASE l.figure
      WHEN 'measured' THEN CAST(a.read_measured AS DECIMAL(38, 6))
      WHEN 'attainment' THEN CAST(a.attainment AS DECIMAL(38, 6))
      WHEN 'revenue' THEN CAST(a.revenue AS DECIMAL(38, 6))
      WHEN 'margin' THEN CAST(a.margin AS DECIMAL(38, 6))
      WHEN 'margin_share' THEN CAST(div(a.margin, a.revenue, 6) AS DECIMAL(38, 6))
      WHEN 'units' THEN CAST(a.units AS DECIMAL(38, 6))
      WHEN 'deals' THEN CAST(a.deals AS DECIMAL(38, 6))
      WHEN 'quota' THEN CAST(a.quota AS DECIMAL(38, 6))
      WHEN 'target' THEN CAST(a.target AS DECIMAL(38, 6))
      WHEN 'rank' THEN CAST(p.place AS DECIMAL(38, 6))
      WHEN 'attainment_rank' THEN CAST(p.attainment_place AS DECIMAL(38, 6))
      WHEN 'everybody' THEN CAST(p.everybody AS DECIMAL(38, 6))
      WHEN 'term_months' THEN CAST(t.term_months AS DECIMAL(38, 6))
      WHEN 'discount' THEN CAST(t.discount AS DECIMAL(38, 6))
      WHEN 'participants' THEN CAST(p.participants AS DECIMAL(38, 6))
    END AS value
  FROM attainment a
  JOIN looked_at l ON l.component_id = a.component_id AND l.standing = 'none'
  LEFT JOIN trait t ON t.transaction_id = a.unit_id
  LEFT JOIN place p ON p.component_id = a.component_id AND p.window_start = a.window_start AND p.as_of = a.as_of
    AND p.read_measured = a.read_measured
    AND (p.attainment = a.attainment OR (p.attainment IS NULL AND a.attainment IS NULL))
  UNION ALL
  SELECT s.seller_id, s.component_id, s.credit_date, s.credit_date, s.unit_id, l.figure, l.standing, s.code,
    s.without_margin, s.without_quantity, NULL,
    CASE l.figure
      WHEN 'measured' THEN CAST(s.read_measured AS DECIMAL(38, 6))
      WHEN 'attainment' THEN CAST(s.attainment AS DECIMAL(38, 6))
      WHEN 'revenue' THEN CAST(s.revenue AS DECIMAL(38, 6))
      WHEN 'margin' THEN CAST(s.margin AS DECIMAL(38, 6))
      WHEN 'margin_share' THEN CAST(div(s.margin, s.revenue, 6) AS DECIMAL(38, 6))
      WHEN 'units' THEN CAST(s.units AS DECIMAL(38, 6))
      WHEN 'deals' THEN CAST(s.deals AS DECIMAL(38, 6))
    END
  FROM standing s
  JOIN looked_at l ON l.component_id = s.component_id AND l.standing = s.standing
) f
