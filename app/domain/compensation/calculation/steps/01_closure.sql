-- Everybody under a manager, at any depth, with the dates; depth 0 is the seller itself.
WITH RECURSIVE below (seller_id, manager_id, depth, valid_from, valid_to) AS (
  SELECT s.seller_id, s.seller_id, 0, CAST('0001-01-01' AS DATE), CAST('9999-12-31' AS DATE)
  FROM (SELECT DISTINCT seller_id FROM participant) s
  UNION ALL
  SELECT r.seller_id, b.manager_id, b.depth + 1,
    GREATEST(b.valid_from, r.valid_from), LEAST(b.valid_to, r.valid_to)
  FROM below b
  JOIN reporting_line r ON r.manager_id = b.seller_id
    AND r.valid_from < b.valid_to AND b.valid_from < r.valid_to
  WHERE b.depth < 50
)
SELECT manager_id, seller_id, depth, valid_from, valid_to FROM below
