-- What the period owes, as a chain: posted before -> (true-up) -> earned before the period -> (base) -> earned to date.
-- A true-up exists only when earlier periods of the year now earn something else than was posted for them.
WITH before AS (
  SELECT seller_id, component_id, CAST(SUM(amount) AS DECIMAL(28, 4)) AS amount
  FROM posted
  GROUP BY seller_id, component_id
),
chain AS (
  SELECT e.seller_id, e.component_id, e.as_of, e.plan_id, e.currency, e.window_start, e.credited_to_date,
    e.quota_to_date, e.quota_window, e.target, e.attainment, e.tier_reached, e.earned_to_date, e.code, w.end_date,
    COALESCE(p.amount, CAST(0 AS DECIMAL(28, 4))) AS posted_before
  FROM earning e
  CROSS JOIN target_period w
  LEFT JOIN before p ON p.seller_id = e.seller_id AND p.component_id = e.component_id
)
SELECT c.seller_id, c.component_id, 'base' AS kind, c.plan_id, c.currency, c.as_of, c.window_start,
  c.credited_to_date, c.quota_to_date, c.quota_window, c.target, c.attainment, c.tier_reached,
  CASE WHEN c.code IS NULL THEN c.earned_to_date END AS earned_to_date,
  COALESCE(s.earned_to_date, c.posted_before) AS earned_before, c.posted_before,
  CASE WHEN c.code IS NULL
    THEN CAST(c.earned_to_date - COALESCE(s.earned_to_date, c.posted_before) AS DECIMAL(28, 4)) END AS earning,
  CASE WHEN c.code IS NULL THEN 'ok' ELSE 'needs_attention' END AS status, c.code
FROM chain c
JOIN chain s ON s.seller_id = c.seller_id AND s.component_id = c.component_id AND s.as_of < s.end_date
WHERE c.as_of = c.end_date
UNION ALL
SELECT s.seller_id, s.component_id, 'true_up', s.plan_id, s.currency, s.as_of, s.window_start,
  s.credited_to_date, s.quota_to_date, s.quota_window, s.target, s.attainment, s.tier_reached, s.earned_to_date,
  s.posted_before, s.posted_before, CAST(s.earned_to_date - s.posted_before AS DECIMAL(28, 4)), 'ok', NULL
FROM chain s
WHERE s.as_of < s.end_date AND s.earned_to_date <> s.posted_before
UNION ALL
SELECT p.seller_id, p.component_id, 'true_up', c.plan_id, c.currency, w.start_date, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, p.amount, p.amount, NULL, 'needs_attention', 'no_longer_eligible'
FROM before p
CROSS JOIN target_period w
LEFT JOIN component c ON c.component_id = p.component_id
WHERE p.amount <> CAST(0 AS DECIMAL(28, 4))
  AND NOT EXISTS (
    SELECT 1 FROM earning a WHERE a.seller_id = p.seller_id AND a.component_id = p.component_id
  )
