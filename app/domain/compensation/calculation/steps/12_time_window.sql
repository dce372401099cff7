-- The windows of each component in the year, and those before it whose figures are looked at, and the dates as of which
-- they are measured: the checkpoints, their own end, the dates as of which another component looks at them, and the
-- months of the transactions that do; earlier windows as of the end of each of their months. Tables are read with what
-- lies from `read_from` on.
WITH month AS (
  SELECT p.fiscal_year, CAST(CAST(p.fiscal_year AS DECIMAL(38, 0)) * 12 AS DECIMAL(38, 0)) + p.ordinal AS place,
    p.start_date, p.end_date,
    CASE WHEN p.ordinal <= 3 THEN 1 WHEN p.ordinal <= 6 THEN 2 WHEN p.ordinal <= 9 THEN 3 ELSE 4 END AS quarter,
    CASE WHEN p.ordinal <= 6 THEN 1 ELSE 2 END AS half_year
  FROM period p
),
block AS (
  SELECT 'month' AS window_length, m.fiscal_year, m.place, m.start_date, m.end_date, TRUE AS whole FROM month m
  UNION ALL
  SELECT 'rolling', m.fiscal_year, m.place, m.start_date, m.end_date, TRUE FROM month m
  UNION ALL
  SELECT 'quarter', m.fiscal_year, MIN(m.place), MIN(m.start_date), MAX(m.end_date), COUNT(*) = 3 FROM month m
  GROUP BY m.fiscal_year, m.quarter
  UNION ALL
  SELECT 'half_year', m.fiscal_year, MIN(m.place), MIN(m.start_date), MAX(m.end_date), COUNT(*) = 6 FROM month m
  GROUP BY m.fiscal_year, m.half_year
  UNION ALL
  SELECT 'year', m.fiscal_year, MIN(m.place), MIN(m.start_date), MAX(m.end_date), COUNT(*) = 12 FROM month m
  GROUP BY m.fiscal_year
),
own AS (
  SELECT c.component_id, b.start_date, b.end_date,
    CASE WHEN c.window_length = 'rolling' THEN COALESCE(r.start_date, w.reach_start) ELSE b.start_date END
      AS read_from
  FROM component c
  CROSS JOIN target_period w
  JOIN block b ON b.window_length = c.window_length
    AND (b.fiscal_year = w.fiscal_year OR (c.looks_back AND b.whole AND b.fiscal_year < w.fiscal_year))
  LEFT JOIN month r ON r.place = b.place - c.months + 1
),
dated AS (
  SELECT DISTINCT o.component_id, LEAST(k.as_of, o.end_date) AS as_of
  FROM own o
  JOIN checkpoint k ON o.start_date < k.as_of
),
looked_at AS (
  SELECT component_id, x_component_id AS other_id FROM component WHERE x_component_id IS NOT NULL
  UNION
  SELECT component_id, y_component_id FROM component WHERE y_component_id IS NOT NULL
  UNION
  SELECT component_id, of_component_id FROM gate WHERE of_component_id IS NOT NULL
  UNION
  SELECT component_id, of_component_id FROM formula_input WHERE of_component_id IS NOT NULL
),
-- A formula reads what a table pays, which may look at another component in its turn.
looked_through AS (
  SELECT component_id, other_id FROM looked_at
  UNION
  SELECT l.component_id, o.other_id FROM looked_at l JOIN looked_at o ON o.component_id = l.other_id
),
stood_in AS (
  SELECT x_component_id AS component_id FROM component WHERE x_standing IN ('before_deal', 'with_deal')
  UNION
  SELECT y_component_id FROM component WHERE y_standing IN ('before_deal', 'with_deal')
  UNION
  SELECT of_component_id FROM gate WHERE standing IN ('before_deal', 'with_deal')
  UNION
  SELECT of_component_id FROM formula_input WHERE standing IN ('before_deal', 'with_deal')
)
SELECT o.component_id, o.start_date AS window_start, o.end_date AS window_end, o.read_from, d.as_of
FROM own o
JOIN (
  SELECT component_id, as_of FROM dated
  UNION
  SELECT l.other_id, d.as_of FROM looked_through l JOIN dated d ON d.component_id = l.component_id
  UNION
  SELECT s.component_id, LEAST(m.end_date, w.end_date)
  FROM stood_in s
  CROSS JOIN target_period w
  JOIN month m ON m.start_date < w.end_date AND m.fiscal_year = w.fiscal_year
  UNION
  SELECT c.component_id, m.end_date
  FROM component c
  CROSS JOIN target_period w
  JOIN month m ON m.fiscal_year < w.fiscal_year
  WHERE c.looks_back
) d ON d.component_id = o.component_id AND o.start_date < d.as_of AND d.as_of <= o.end_date
