-- Earned year to date at each date: the one rounding of a line, to the minor unit of its currency.
-- Without credits nothing is earned, whatever the quota; otherwise a line without attainment earns null, not zero.
WITH summed AS (
  SELECT a.seller_id, a.component_id, a.as_of, a.minor_digits,
    CAST(SUM(r.earned) AS DECIMAL(38, 16)) AS exact,
    MAX(CASE WHEN r.reached = 1 THEN r.ordinal END) AS tier_reached
  FROM attainment a
  LEFT JOIN rate r ON r.seller_id = a.seller_id AND r.component_id = a.component_id AND r.as_of = a.as_of
  GROUP BY a.seller_id, a.component_id, a.as_of, a.minor_digits
)
SELECT a.seller_id, a.component_id, a.as_of, s.exact, s.tier_reached,
  CASE
    WHEN a.code IS NOT NULL THEN CASE WHEN a.credits = 0 THEN CAST(0 AS DECIMAL(28, 4)) END
    WHEN s.minor_digits = 0 THEN CAST(ROUND(s.exact, 0) AS DECIMAL(28, 4))
    WHEN s.minor_digits = 1 THEN CAST(ROUND(s.exact, 1) AS DECIMAL(28, 4))
    WHEN s.minor_digits = 2 THEN CAST(ROUND(s.exact, 2) AS DECIMAL(28, 4))
    WHEN s.minor_digits = 3 THEN CAST(ROUND(s.exact, 3) AS DECIMAL(28, 4))
    WHEN s.minor_digits = 4 THEN CAST(ROUND(s.exact, 4) AS DECIMAL(28, 4))
  END AS earned_to_date
FROM attainment a
JOIN summed s ON s.seller_id = a.seller_id AND s.component_id = a.component_id AND s.as_of = a.as_of
