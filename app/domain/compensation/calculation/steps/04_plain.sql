-- The dates on which an account that is not contested is credited in full to somebody for whom it counts: its
-- transactions of those days need not be looked at for what is missing.
SELECT n.account_id, n.valid_from, n.valid_to
FROM named n
WHERE NOT EXISTS (SELECT 1 FROM contested c WHERE c.account_id = n.account_id)
GROUP BY n.account_id, n.source_id, n.valid_from, n.valid_to
HAVING MAX(n.cum_hi) = 1 AND COUNT(CASE WHEN n.entitled THEN 1 END) > 0
