-- What of a credit counts where each transaction is looked at: restrictions, windfalls, components paid by transaction.
-- Of a windfall counts the share of what its rule leaves of the whole (4 places), of its margin that part (12, then 4).
-- An amortised one counts in equal parts over months, beginning with its own; what would fall after the fiscal year
-- counts in its last month. Of a contract of more than twelve months, where it is annualised, counts its part of twelve
-- months (4 places, deals whole). What counts is weighted by the first weight that the transaction is like (4 places,
-- deals 6). The customer is told where customers are counted.
WITH sized AS (
  SELECT c.transaction_id, c.kind, c.role, c.rule_ordinal, c.source_id, c.split_ordinal, c.seller_id, c.credit_date,
    c.currency, c.amount, c.margin, c.quantity, c.deals, s.product_id, s.account_id,
    COALESCE(t.renewal, FALSE) AS renewal, t.term_months, t.discount,
    CASE
      WHEN s.currency = c.currency THEN CAST(ABS(s.amount) AS DECIMAL(28, 4))
      ELSE CAST(ROUND(CAST(CAST(ABS(s.amount) AS DECIMAL(38, 4)) * f.rate AS DECIMAL(38, 13)), 4) AS DECIMAL(28, 4))
    END AS size
  FROM credit c
  JOIN snapshot s ON s.transaction_id = c.transaction_id
  LEFT JOIN trait t ON t.transaction_id = c.transaction_id
  LEFT JOIN fx_rate f ON f.from_currency = s.currency AND f.to_currency = c.currency
    AND c.credit_date >= f.valid_from AND c.credit_date < f.valid_to
  WHERE EXISTS (SELECT 1 FROM counting f WHERE f.single)
),
labelled AS (
  SELECT a.counting_id, a.ordinal, l.transaction_id, MAX(CASE WHEN a.wanted THEN 1 ELSE 0 END) AS wanted,
    MAX(CASE WHEN a.wanted THEN 0 ELSE 1 END) AS unwanted
  FROM asked_label a
  JOIN label l ON l.label = a.label
  GROUP BY a.counting_id, a.ordinal, l.transaction_id
),
matched AS (
  SELECT f.counting_id, f.windfall_months, c.transaction_id, c.role, c.rule_ordinal, c.source_id, c.split_ordinal,
    c.seller_id, c.credit_date, c.currency, c.amount, c.margin, c.quantity, c.deals, c.size, c.product_id, c.renewal,
    c.term_months, c.discount,
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
    AND (f.counted_from IS NULL OR c.credit_date >= f.counted_from)
    AND (f.counted_to IS NULL OR c.credit_date < f.counted_to)
    AND (f.renewal IS NULL OR f.renewal = c.renewal)
    AND (f.term_from IS NULL OR c.term_months >= f.term_from) AND (f.term_to IS NULL OR c.term_months < f.term_to)
    AND (f.discount_from IS NULL OR c.discount >= f.discount_from)
    AND (f.discount_to IS NULL OR c.discount < f.discount_to)
  LEFT JOIN counted_product p ON p.counting_id = f.counting_id AND p.product_id = c.product_id
  LEFT JOIN counted_account a ON a.counting_id = f.counting_id AND a.account_id = c.account_id
  LEFT JOIN labelled l ON l.counting_id = f.counting_id AND l.ordinal = 0 AND l.transaction_id = c.transaction_id
  WHERE (f.all_products OR p.product_id IS NOT NULL) AND (f.all_accounts OR a.account_id IS NOT NULL)
    AND (f.all_labels OR l.wanted = 1) AND COALESCE(l.unwanted, 0) = 0
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
),
weighed AS (
  SELECT m.counting_id, m.transaction_id, MIN(w.ordinal) AS ordinal
  FROM matched m
  JOIN weight w ON w.counting_id = m.counting_id AND (w.renewal IS NULL OR w.renewal = m.renewal)
    AND (w.term_from IS NULL OR m.term_months >= w.term_from) AND (w.term_to IS NULL OR m.term_months < w.term_to)
    AND (w.discount_from IS NULL OR m.discount >= w.discount_from)
    AND (w.discount_to IS NULL OR m.discount < w.discount_to)
  LEFT JOIN weight_product p ON p.counting_id = w.counting_id AND p.ordinal = w.ordinal AND p.product_id = m.product_id
  LEFT JOIN labelled l ON l.counting_id = w.counting_id AND l.ordinal = w.ordinal AND l.transaction_id = m.transaction_id
  WHERE (w.all_products OR p.product_id IS NOT NULL) AND (w.all_labels OR l.wanted = 1) AND COALESCE(l.unwanted, 0) = 0
  GROUP BY m.counting_id, m.transaction_id
),
whole AS (
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
),
annual AS (
  SELECT n.counting_id, n.transaction_id, n.role, n.rule_ordinal, n.source_id, n.split_ordinal, n.seller_id, n.currency,
    n.credit_date, n.deals,
    CASE WHEN t.term_months IS NULL THEN n.amount
      ELSE CAST(ROUND(CAST(prorate(n.amount, 12, t.term_months) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END AS amount,
    CASE WHEN t.term_months IS NULL THEN n.margin
      ELSE CAST(ROUND(CAST(prorate(n.margin, 12, t.term_months) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END AS margin,
    CASE WHEN t.term_months IS NULL THEN n.quantity
      ELSE CAST(ROUND(CAST(prorate(n.quantity, 12, t.term_months) AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END
      AS quantity
  FROM whole n
  JOIN counting f ON f.counting_id = n.counting_id
  LEFT JOIN trait t ON t.transaction_id = n.transaction_id AND t.term_months > 12 AND f.annualised
)
SELECT n.counting_id, n.transaction_id, n.role, n.rule_ordinal, n.source_id, n.split_ordinal, n.seller_id, n.currency,
  n.credit_date, s.account_id AS customer_id,
  CASE WHEN w.factor IS NULL THEN n.amount
    ELSE CAST(ROUND(CAST(CAST(n.amount AS DECIMAL(38, 4)) * w.factor AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END AS amount,
  CASE WHEN w.factor IS NULL THEN n.margin
    ELSE CAST(ROUND(CAST(CAST(n.margin AS DECIMAL(38, 4)) * w.factor AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END AS margin,
  CASE WHEN w.factor IS NULL THEN n.quantity
    ELSE CAST(ROUND(CAST(CAST(n.quantity AS DECIMAL(38, 4)) * w.factor AS DECIMAL(38, 10)), 4) AS DECIMAL(28, 4)) END
    AS quantity,
  CASE WHEN w.factor IS NULL THEN n.deals
    ELSE CAST(ROUND(CAST(CAST(n.deals AS DECIMAL(38, 6)) * w.factor AS DECIMAL(38, 12)), 6) AS DECIMAL(9, 6)) END AS deals
FROM annual n
LEFT JOIN weighed g ON g.counting_id = n.counting_id AND g.transaction_id = n.transaction_id
LEFT JOIN weight w ON w.counting_id = g.counting_id AND w.ordinal = g.ordinal
LEFT JOIN counting f ON f.counting_id = n.counting_id AND f.customers
LEFT JOIN snapshot s ON s.transaction_id = n.transaction_id AND f.customers
