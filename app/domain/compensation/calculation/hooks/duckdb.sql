-- The only function the steps use beyond the portable subset: exact division, half away from zero.
-- n and d are decimals of up to four places; the quotient keeps `digits` places (at most 12) and is null when d = 0.
CREATE MACRO div(n, d, digits) AS
CASE WHEN d = 0 THEN NULL ELSE
  CAST(
    CAST(
      CAST(CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END AS HUGEINT)
      * (
        (
          2 * abs(CAST(CAST(n AS DECIMAL(38, 4)) * 10000 AS HUGEINT)) * CAST('1' || repeat('0', digits) AS HUGEINT)
          + abs(CAST(CAST(d AS DECIMAL(38, 4)) * 10000 AS HUGEINT))
        )
        // (2 * abs(CAST(CAST(d AS DECIMAL(38, 4)) * 10000 AS HUGEINT)))
      )
      * CAST('1' || repeat('0', 12 - digits) AS HUGEINT)
    AS DECIMAL(38, 0))
    * CAST('0.000000000001' AS DECIMAL(12, 12))
  AS DECIMAL(38, 12))
END;
