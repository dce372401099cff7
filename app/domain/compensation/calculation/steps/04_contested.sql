-- Accounts for which it depends on the day or the product which rule credits: their transactions are decided one by one.
SELECT account_id
FROM named
GROUP BY account_id
HAVING MIN(rule_ordinal) < MAX(rule_ordinal) OR COUNT(CASE WHEN some_products THEN 1 END) > 0
