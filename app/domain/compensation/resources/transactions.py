"""Transactions, as they can be read."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.transactions import DATE_IN_CLOSED_PERIOD, LATE_REMEDY, TransactionView
from app.domain.compensation.terms.words import quoted
from app.domain.kernel.resource import (
    IN_LINE,
    Filter,
    LinkFrom,
    Many,
    One,
    Resource,
    Visible,
    external_id_filter,
    external_ids_of,
)

_IN_ENGLISH, _IN_FRENCH = (f"format({quoted(text)}, closed.code)" for text in (LATE_REMEDY.en, LATE_REMEDY.fr))
_NOTICES = (
    "coalesce((select jsonb_build_array(jsonb_build_object("
    f"'code', '{DATE_IN_CLOSED_PERIOD}', 'pointer', '/transaction_date',"
    f" 'period_id', closed.id, 'period_code', closed.code, 'detail', {_IN_ENGLISH},"
    f" 'in_words', jsonb_build_object('en', {_IN_ENGLISH}, 'fr', {_IN_FRENCH})))"
    " from fiscal_period closed where closed.org_id = {org} and closed.id = {row}.closed_period_id),"
    " jsonb_build_array())"
)
_CREDITED = (
    "exists (select from transaction_split s where s.org_id = {org} and s.transaction_id = {row}.id and "
    + IN_LINE.format(column="s.seller_id", on="{today}")
    + ")"
)
_OWNED = (
    "exists (select from account a where a.org_id = {org} and a.id = {row}.account_id and "
    + IN_LINE.format(column="a.owner_id", on="{today}")
    + ")"
)

TRANSACTION = Resource(
    "transaction",
    "transactions",
    TransactionView,
    "transactions:read",
    "Transactions: bookings, invoices, payments and returns.",
    columns={
        "splits": "coalesce((select jsonb_agg(jsonb_build_object('seller_id', s.seller_id,"
        " 'share', decimal_text(s.cum_hi - s.cum_lo)) order by s.ordinal) from transaction_split s"
        " where s.org_id = {org} and s.transaction_id = {row}.id), jsonb_build_array())",
        "superseded": "exists (select from transaction later where later.org_id = {org}"
        " and later.supersedes_id = {row}.id)",
        "external_ids": external_ids_of("transaction"),
        "notices": _NOTICES,
    },
    links={
        "account": One("account", "{row}.account_id"),
        "product": One("product", "{row}.product_id"),
        "opportunity": One("opportunity", "{row}.opportunity_id"),
        "returns": One("transaction", "{row}.returns_id", "The transaction that this return takes back."),
        "closed_period": One("fiscal_period", "{row}.closed_period_id", "The closed period it came too late for."),
        "supersedes": One("transaction", "{row}.supersedes_id", "The transaction this one corrects."),
    },
    filters=(
        "kind",
        "account_id",
        "product_id",
        "opportunity_id",
        "returns_id",
        "transaction_date",
        "amount",
        "superseded",
        "recorded_at",
        Filter(
            "seller_id",
            list[UUID],
            "{row}.id in (select s.transaction_id from transaction_split s where s.org_id = {org}"
            " and s.seller_id = any({value}))",
            "Sellers the transaction itself credits.",
        ),
        Filter(
            "late",
            bool,
            "({row}.closed_period_id is not null) = {value}",
            "Whether it came too late for a period that was closed when it was recorded.",
        ),
        Filter(
            "closed_period_id",
            list[UUID],
            "{row}.closed_period_id = any({value})",
            "Closed periods it came too late for.",
        ),
        external_id_filter("transaction"),
    ),
    sorts=("transaction_date", "recorded_at"),
    visible=Visible(f"({_CREDITED} or {_OWNED})"),
    versioned=False,
    external_ids=True,
)

ACCOUNT_TRANSACTIONS = LinkFrom(
    "account",
    "transactions",
    Many("transaction", "{other}.account_id = {row}.id", "-transaction_date", "What it bought."),
)
