-- The pay of each seller in each currency: first guarantees, then draws and their recovery, then what is carried forward
-- because pay is never below zero, or recovered of what the seller owes without going below a draw.
WITH part AS (
  SELECT seller_id, currency, minor_digits, amount, CAST(0 AS DECIMAL(28, 4)) AS adjusted FROM due
  UNION ALL
  SELECT seller_id, currency, minor_digits, kept_back + released, CAST(0 AS DECIMAL(28, 4)) FROM holdback_movement
  UNION ALL
  SELECT seller_id, currency, minor_digits, CAST(0 AS DECIMAL(28, 4)), CAST(amount AS DECIMAL(28, 4)) FROM adjustment
  UNION ALL
  SELECT seller_id, currency, minor_digits, CAST(0 AS DECIMAL(28, 4)), CAST(0 AS DECIMAL(28, 4)) FROM taken_back
  UNION ALL
  SELECT seller_id, currency, minor_digits, CAST(0 AS DECIMAL(28, 4)), CAST(0 AS DECIMAL(28, 4)) FROM draw
  UNION ALL
  SELECT seller_id, currency, minor_digits, CAST(0 AS DECIMAL(28, 4)), CAST(0 AS DECIMAL(28, 4)) FROM owed
),
earned AS (
  SELECT seller_id, currency, minor_digits, CAST(SUM(amount) AS DECIMAL(28, 4)) AS earned,
    CAST(SUM(adjusted) AS DECIMAL(28, 4)) AS adjusted
  FROM part
  GROUP BY seller_id, currency, minor_digits
),
opened AS (
  SELECT e.seller_id, e.currency, e.minor_digits, e.earned, e.adjusted,
    CAST(COALESCE(d.guarantee, CAST(0 AS DECIMAL(18, 4))) AS DECIMAL(28, 4)) AS guarantee,
    CAST(COALESCE(d.advance, CAST(0 AS DECIMAL(18, 4))) AS DECIMAL(28, 4)) AS draw,
    COALESCE(d.recovery_share, CAST(1 AS DECIMAL(9, 6))) AS recovery_share,
    COALESCE(d.forgive, FALSE) AS forgive,
    CAST(COALESCE(o.draw, CAST(0 AS DECIMAL(18, 4))) AS DECIMAL(28, 4)) AS draw_owed,
    CAST(COALESCE(o.debt, CAST(0 AS DECIMAL(18, 4))) + COALESCE(c.amount, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4))
      AS debt
  FROM earned e
  LEFT JOIN draw d ON d.seller_id = e.seller_id AND d.currency = e.currency
  LEFT JOIN owed o ON o.seller_id = e.seller_id AND o.currency = e.currency
  LEFT JOIN (SELECT seller_id, currency, CAST(SUM(amount) AS DECIMAL(28, 4)) AS amount FROM taken_back
    GROUP BY seller_id, currency) c ON c.seller_id = e.seller_id AND c.currency = e.currency
),
left_over AS (
  SELECT o.seller_id, o.currency, o.minor_digits, o.earned, o.adjusted, o.guarantee, o.draw, o.recovery_share, o.forgive,
    o.draw_owed, o.debt,
    CASE WHEN o.earned > o.guarantee THEN o.earned - o.guarantee
      WHEN o.earned > 0 THEN CAST(0 AS DECIMAL(28, 4)) ELSE o.earned END AS rest
  FROM opened o
),
drawn AS (
  SELECT l.seller_id, l.currency, l.minor_digits, l.earned, l.adjusted, l.guarantee, l.draw, l.forgive, l.draw_owed,
    l.debt,
    GREATEST(l.guarantee - GREATEST(l.earned, CAST(0 AS DECIMAL(28, 4))), CAST(0 AS DECIMAL(28, 4))) AS topped_up,
    CASE WHEN l.draw > 0 THEN GREATEST(l.draw - l.rest, CAST(0 AS DECIMAL(28, 4))) ELSE CAST(0 AS DECIMAL(28, 4)) END
      AS advanced,
    CAST(
      CAST(GREATEST(l.rest - l.draw, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(38, 4)) * l.recovery_share
    AS DECIMAL(38, 10)) AS recoverable
  FROM left_over l
),
recovered AS (
  SELECT d.seller_id, d.currency, d.earned, d.adjusted, d.guarantee, d.draw, d.forgive, d.draw_owed, d.debt, d.topped_up,
    d.advanced,
    LEAST(d.draw_owed,
      CAST(minor(d.recoverable, d.minor_digits) AS DECIMAL(28, 4))) AS draw_recovered
  FROM drawn d
),
before_debt AS (
  SELECT r.seller_id, r.currency, r.earned, r.adjusted, r.topped_up, r.advanced, r.draw_recovered, r.debt,
    CASE WHEN r.forgive THEN r.draw_owed + r.advanced - r.draw_recovered ELSE CAST(0 AS DECIMAL(28, 4)) END AS forgiven,
    CAST(r.earned + r.topped_up + r.advanced - r.draw_recovered + r.adjusted AS DECIMAL(28, 4)) AS pay,
    r.guarantee + r.draw AS least
  FROM recovered r
)
SELECT b.seller_id, b.currency, b.earned, b.adjusted, b.topped_up, b.advanced, b.draw_recovered, b.forgiven,
  GREATEST(CAST(0 AS DECIMAL(28, 4)) - b.pay, CAST(0 AS DECIMAL(28, 4))) AS carried,
  LEAST(b.debt, GREATEST(b.pay - b.least, CAST(0 AS DECIMAL(28, 4)))) AS debt_recovered,
  CAST(b.pay + GREATEST(CAST(0 AS DECIMAL(28, 4)) - b.pay, CAST(0 AS DECIMAL(28, 4)))
    - LEAST(b.debt, GREATEST(b.pay - b.least, CAST(0 AS DECIMAL(28, 4)))) AS DECIMAL(28, 4)) AS payable
FROM before_debt b
