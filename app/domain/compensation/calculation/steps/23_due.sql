-- What is owed for every component and pay period: the lines of this year, and the differences of earlier ones.
SELECT l.seller_id, l.component_id, l.origin, l.currency, l.minor_digits,
  CAST(SUM(l.amount) AS DECIMAL(28, 4)) AS amount
FROM (
  SELECT p.seller_id, p.component_id, p.origin, p.currency, c.minor_digits, p.earning AS amount
  FROM pay p
  JOIN component c ON c.component_id = p.component_id
  WHERE p.status = 'ok'
  UNION ALL
  SELECT b.seller_id, b.component_id, b.period_code, b.currency, b.minor_digits, CAST(b.amount AS DECIMAL(28, 4))
  FROM brought b
) l
GROUP BY l.seller_id, l.component_id, l.origin, l.currency, l.minor_digits
