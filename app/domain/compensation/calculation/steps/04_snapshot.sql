-- Transactions of the window: from the start of the fiscal year, or from before it where earlier windows are read, to the
-- end of the period being paid.
SELECT t.transaction_id, t.kind, t.account_id, t.product_id, t.transaction_date, t.amount, t.margin, t.quantity,
  t.currency
FROM transaction t
JOIN target_period w ON t.transaction_date >= w.reach_start AND t.transaction_date < w.end_date
