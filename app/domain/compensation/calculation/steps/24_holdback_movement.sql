-- What is kept back of each earning, and what of it is released by now: both to date, rounded once each, so that what
-- moves is the difference to what was kept back and released before. A negative earning keeps nothing back.
WITH known AS (
  SELECT seller_id, component_id, origin, currency, minor_digits FROM due
  UNION
  SELECT seller_id, component_id, period_code, currency, minor_digits FROM held
),
opened AS (
  SELECT r.seller_id, r.component_id, r.period_code, MAX(r.share) AS share
  FROM release r
  GROUP BY r.seller_id, r.component_id, r.period_code
),
exact AS (
  SELECT k.seller_id, k.component_id, k.origin, k.currency, k.minor_digits,
    COALESCE(h.held, CAST(0 AS DECIMAL(18, 4))) AS held_before,
    COALESCE(h.released, CAST(0 AS DECIMAL(18, 4))) AS released_before,
    CASE WHEN t.released THEN CAST(1 AS DECIMAL(18, 6)) ELSE COALESCE(o.share, CAST(0 AS DECIMAL(18, 6))) END
      AS released_share,
    CAST(
      CAST(GREATEST(COALESCE(d.amount, CAST(0 AS DECIMAL(28, 4))) + COALESCE(h.earned, CAST(0 AS DECIMAL(18, 4))),
        CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(38, 4)) * t.share
    AS DECIMAL(38, 10)) AS held
  FROM known k
  JOIN holdback t ON t.component_id = k.component_id AND t.period_code = k.origin
  LEFT JOIN due d ON d.seller_id = k.seller_id AND d.component_id = k.component_id AND d.origin = k.origin
  LEFT JOIN held h ON h.seller_id = k.seller_id AND h.component_id = k.component_id AND h.period_code = k.origin
  LEFT JOIN opened o ON o.seller_id = k.seller_id AND o.component_id = k.component_id AND o.period_code = k.origin
),
held_to_date AS (
  SELECT e.seller_id, e.component_id, e.origin, e.currency, e.minor_digits, e.held_before, e.released_before,
    e.released_share,
    CAST(minor(e.held, e.minor_digits) AS DECIMAL(28, 4)) AS held
  FROM exact e
),
released_to_date AS (
  SELECT h.seller_id, h.component_id, h.origin, h.currency, h.minor_digits, h.held_before, h.released_before, h.held,
    CAST(CAST(h.held AS DECIMAL(38, 4)) * h.released_share AS DECIMAL(38, 10)) AS released
  FROM held_to_date h
),
rounded AS (
  SELECT r.seller_id, r.component_id, r.origin, r.currency, r.minor_digits, r.held_before, r.released_before, r.held,
    CAST(minor(r.released, r.minor_digits) AS DECIMAL(28, 4)) AS released
  FROM released_to_date r
)
SELECT r.seller_id, r.component_id, r.origin, r.currency, r.minor_digits, r.held AS held_to_date,
  r.released AS released_to_date, CAST(r.held_before - r.held AS DECIMAL(28, 4)) AS kept_back,
  CAST(r.released - r.released_before AS DECIMAL(28, 4)) AS released
FROM rounded r
