-- What moves on the balances of sellers, one row per kind, as it is posted; above zero raises pay or what is owed.
SELECT m.seller_id, m.currency, m.kind, m.component_id, m.origin, m.transaction_id, m.amount
FROM (
  SELECT seller_id, currency, 'clawback' AS kind, component_id, origin, transaction_id, amount FROM taken_back
  UNION ALL
  SELECT seller_id, currency, 'holdback', component_id, origin, NULL, kept_back FROM holdback_movement
  UNION ALL
  SELECT seller_id, currency, 'release', component_id, origin, NULL, released FROM holdback_movement
  UNION ALL
  SELECT seller_id, currency, 'guarantee', NULL, NULL, NULL, topped_up FROM balance
  UNION ALL
  SELECT seller_id, currency, 'draw_advance', NULL, NULL, NULL, advanced FROM balance
  UNION ALL
  SELECT seller_id, currency, 'draw_recovery', NULL, NULL, NULL, CAST(0 AS DECIMAL(28, 4)) - draw_recovered FROM balance
  UNION ALL
  SELECT seller_id, currency, 'draw_forgiveness', NULL, NULL, NULL, forgiven FROM balance
  UNION ALL
  SELECT seller_id, currency, 'carried', NULL, NULL, NULL, carried FROM balance
  UNION ALL
  SELECT seller_id, currency, 'recovery', NULL, NULL, NULL, CAST(0 AS DECIMAL(28, 4)) - debt_recovered FROM balance
) m
WHERE m.amount <> CAST(0 AS DECIMAL(28, 4))
