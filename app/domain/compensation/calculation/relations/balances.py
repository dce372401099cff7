"""Relations about what was earned before: posted, kept back, taken back, drawn and owed."""

from typing import Final

from app.domain.compensation.calculation.relations.columns import Column

BALANCES: Final[dict[str, tuple[Column, ...]]] = {
    "posted": (
        Column("seller_id", "id", "who was paid"),
        Column("component_id", "id", "for which component"),
        Column("period_code", "text", "the settled period that earned it, whenever it was posted"),
        Column("amount", "amount", "earning posted; several postings for a period add up"),
    ),
    "brought": (
        Column("seller_id", "id", "who is owed"),
        Column("component_id", "id", "for which component of an earlier year"),
        Column("period_code", "text", "the period of that year that earned it"),
        Column("currency", "currency", "of the amount"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("amount", "amount", "difference to what was posted for it"),
    ),
    "adjustment": (
        Column("adjustment_id", "id", "decided, and not posted yet"),
        Column("seller_id", "id", "who is paid it"),
        Column("currency", "currency", "of the amount"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("amount", "amount", "negative takes back"),
    ),
    "holdback": (
        Column("component_id", "id", "a component that keeps part back"),
        Column("period_code", "text", "of what this period earned"),
        Column("share", "rate", "the part that is kept back"),
        Column("released", "bool", "whether its days have passed by the end of the period being paid"),
    ),
    "release": (
        Column("seller_id", "id", "whose earning"),
        Column("component_id", "id", "of which component"),
        Column("period_code", "text", "earned by which period"),
        Column("share", "attainment", "released by now, by decision or because the customer paid; 1 is all"),
    ),
    "held": (
        Column("seller_id", "id", "whose earning"),
        Column("component_id", "id", "of which component"),
        Column("period_code", "text", "earned by which period"),
        Column("currency", "currency", "of the amounts"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("earned", "amount", "posted for it"),
        Column("held", "amount", "kept back of it so far"),
        Column("released", "amount", "released of that so far"),
    ),
    "takeback": (
        Column("return_id", "id", "the return"),
        Column("transaction_id", "id", "the transaction of the year that it takes back"),
        Column("age_days", "int", "how old that was"),
        Column("amount", "amount", "taken back, above zero, in the currency of the transaction"),
        Column("original_amount", "amount", "of the transaction, above zero"),
    ),
    "clawback": (
        Column("component_id", "id", "a component that takes back what it paid for a returned transaction"),
        Column("from_day", "int", "at this age"),
        Column("to_day", "int", "and before this one"),
        Column("share", "rate", "this part of it"),
        Column("days", "int", "instead: the part of so many days that was not served", nullable=True),
    ),
    "clawed": (
        Column("seller_id", "id", "from whom"),
        Column("component_id", "id", "for which component"),
        Column("period_code", "text", "which period earned it"),
        Column("transaction_id", "id", "for which transaction"),
        Column("amount", "amount", "taken back so far"),
    ),
    "brought_back": (
        Column("seller_id", "id", "who owes it"),
        Column("component_id", "id", "for which component of an earlier year"),
        Column("period_code", "text", "the period of that year that earned it"),
        Column("transaction_id", "id", "for which transaction"),
        Column("currency", "currency", "of the amount"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("amount", "amount", "what more is taken back"),
    ),
    "draw": (
        Column("seller_id", "id", "who draws"),
        Column("currency", "currency", "of the amounts"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("guarantee", "amount", "the least that is paid for the period and never owed"),
        Column("advance", "amount", "the least that is paid beyond that, and owed as far as it was not earned"),
        Column("recovery_share", "rate", "the largest part of what is earned beyond both that recovers advances"),
        Column("forgive", "bool", "whether what is still owed of advances is given up after the period"),
    ),
    "owed": (
        Column("seller_id", "id", "who owes"),
        Column("currency", "currency", "of the amounts"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("draw", "amount", "advances that earnings have not covered"),
        Column("debt", "amount", "clawbacks, and pay below zero that was carried forward"),
    ),
}
