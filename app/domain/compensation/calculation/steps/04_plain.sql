-- The dates on which an account that is not contested is credited in full to somebody for whom it counts, as dates that
-- neither overlap nor touch: its transactions of those days need not be looked at for what is missing. `always` says
-- whether those are all days of the window.
WITH covered AS (
  SELECT n.account_id, n.valid_from, n.valid_to
  FROM named n
  WHERE NOT EXISTS (
    SELECT 1 FROM contested c
    WHERE c.account_id = n.account_id AND c.valid_from < n.valid_to AND n.valid_from < c.valid_to
  )
  GROUP BY n.account_id, n.source_id, n.valid_from, n.valid_to
  HAVING MAX(n.cum_hi) = 1 AND COUNT(CASE WHEN n.entitled THEN 1 END) > 0
),
first_day AS (
  SELECT c.account_id, c.valid_from
  FROM covered c
  WHERE NOT EXISTS (
    SELECT 1 FROM covered o
    WHERE o.account_id = c.account_id AND o.valid_from < c.valid_from AND o.valid_to >= c.valid_from
  )
),
last_day AS (
  SELECT c.account_id, c.valid_to
  FROM covered c
  WHERE NOT EXISTS (
    SELECT 1 FROM covered o
    WHERE o.account_id = c.account_id AND o.valid_from <= c.valid_to AND o.valid_to > c.valid_to
  )
)
SELECT p.account_id, p.valid_from, p.valid_to, p.valid_from = w.reach_start AND p.valid_to = w.end_date AS always
FROM (
  SELECT f.account_id, f.valid_from, MIN(l.valid_to) AS valid_to
  FROM first_day f
  JOIN last_day l ON l.account_id = f.account_id AND l.valid_to > f.valid_from
  GROUP BY f.account_id, f.valid_from
) p
CROSS JOIN target_period w
