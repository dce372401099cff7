-- Whose credits of which role count for which component of whom, in which credit currency, and between which dates. Who only
-- counts what some level below sells takes part all the same, with the role `none`. Where earlier windows are read, what is
-- credited before the fiscal year counts for all who take part in it, whatever plan they were on.
WITH counted_for AS (
  SELECT b.manager_id AS seller_id, b.seller_id AS credited_seller_id, b.depth, FALSE AS beside, b.valid_from, b.valid_to
  FROM closure b
  UNION ALL
  SELECT r.seller_id, o.seller_id, 0, TRUE, GREATEST(r.valid_from, o.valid_from), LEAST(r.valid_to, o.valid_to)
  FROM reporting_line r
  JOIN reporting_line o ON o.manager_id = r.manager_id AND o.seller_id <> r.seller_id
    AND o.valid_from < r.valid_to AND r.valid_from < o.valid_to
  WHERE EXISTS (SELECT 1 FROM participant p JOIN component c ON c.plan_id = p.plan_id AND c.beside
    WHERE p.seller_id = r.seller_id)
)
SELECT e.seller_id, e.component_id, e.credited_seller_id, e.role, e.currency, e.valid_from, e.valid_to
FROM (
  SELECT p.seller_id, c.component_id, b.credited_seller_id,
    CASE WHEN b.depth < c.nearest THEN 'none' ELSE c.role END AS role, c.credit_currency AS currency,
    GREATEST(p.valid_from, b.valid_from, w.fiscal_year_start) AS valid_from,
    LEAST(p.valid_to, b.valid_to, w.end_date) AS valid_to
  FROM participant p
  JOIN component c ON c.plan_id = p.plan_id
  JOIN counted_for b ON b.seller_id = p.seller_id AND (c.beside OR NOT b.beside)
    AND (b.depth = 0 OR (c.rollup AND b.depth >= c.nearest AND (c.furthest IS NULL OR b.depth <= c.furthest)))
  CROSS JOIN target_period w
  UNION ALL
  SELECT p.seller_id, c.component_id, b.credited_seller_id, CASE WHEN b.depth < c.nearest THEN 'none' ELSE c.role END,
    c.credit_currency,
    GREATEST(b.valid_from, w.reach_start), LEAST(b.valid_to, w.fiscal_year_start)
  FROM target_period w
  JOIN (
    SELECT DISTINCT m.seller_id, m.plan_id
    FROM participant m
    JOIN target_period y ON m.valid_from < y.end_date AND m.valid_to > y.fiscal_year_start
  ) p ON w.reach_start < w.fiscal_year_start
  JOIN component c ON c.plan_id = p.plan_id AND (c.looks_back OR c.window_length = 'rolling')
  JOIN counted_for b ON b.seller_id = p.seller_id AND (c.beside OR NOT b.beside)
    AND (b.depth = 0 OR (c.rollup AND b.depth >= c.nearest AND (c.furthest IS NULL OR b.depth <= c.furthest)))
) e
WHERE e.valid_from < e.valid_to
