-- The dates at which what is earned to date is asked for: before and at the end of the period being paid.
SELECT start_date AS as_of FROM target_period
UNION ALL
SELECT end_date FROM target_period
