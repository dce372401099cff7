-- In which plan currencies whoever is named for an account is credited directly, dated: while somebody is paid on it.
-- In the order in which credits are kept, so that there is less to sort.
SELECT n.account_id, n.rule_ordinal, n.rule, n.source_id, n.split_ordinal, n.seller_id, n.cum_lo, n.cum_hi, k.currency,
  GREATEST(n.valid_from, k.valid_from) AS valid_from, LEAST(n.valid_to, k.valid_to) AS valid_to
FROM named n
JOIN entitled k ON NOT k.own AND k.seller_id = n.seller_id AND k.role = 'direct'
  AND k.valid_from < n.valid_to AND n.valid_from < k.valid_to
ORDER BY n.seller_id
