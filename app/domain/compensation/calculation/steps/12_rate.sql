-- Marginal tiers: the slice of credited revenue that falls in each tier, at that tier's rate. Nothing is rounded here.
-- A negative total fills no slice, so what is earned to date is never below zero for rates that are not.
SELECT s.seller_id, s.component_id, s.as_of, s.ordinal, s.from_attainment, s.to_attainment, s.rate,
  s.lower_amount, s.upper_amount, s.amount,
  CAST(CAST(s.amount AS DECIMAL(38, 10)) * s.rate AS DECIMAL(38, 16)) AS earned,
  s.reached
FROM (
  SELECT b.seller_id, b.component_id, b.as_of, b.ordinal, b.from_attainment, b.to_attainment, b.rate,
    b.lower_amount, b.upper_amount, b.reached,
    CAST(
      GREATEST(
        CASE WHEN b.upper_amount IS NULL OR b.credited_to_date < b.upper_amount
          THEN b.credited_to_date ELSE b.upper_amount END - b.lower_amount,
        CAST(0 AS DECIMAL(38, 10))
      )
    AS DECIMAL(38, 10)) AS amount
  FROM (
    SELECT a.seller_id, a.component_id, a.as_of, t.ordinal, t.from_attainment, t.to_attainment, t.rate,
      CAST(a.credited_to_date AS DECIMAL(38, 10)) AS credited_to_date,
      CAST(CAST(a.quota_basis_amount AS DECIMAL(38, 4)) * t.from_attainment AS DECIMAL(38, 10)) AS lower_amount,
      CAST(CAST(a.quota_basis_amount AS DECIMAL(38, 4)) * t.to_attainment AS DECIMAL(38, 10)) AS upper_amount,
      CASE
        WHEN a.attainment > t.from_attainment THEN 1
        WHEN a.attainment = t.from_attainment
          AND (a.boundary = 'higher' OR t.from_attainment = CAST(0 AS DECIMAL(18, 6))) THEN 1
        ELSE 0
      END AS reached
    FROM attainment a
    JOIN tier t ON t.component_id = a.component_id
    WHERE a.code IS NULL
  ) b
) s
