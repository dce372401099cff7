-- What the period owes, as a chain: posted before -> (true-up) -> earned before the period -> (base) -> earned to date.
-- A true-up exists only when earlier periods of the year now earn something else than was posted for them.
WITH before AS (
  SELECT seller_id, component_id, CAST(SUM(amount) AS DECIMAL(28, 4)) AS amount
  FROM posted
  GROUP BY seller_id, component_id
),
chain AS (
  SELECT a.seller_id, a.component_id, a.as_of, a.plan_id, a.currency, a.credited_to_date, a.quota_to_date,
    a.quota_annual, a.attainment, e.tier_reached, e.earned_to_date, a.code, w.end_date,
    COALESCE(p.amount, CAST(0 AS DECIMAL(28, 4))) AS posted_before
  FROM attainment a
  JOIN earning e ON e.seller_id = a.seller_id AND e.component_id = a.component_id AND e.as_of = a.as_of
  CROSS JOIN target_period w
  LEFT JOIN before p ON p.seller_id = a.seller_id AND p.component_id = a.component_id
)
SELECT c.seller_id, c.component_id, 'base' AS kind, c.plan_id, c.currency, c.as_of, c.credited_to_date,
  c.quota_to_date, c.quota_annual, c.attainment, c.tier_reached,
  CASE WHEN c.code IS NULL THEN c.earned_to_date END AS earned_to_date,
  COALESCE(s.earned_to_date, c.posted_before) AS earned_before, c.posted_before,
  CASE WHEN c.code IS NULL
    THEN CAST(c.earned_to_date - COALESCE(s.earned_to_date, c.posted_before) AS DECIMAL(28, 4)) END AS earning,
  CASE WHEN c.code IS NULL THEN 'ok' ELSE 'needs_attention' END AS status, c.code
FROM chain c
JOIN chain s ON s.seller_id = c.seller_id AND s.component_id = c.component_id AND s.as_of < s.end_date
WHERE c.as_of = c.end_date
UNION ALL
SELECT s.seller_id, s.component_id, 'true_up', s.plan_id, s.currency, s.as_of, s.credited_to_date,
  s.quota_to_date, s.quota_annual, s.attainment, s.tier_reached, s.earned_to_date,
  s.posted_before, s.posted_before, CAST(s.earned_to_date - s.posted_before AS DECIMAL(28, 4)), 'ok', NULL
FROM chain s
WHERE s.as_of < s.end_date AND s.earned_to_date <> s.posted_before
UNION ALL
SELECT p.seller_id, p.component_id, 'true_up', c.plan_id, c.currency, w.start_date, NULL,
  NULL, NULL, NULL, NULL, NULL, p.amount, p.amount, NULL, 'needs_attention', 'no_longer_eligible'
FROM before p
CROSS JOIN target_period w
LEFT JOIN component c ON c.component_id = p.component_id
WHERE p.amount <> CAST(0 AS DECIMAL(28, 4))
  AND NOT EXISTS (
    SELECT 1 FROM attainment a WHERE a.seller_id = p.seller_id AND a.component_id = p.component_id
  )
