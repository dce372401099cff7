-- Totals per seller and currency; lines that need attention are counted, not added. What is paid comes from the balance.
WITH told AS (
  SELECT seller_id, currency,
    CAST(COALESCE(SUM(CASE WHEN kind = 'base' THEN earning END), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS base,
    CAST(COALESCE(SUM(CASE WHEN kind = 'true_up' THEN earning END), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4))
      AS true_up,
    CAST(COALESCE(SUM(earning), CAST(0 AS DECIMAL(28, 4))) AS DECIMAL(28, 4)) AS earning,
    COUNT(*) AS lines,
    COUNT(CASE WHEN status = 'needs_attention' THEN 1 END) AS needs_attention
  FROM pay
  GROUP BY seller_id, currency
),
known AS (
  SELECT seller_id, currency FROM told
  UNION
  SELECT seller_id, currency FROM balance
)
SELECT k.seller_id, k.currency, COALESCE(t.base, CAST(0 AS DECIMAL(28, 4))) AS base,
  COALESCE(t.true_up, CAST(0 AS DECIMAL(28, 4))) AS true_up, COALESCE(t.earning, CAST(0 AS DECIMAL(28, 4))) AS earning,
  COALESCE(b.payable, CAST(0 AS DECIMAL(28, 4))) AS payable, COALESCE(t.lines, 0) AS lines,
  COALESCE(t.needs_attention, 0) AS needs_attention
FROM known k
LEFT JOIN told t ON t.seller_id = k.seller_id AND (t.currency = k.currency OR (t.currency IS NULL AND k.currency IS NULL))
LEFT JOIN balance b ON b.seller_id = k.seller_id AND b.currency = k.currency
