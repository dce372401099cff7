-- Totals per seller and currency; lines that need attention are counted, not added.
SELECT seller_id, currency,
  CAST(COALESCE(SUM(CASE WHEN kind = 'base' THEN earning END), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS base,
  CAST(COALESCE(SUM(CASE WHEN kind = 'true_up' THEN earning END), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4))
    AS true_up,
  CAST(COALESCE(SUM(earning), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS earning,
  COUNT(*) AS lines,
  COUNT(CASE WHEN status = 'needs_attention' THEN 1 END) AS needs_attention
FROM pay
GROUP BY seller_id, currency
