-- What sellers give back for returned deals: the part of the deal in what its period earned and paid out, by the age of
-- the deal, never more than that. To date and rounded once; what moves is the difference to what was taken back before.
-- Rounding points: the part of a deal, of a return and of an age (12), the claim (minor unit).
WITH returned AS (
  SELECT b.component_id, t.transaction_id,
    CAST(SUM(
      CAST(
        CAST(div(t.amount, t.original_amount, 12) AS DECIMAL(38, 12))
        * CASE WHEN b.days IS NULL THEN b.share ELSE CAST(div(b.days - t.age_days, b.days, 6) AS DECIMAL(9, 6)) END
      AS DECIMAL(38, 18))
    ) AS DECIMAL(38, 18)) AS part
  FROM takeback t
  JOIN clawback b ON t.age_days >= b.from_day AND t.age_days < b.to_day
  GROUP BY b.component_id, t.transaction_id
),
deal AS (
  SELECT e.seller_id, e.component_id, k.period_code AS origin, k.as_of, k.previous, r.transaction_id,
    CAST(LEAST(CAST(ROUND(CAST(r.part AS DECIMAL(38, 18)), 12) AS DECIMAL(38, 12)), CAST(1 AS DECIMAL(38, 12)))
      AS DECIMAL(38, 12)) AS part,
    CAST(SUM(c.amount) AS DECIMAL(28, 4)) AS credited
  FROM returned r
  JOIN credit c ON c.transaction_id = r.transaction_id
  JOIN eligibility e ON e.component_id = r.component_id AND e.credited_seller_id = c.seller_id
    AND e.currency = c.currency AND c.credit_date >= e.valid_from AND c.credit_date < e.valid_to
  JOIN checkpoint k ON c.credit_date >= k.previous AND c.credit_date < k.as_of
  GROUP BY e.seller_id, e.component_id, k.period_code, k.as_of, k.previous, r.transaction_id, r.part
),
period_paid AS (
  SELECT d.seller_id, d.component_id, d.origin, d.transaction_id, d.part, d.credited,
    CAST(m.credited_to_date - COALESCE(n.credited_to_date, CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS counted,
    CAST(GREATEST(
      a.earned_to_date - COALESCE(b.earned_to_date, CAST(0 AS DECIMAL(28, 4)))
      - COALESCE(h.held_to_date, CAST(0 AS DECIMAL(28, 4))) + COALESCE(h.released_to_date, CAST(0 AS DECIMAL(28, 4))),
      CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS paid
  FROM deal d
  JOIN measure m ON m.seller_id = d.seller_id AND m.component_id = d.component_id AND m.as_of = d.as_of
  LEFT JOIN measure n ON n.seller_id = d.seller_id AND n.component_id = d.component_id AND n.as_of = d.previous
  JOIN earning a ON a.seller_id = d.seller_id AND a.component_id = d.component_id AND a.as_of = d.as_of
  LEFT JOIN earning b ON b.seller_id = d.seller_id AND b.component_id = d.component_id AND b.as_of = d.previous
  LEFT JOIN holdback_movement h ON h.seller_id = d.seller_id AND h.component_id = d.component_id AND h.origin = d.origin
  WHERE a.earned_to_date IS NOT NULL
),
weighed AS (
  SELECT p.seller_id, p.component_id, p.origin, p.transaction_id, p.paid,
    CAST(ROUND(CAST(
      CAST(GREATEST(LEAST(CAST(div(p.credited, p.counted, 12) AS DECIMAL(38, 12)), CAST(1 AS DECIMAL(38, 12))),
        CAST(0 AS DECIMAL(38, 12))) AS DECIMAL(38, 12)) * p.part
    AS DECIMAL(38, 24)), 12) AS DECIMAL(38, 12)) AS weight
  FROM period_paid p
  WHERE p.counted <> 0
),
exact AS (
  SELECT w.seller_id, w.component_id, w.origin, w.transaction_id,
    CAST(CAST(w.paid AS DECIMAL(38, 4)) * w.weight AS DECIMAL(38, 16)) AS amount
  FROM weighed w
),
known AS (
  SELECT seller_id, component_id, origin, transaction_id FROM exact
  UNION
  SELECT seller_id, component_id, period_code, transaction_id FROM clawed
),
claimed AS (
  SELECT k.seller_id, k.component_id, k.origin, k.transaction_id, c.currency, c.minor_digits,
    CAST(
      CASE
        WHEN e.amount IS NULL THEN CAST(0 AS DECIMAL(28, 4))
        WHEN c.minor_digits = 0 THEN CAST(ROUND(e.amount, 0) AS DECIMAL(28, 4))
        WHEN c.minor_digits = 1 THEN CAST(ROUND(e.amount, 1) AS DECIMAL(28, 4))
        WHEN c.minor_digits = 2 THEN CAST(ROUND(e.amount, 2) AS DECIMAL(28, 4))
        WHEN c.minor_digits = 3 THEN CAST(ROUND(e.amount, 3) AS DECIMAL(28, 4))
        WHEN c.minor_digits = 4 THEN CAST(ROUND(e.amount, 4) AS DECIMAL(28, 4))
      END - COALESCE(b.amount, CAST(0 AS DECIMAL(18, 4)))
    AS DECIMAL(28, 4)) AS amount
  FROM known k
  JOIN component c ON c.component_id = k.component_id
  LEFT JOIN exact e ON e.seller_id = k.seller_id AND e.component_id = k.component_id AND e.origin = k.origin
    AND e.transaction_id = k.transaction_id
  LEFT JOIN clawed b ON b.seller_id = k.seller_id AND b.component_id = k.component_id AND b.period_code = k.origin
    AND b.transaction_id = k.transaction_id
)
SELECT seller_id, component_id, origin, transaction_id, currency, minor_digits, amount
FROM claimed
WHERE amount <> CAST(0 AS DECIMAL(28, 4))
UNION ALL
SELECT seller_id, component_id, period_code, transaction_id, currency, minor_digits, CAST(amount AS DECIMAL(28, 4))
FROM brought_back
