-- Exact division on PostgreSQL, as in duckdb.sql: half away from zero, `digits` places (at most 12), null when d = 0.
CREATE FUNCTION div(n numeric, d numeric, digits integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN d = 0 THEN NULL ELSE
  CAST(
    (CASE WHEN (n < 0) = (d < 0) THEN 1 ELSE -1 END)
    -- The division of PostgreSQL of two operands leaves out the remainder and is exact.
    * div(2 * abs(n) * CAST('1' || repeat('0', digits) AS numeric) + abs(d), 2 * abs(d))
    * CAST('1e-' || digits AS numeric)
  AS numeric(38, 12))
END;
