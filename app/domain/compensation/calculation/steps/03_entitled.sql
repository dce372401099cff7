-- When credits of a role count for somebody at all, in each currency, as dates that neither overlap nor touch; `own` says
-- whether they count for the seller credited, in whatever currency, or for anybody.
WITH span AS (
  SELECT FALSE AS own, credited_seller_id AS seller_id, role, currency, valid_from, valid_to FROM eligibility
  WHERE role <> 'none'
  UNION
  SELECT TRUE, seller_id, role, 'XXX', valid_from, valid_to FROM eligibility WHERE seller_id = credited_seller_id
    AND role <> 'none'
),
first_day AS (
  SELECT DISTINCT s.own, s.seller_id, s.role, s.currency, s.valid_from
  FROM span s
  WHERE NOT EXISTS (
    SELECT 1 FROM span o
    WHERE o.own = s.own AND o.seller_id = s.seller_id AND o.role = s.role AND o.currency = s.currency
      AND o.valid_from < s.valid_from AND o.valid_to >= s.valid_from
  )
),
last_day AS (
  SELECT DISTINCT s.own, s.seller_id, s.role, s.currency, s.valid_to
  FROM span s
  WHERE NOT EXISTS (
    SELECT 1 FROM span o
    WHERE o.own = s.own AND o.seller_id = s.seller_id AND o.role = s.role AND o.currency = s.currency
      AND o.valid_from <= s.valid_to AND o.valid_to > s.valid_to
  )
)
SELECT f.own, f.seller_id, f.role, f.currency, f.valid_from, MIN(l.valid_to) AS valid_to
FROM first_day f
JOIN last_day l ON l.own = f.own AND l.seller_id = f.seller_id AND l.role = f.role AND l.currency = f.currency
  AND l.valid_to > f.valid_from
GROUP BY f.own, f.seller_id, f.role, f.currency, f.valid_from
