-- The functions the steps use beyond the portable subset. Exact division, half away from zero.
-- n and d are decimals of up to six places; the quotient keeps `digits` places (at most 12) and is null when d = 0.
CREATE MACRO div(n, d, digits) AS
CASE WHEN d = 0 THEN NULL ELSE
  CAST(
    CAST(
      CAST(CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END AS HUGEINT)
      * (
        (
          2 * abs(CAST(CAST(n AS DECIMAL(38, 6)) * 1000000 AS HUGEINT)) * CAST('1' || repeat('0', digits) AS HUGEINT)
          + abs(CAST(CAST(d AS DECIMAL(38, 6)) * 1000000 AS HUGEINT))
        )
        // (2 * abs(CAST(CAST(d AS DECIMAL(38, 6)) * 1000000 AS HUGEINT)))
      )
      * CAST('1' || repeat('0', 12 - digits) AS HUGEINT)
    AS DECIMAL(38, 0))
    * CAST('0.000000000001' AS DECIMAL(12, 12))
  AS DECIMAL(38, 12))
END;

-- a · b / d to ten places, half away from zero; null when d = 0. Decimals of up to six places.
CREATE MACRO prorate(a, b, d) AS
CASE WHEN d = 0 THEN NULL ELSE
  CAST(
    CAST(
      CAST(CASE WHEN ((a < 0) <> (b < 0)) = (d < 0) THEN 1 ELSE -1 END AS HUGEINT)
      * (
        (
          2 * abs(CAST(CAST(a AS DECIMAL(38, 6)) * 1000000 AS HUGEINT))
            * abs(CAST(CAST(b AS DECIMAL(38, 6)) * 1000000 AS HUGEINT)) * 10000
          + abs(CAST(CAST(d AS DECIMAL(38, 6)) * 1000000 AS HUGEINT))
        )
        // (2 * abs(CAST(CAST(d AS DECIMAL(38, 6)) * 1000000 AS HUGEINT)))
      )
    AS DECIMAL(38, 0))
    * CAST('0.0000000001' AS DECIMAL(10, 10))
  AS DECIMAL(38, 10))
END;

-- What lies between two bounds of a split: each bound rounded to four places, half away from zero. Amounts of up to seven
-- digits are multiplied in 64 bits, which is much faster and gives the same.
CREATE MACRO part(amount, lo, hi) AS
CASE
  WHEN hi - lo = 1 THEN CAST(amount AS DECIMAL(28, 4))
  WHEN abs(amount) < 10000000 THEN
    CAST(
      ROUND(CAST(amount AS DECIMAL(11, 4)) * CAST(hi AS DECIMAL(7, 6)), 4)
      - CASE WHEN lo = 0 THEN CAST(0 AS DECIMAL(18, 4))
        ELSE ROUND(CAST(amount AS DECIMAL(11, 4)) * CAST(lo AS DECIMAL(7, 6)), 4) END
    AS DECIMAL(28, 4))
  ELSE
    CAST(
      ROUND(CAST(CAST(amount AS DECIMAL(38, 4)) * hi AS DECIMAL(38, 10)), 4)
      - ROUND(CAST(CAST(amount AS DECIMAL(38, 4)) * lo AS DECIMAL(38, 10)), 4)
    AS DECIMAL(28, 4))
END;

-- Days from one date to another.
CREATE MACRO days(first, last) AS CAST(last - first AS BIGINT);

-- An amount in the minor unit of its currency, half away from zero: the rounding of what is earned.
CREATE MACRO minor(amount, digits) AS
CASE digits
  WHEN 0 THEN CAST(ROUND(amount, 0) AS DECIMAL(28, 4))
  WHEN 1 THEN CAST(ROUND(amount, 1) AS DECIMAL(28, 4))
  WHEN 2 THEN CAST(ROUND(amount, 2) AS DECIMAL(28, 4))
  WHEN 3 THEN CAST(ROUND(amount, 3) AS DECIMAL(28, 4))
  WHEN 4 THEN CAST(ROUND(amount, 4) AS DECIMAL(28, 4))
END;

CREATE MACRO limit_of(target, multiple) AS CAST(CAST(target AS DECIMAL(38, 4)) * multiple AS DECIMAL(38, 10));

-- What decelerator, cap and floor leave of an amount, in that order. Each is an amount or a multiple of the target, or
-- null. Rounds to ten places before the decelerator takes its share.
CREATE MACRO within_limits(amount, target, above, above_multiple, share, cap, cap_multiple, floor, floor_multiple) AS
GREATEST(
  LEAST(
    CASE WHEN share IS NOT NULL AND amount > COALESCE(CAST(above AS DECIMAL(38, 10)), limit_of(target, above_multiple))
      THEN CAST(
        COALESCE(CAST(above AS DECIMAL(38, 10)), limit_of(target, above_multiple))
        + CAST(CAST(ROUND(CAST(
            amount - COALESCE(CAST(above AS DECIMAL(38, 10)), limit_of(target, above_multiple)) AS DECIMAL(38, 16)
          ), 10) AS DECIMAL(38, 10)) * share AS DECIMAL(38, 16))
      AS DECIMAL(38, 16))
      ELSE CAST(amount AS DECIMAL(38, 16))
    END,
    CAST(COALESCE(CAST(cap AS DECIMAL(38, 10)), limit_of(target, cap_multiple)) AS DECIMAL(38, 16))
  ),
  CAST(COALESCE(CAST(floor AS DECIMAL(38, 10)), limit_of(target, floor_multiple)) AS DECIMAL(38, 16))
);

-- What a digest is made of: the SHA-256 of a row as text, and its first and last 60 bits.
CREATE MACRO line_hash(line) AS sha256(line);
CREATE MACRO line_high(hashed) AS CAST('0x' || substr(hashed, 1, 15) AS BIGINT);
CREATE MACRO line_low(hashed) AS CAST('0x' || substr(hashed, 50, 15) AS BIGINT);
CREATE MACRO id_number(id) AS CAST(CAST(id AS UHUGEINT) & 1152921504606846975 AS BIGINT);
