-- The functions of duckdb.sql on PostgreSQL, for the length of a session; the steps call them by their schema.
-- The division of PostgreSQL of two operands leaves out the remainder and is exact, so it is enough for all of them.
CREATE OR REPLACE FUNCTION pg_temp.div(n numeric, d numeric, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN d = 0 THEN NULL ELSE
  CAST(
    (CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END)
    * pg_catalog.div(2 * abs(n) * CAST('1' || repeat('0', digits) AS numeric) + abs(d), 2 * abs(d))
    * CAST('1e-' || digits AS numeric)
  AS numeric(38, 12))
END;

CREATE OR REPLACE FUNCTION pg_temp.prorate(a numeric, b numeric, d numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN d = 0 THEN NULL ELSE
  CAST(
    (CASE WHEN ((a < 0) <> (b < 0)) = (d < 0) THEN 1 ELSE -1 END)
    * pg_catalog.div(2 * abs(a * b) * 10000000000 + abs(d), 2 * abs(d))
    * CAST('1e-10' AS numeric)
  AS numeric(38, 10))
END;

CREATE OR REPLACE FUNCTION pg_temp.days(first date, last date) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(last - first AS bigint);

CREATE OR REPLACE FUNCTION pg_temp.part(amount numeric, lo numeric, hi numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(round(amount * hi, 4) - round(amount * lo, 4) AS numeric(28, 4));

CREATE OR REPLACE FUNCTION pg_temp.minor(amount numeric, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN digits BETWEEN 0 AND 4 THEN CAST(round(amount, digits) AS numeric(28, 4)) END;

CREATE OR REPLACE FUNCTION pg_temp.limit_of(target numeric, multiple numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(target * multiple AS numeric(38, 10));

CREATE OR REPLACE FUNCTION pg_temp.within_limits(amount numeric, target numeric, above numeric, above_multiple numeric,
  share numeric, cap numeric, cap_multiple numeric, lowest numeric, lowest_multiple numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN greatest(
  least(
    CASE WHEN share IS NOT NULL AND amount > coalesce(above, pg_temp.limit_of(target, above_multiple))
      THEN CAST(
        coalesce(above, pg_temp.limit_of(target, above_multiple))
        + round(amount - coalesce(above, pg_temp.limit_of(target, above_multiple)), 10) * share
      AS numeric(38, 16))
      ELSE CAST(amount AS numeric(38, 16))
    END,
    CAST(coalesce(cap, pg_temp.limit_of(target, cap_multiple)) AS numeric(38, 16))
  ),
  CAST(coalesce(lowest, pg_temp.limit_of(target, lowest_multiple)) AS numeric(38, 16))
);

-- What a digest is made of, as in duckdb.sql.
CREATE OR REPLACE FUNCTION pg_temp.line_hash(line text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN encode(sha256(convert_to(line, 'UTF8')), 'hex');

CREATE OR REPLACE FUNCTION pg_temp.line_high(hashed text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(CAST('x' || substr(hashed, 1, 15) AS bit(60)) AS bigint);

CREATE OR REPLACE FUNCTION pg_temp.line_low(hashed text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(CAST('x' || substr(hashed, 50, 15) AS bit(60)) AS bigint);

CREATE OR REPLACE FUNCTION pg_temp.id_number(id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CAST(CAST('x' || right(replace(CAST(id AS text), '-', ''), 15) AS bit(60)) AS bigint);
