-- What each pay period earns now beyond what was posted for it: earned to date - earned before - posted before.
-- The period being paid is always told; an earlier one only when the difference is not zero. A date whose earned to
-- date cannot be said counts as the last one that can, plus what was posted since: nothing is paid for it, or taken back.
WITH paid AS (
  SELECT p.seller_id, p.component_id, k.as_of, p.period_code, CAST(SUM(p.amount) AS DECIMAL(28, 4)) AS amount
  FROM posted p
  JOIN checkpoint k ON k.period_code = p.period_code
  GROUP BY p.seller_id, p.component_id, k.as_of, p.period_code
),
said AS (
  SELECT a.seller_id, a.component_id, a.as_of, MAX(e.as_of) AS known_as_of
  FROM earning a
  LEFT JOIN earning e ON e.seller_id = a.seller_id AND e.component_id = a.component_id AND e.as_of <= a.as_of
    AND e.earned_to_date IS NOT NULL
  GROUP BY a.seller_id, a.component_id, a.as_of
),
reached AS (
  SELECT s.seller_id, s.component_id, s.as_of,
    CAST(COALESCE(e.earned_to_date, CAST(0 AS DECIMAL(28, 4)))
      + COALESCE(SUM(p.amount), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS amount
  FROM said s
  LEFT JOIN earning e ON e.seller_id = s.seller_id AND e.component_id = s.component_id AND e.as_of = s.known_as_of
  LEFT JOIN paid p ON p.seller_id = s.seller_id AND p.component_id = s.component_id AND p.as_of <= s.as_of
    AND (s.known_as_of IS NULL OR p.as_of > s.known_as_of)
  GROUP BY s.seller_id, s.component_id, s.as_of, e.earned_to_date
),
chain AS (
  SELECT e.seller_id, e.component_id, k.kind, k.period_code AS origin, e.plan_id, e.currency, e.as_of, e.window_start,
    e.credited_to_date, e.quota_to_date, e.quota_window, e.target, e.attainment, e.tier_reached,
    CASE WHEN k.kind = 'true_up' OR e.code IS NULL THEN e.earned_to_date END AS earned_to_date,
    COALESCE(r.amount, CAST(0 AS DECIMAL(28, 4))) AS earned_before,
    COALESCE(p.amount, CAST(0 AS DECIMAL(28, 4))) AS posted_before,
    CASE WHEN k.kind = 'base' OR (k.as_of = w.end_date AND e.earned_to_date IS NULL) THEN e.code END AS code
  FROM checkpoint k
  CROSS JOIN target_period w
  JOIN earning e ON e.as_of = k.as_of
  LEFT JOIN reached r ON r.seller_id = e.seller_id AND r.component_id = e.component_id AND r.as_of = k.previous
  LEFT JOIN paid p ON p.seller_id = e.seller_id AND p.component_id = e.component_id AND p.as_of = e.as_of
)
SELECT c.seller_id, c.component_id, c.kind, c.origin, c.plan_id, c.currency, c.as_of, c.window_start,
  c.credited_to_date, c.quota_to_date, c.quota_window, c.target, c.attainment, c.tier_reached, c.earned_to_date,
  c.earned_before, c.posted_before,
  CAST(c.earned_to_date - c.earned_before - c.posted_before AS DECIMAL(28, 4)) AS earning,
  CASE WHEN c.code IS NULL THEN 'ok' ELSE 'needs_attention' END AS status, c.code
FROM chain c
WHERE c.kind = 'base' OR c.code IS NOT NULL OR c.earned_to_date - c.earned_before <> c.posted_before
UNION ALL
SELECT p.seller_id, p.component_id, 'true_up', p.period_code, c.plan_id, c.currency, p.as_of, NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, NULL, CAST(0 AS DECIMAL(28, 4)), p.amount, NULL, 'needs_attention', 'no_longer_eligible'
FROM paid p
LEFT JOIN component c ON c.component_id = p.component_id
WHERE p.amount <> CAST(0 AS DECIMAL(28, 4))
  AND NOT EXISTS (
    SELECT 1 FROM earning a WHERE a.seller_id = p.seller_id AND a.component_id = p.component_id
  )
