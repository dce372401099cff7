-- Transactions that somebody is named for by more than one rule, by a split of their own or by decision.
SELECT s.transaction_id
FROM snapshot s
JOIN contested a ON a.account_id = s.account_id AND s.transaction_date >= a.valid_from AND s.transaction_date < a.valid_to
UNION
SELECT s.transaction_id FROM snapshot s JOIN explicit_split x ON x.transaction_id = s.transaction_id
UNION
SELECT s.transaction_id FROM snapshot s JOIN manual_credit m ON m.transaction_id = s.transaction_id
