-- What sellers give back for returned deals: the part of the deal in what its period earned and paid out, by the age of
-- the deal, never more than that; of one that counts in parts, in each of their periods. The period of a deal is that
-- of its day, or in which its window ends where that is when it is paid. To date and rounded once; what moves is the
-- difference to what was taken back before. Rounding points: the part of a deal, of a return and of an age (12), the
-- claim (minor unit).
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
  SELECT e.seller_id, e.component_id, k.period_code AS origin, k.as_of, k.previous, n.transaction_id, c.measure,
    CAST(SUM(CASE c.measure WHEN 'margin' THEN CAST(n.margin AS DECIMAL(28, 6)) WHEN 'deals' THEN n.deals
      WHEN 'units' THEN CAST(n.quantity AS DECIMAL(28, 6)) ELSE CAST(n.amount AS DECIMAL(28, 6)) END)
      AS DECIMAL(28, 6)) AS credited
  FROM (SELECT DISTINCT component_id FROM returned) r
  JOIN component c ON c.component_id = r.component_id
  JOIN counted n ON n.counting_id = c.counting_id
  JOIN eligibility e ON e.component_id = c.component_id AND e.credited_seller_id = n.seller_id AND e.role = n.role
    AND e.currency = n.currency AND n.credit_date >= e.valid_from AND n.credit_date < e.valid_to
  LEFT JOIN (SELECT DISTINCT component_id, window_start, window_end FROM time_window) w ON c.paid = 'at_end'
    AND w.component_id = c.component_id AND n.credit_date >= w.window_start AND n.credit_date < w.window_end
  JOIN checkpoint k ON (w.window_end IS NULL AND n.credit_date >= k.previous AND n.credit_date < k.as_of)
    OR (w.window_end > k.previous AND w.window_end <= k.as_of)
  GROUP BY e.seller_id, e.component_id, k.period_code, k.as_of, k.previous, n.transaction_id, c.measure
),
whole AS (
  SELECT seller_id, component_id, as_of, CAST(SUM(credited) AS DECIMAL(28, 6)) AS counted
  FROM deal
  GROUP BY seller_id, component_id, as_of
),
earned_by_deal AS (
  SELECT u.seller_id, u.component_id, u.unit_id, k.as_of,
    CAST(SUM(COALESCE(g.earned, u.earned)) AS DECIMAL(28, 4)) AS earned
  FROM (SELECT DISTINCT component_id FROM returned) r
  JOIN component c ON c.component_id = r.component_id AND c.window_length = 'transaction'
  JOIN earned u ON u.component_id = c.component_id AND u.earned IS NOT NULL
  JOIN checkpoint k ON u.window_start >= k.previous AND u.window_start < k.as_of
  LEFT JOIN budgeted g ON g.seller_id = u.seller_id AND g.component_id = u.component_id AND g.unit_id = u.unit_id
    AND g.window_start = u.window_start AND g.as_of = k.as_of
  GROUP BY u.seller_id, u.component_id, u.unit_id, k.as_of
),
earned_by_deals AS (
  SELECT seller_id, component_id, as_of, CAST(SUM(earned) AS DECIMAL(28, 4)) AS earned
  FROM earned_by_deal
  GROUP BY seller_id, component_id, as_of
),
period_paid AS (
  SELECT d.seller_id, d.component_id, d.origin, d.transaction_id, d.credited, w.counted, u.earned AS by_deal,
    s.earned AS by_deals,
    CAST(LEAST(CAST(ROUND(CAST(r.part AS DECIMAL(38, 18)), 12) AS DECIMAL(38, 12)), CAST(1 AS DECIMAL(38, 12)))
      AS DECIMAL(38, 12)) AS part,
    CAST(a.earned_to_date - COALESCE(b.earned_to_date, CAST(0 AS DECIMAL(28, 4)))
      - COALESCE(h.held_to_date, CAST(0 AS DECIMAL(28, 4))) + COALESCE(h.released_to_date, CAST(0 AS DECIMAL(28, 4)))
    AS DECIMAL(28, 4)) AS paid
  FROM deal d
  JOIN returned r ON r.component_id = d.component_id AND r.transaction_id = d.transaction_id
  JOIN whole w ON w.seller_id = d.seller_id AND w.component_id = d.component_id AND w.as_of = d.as_of
  JOIN earning a ON a.seller_id = d.seller_id AND a.component_id = d.component_id AND a.as_of = d.as_of
  LEFT JOIN earning b ON b.seller_id = d.seller_id AND b.component_id = d.component_id AND b.as_of = d.previous
  LEFT JOIN earned_by_deal u ON u.seller_id = d.seller_id AND u.component_id = d.component_id
    AND u.unit_id = d.transaction_id AND u.as_of = d.as_of
  LEFT JOIN earned_by_deals s ON s.seller_id = u.seller_id AND s.component_id = u.component_id AND s.as_of = u.as_of
  LEFT JOIN holdback_movement h ON h.seller_id = d.seller_id AND h.component_id = d.component_id AND h.origin = d.origin
  WHERE a.earned_to_date IS NOT NULL
),
-- A deal that is paid by itself gives back what it earned; its part, where its period paid out less than its deals earned.
laid AS (
  SELECT p.seller_id, p.component_id, p.origin, p.transaction_id, p.part, p.by_deal AS paid,
    CAST(1 AS DECIMAL(28, 6)) AS credited, CAST(1 AS DECIMAL(28, 6)) AS counted
  FROM period_paid p
  WHERE p.paid >= p.by_deals
  UNION ALL
  SELECT p.seller_id, p.component_id, p.origin, p.transaction_id, p.part, p.paid,
    CAST(COALESCE(p.by_deal, p.credited) AS DECIMAL(28, 6)), CAST(COALESCE(p.by_deals, p.counted) AS DECIMAL(28, 6))
  FROM period_paid p
  WHERE p.by_deals IS NULL OR p.paid < p.by_deals
),
weighed AS (
  SELECT p.seller_id, p.component_id, p.origin, p.transaction_id,
    GREATEST(p.paid, CAST(0 AS DECIMAL(28, 4))) AS paid,
    CAST(ROUND(CAST(
      CAST(GREATEST(LEAST(CAST(div(p.credited, p.counted, 12) AS DECIMAL(38, 12)), CAST(1 AS DECIMAL(38, 12))),
        CAST(0 AS DECIMAL(38, 12))) AS DECIMAL(38, 12)) * p.part
    AS DECIMAL(38, 24)), 12) AS DECIMAL(38, 12)) AS weight
  FROM laid p
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
        ELSE CAST(minor(e.amount, c.minor_digits) AS DECIMAL(28, 4))
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
