-- What of a credit counts where each transaction is looked at: restrictions, windfalls, components paid by transaction.
-- Of a windfall counts the share of what its rule leaves of the whole (4 places), of its margin that part (12, then 4).
-- An amortised one counts in equal parts over months, beginning with its own; what would fall after the fiscal year
-- counts in its last month.
WITH sized AS (
  SELECT c.transaction_id, c.kind, c.role, c.rule_ordinal, c.source_id, c.split_ordinal, c.seller_id, c.credit_date,
    c.currency, c.amount, c.margin, c.quantity, c.deals, s.product_id, s.account_id,
    CASE
      WHEN s.currency = c.currency THEN CAST(ABS(s.amount) AS DECIMAL(28, 4))
      ELSE CAST(ROUND(CAST(CAST(ABS(s.amount) AS DECIMAL(38, 4)) * f.rate AS DECIMAL(38, 13)), 4) AS DECIMAL(28, 4))
    END AS size
  FROM credit c
  JOIN snapshot s ON s.transaction_id = c.transaction_id
  LEFT JOIN fx_rate f ON f.from_currency = s.currency AND f.to_currency = c.currency
    AND c.credit_date >= f.valid_from AND c.credit_date < f.valid_to
  WHERE EXISTS (SELECT 1 FROM counting f WHERE f.single)
),
matched AS (
  SELECT f.counting_id, f.windfall_months, c.transaction_id, c.role, c.rule_ordinal, c.source_id, c.split_ordinal,
    c.seller_id, c.credit_date, c.currency, c.amount, c.margin, c.quantity, c.deals, c.size,
    CASE WHEN c.size > f.windfall_above THEN
      CASE f.windfall
        WHEN 'cap' THEN CAST(f.windfall_above AS DECIMAL(38, 10))
        WHEN 'split' THEN CAST(f.windfall_above + CAST(CAST(c.size - f.windfall_above AS DECIMAL(38, 4))
          * f.windfall_share AS DECIMAL(38, 10)) AS DECIMAL(38, 10))
        WHEN 'exclude' THEN CAST(0 AS DECIMAL(38, 10))
      END
    END AS counted_size,
    CASE WHEN f.windfall = 'amortise' AND c.size > f.windfall_above THEN 1 ELSE 0 END AS amortised
  FROM sized c
  JOIN counting f ON f.single
    AND (c.kind = f.trigger OR c.kind = 'return' OR (c.kind = 'takeback' AND NOT f.claws_back))
    AND (f.minimum_deal IS NULL OR c.size IS NULL OR c.size >= f.minimum_deal)
  LEFT JOIN counted_product p ON p.counting_id = f.counting_id AND p.product_id = c.product_id
  LEFT JOIN counted_account a ON a.counting_id = f.counting_id AND a.account_id = c.account_id
  WHERE (f.all_products OR p.product_id IS NOT NULL) AND (f.all_accounts OR a.account_id IS NOT NULL)
),
part AS (
  SELECT m.counting_id, m.transaction_id, m.role, m.rule_ordinal, m.source_id, m.split_ordinal, m.seller_id, m.currency,
    CASE WHEN later.ordinal = own.ordinal THEN m.credit_date ELSE later.start_date END AS credit_date,
    later.ordinal - own.ordinal AS place, m.windfall_months,
    CASE WHEN later.ordinal = n.months THEN 1 ELSE 0 END AS last_month, m.amount, m.margin, m.quantity, m.deals
  FROM matched m
  JOIN period own ON m.credit_date >= own.start_date AND m.credit_date < own.end_date
  JOIN period later ON later.fiscal_year = own.fiscal_year AND later.ordinal >= own.ordinal
    AND later.ordinal < own.ordinal + m.windfall_months
  JOIN (SELECT fiscal_year, MAX(ordinal) AS months FROM period GROUP BY fiscal_year) n
    ON n.fiscal_year = own.fiscal_year
  WHERE m.amortised = 1
)
SELECT m.counting_id, m.transaction_id, m.role, m.rule_ordinal, m.source_id, m.split_ordinal, m.seller_id, m.currency,
  m.credit_date,
  CASE WHEN m.counted_size IS NULL THEN m.amount
    ELSE CAST(ROUND(CAST(CAST(m.counted_size AS DECIMAL(38, 10))
      * CASE WHEN m.amount < 0 THEN -ABS(m.deals) ELSE ABS(m.deals) END AS DECIMAL(38, 16)), 4) AS DECIMAL(28, 4))
  END AS amount,
  CASE WHEN m.counted_size IS NULL THEN m.margin
    ELSE CAST(ROUND(CAST(CAST(m.margin AS DECIMAL(38, 4))
      * CAST(div(m.counted_size, m.size, 12) AS DECIMAL(18, 12)) AS DECIMAL(38, 16)), 4) AS DECIMAL(28, 4))
  END AS margin,
  CASE WHEN m.counted_size = 0 THEN CAST(0 AS DECIMAL(28, 4)) ELSE m.quantity END AS quantity,
  CASE WHEN m.counted_size = 0 THEN CAST(0 AS DECIMAL(9, 6)) ELSE m.deals END AS deals
FROM matched m
WHERE m.amortised = 0
UNION ALL
SELECT t.counting_id, t.transaction_id, t.role, t.rule_ordinal, t.source_id, t.split_ordinal, t.seller_id, t.currency,
  t.credit_date,
  CAST(
    CASE WHEN t.last_month = 1 THEN t.amount
      ELSE CAST(ROUND(CAST(prorate(t.amount, t.place + 1, t.windfall_months) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4))
    END
    - ROUND(CAST(prorate(t.amount, t.place, t.windfall_months) AS DECIMAL(38, 10)), 4)
  AS DECIMAL(28, 4)),
  CAST(
    CASE WHEN t.last_month = 1 THEN t.margin
      ELSE CAST(ROUND(CAST(prorate(t.margin, t.place + 1, t.windfall_months) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4))
    END
    - ROUND(CAST(prorate(t.margin, t.place, t.windfall_months) AS DECIMAL(38, 10)), 4)
  AS DECIMAL(28, 4)),
  CASE WHEN t.place = 0 THEN t.quantity ELSE CAST(0 AS DECIMAL(28, 4)) END,
  CASE WHEN t.place = 0 THEN t.deals ELSE CAST(0 AS DECIMAL(9, 6)) END
FROM part t
