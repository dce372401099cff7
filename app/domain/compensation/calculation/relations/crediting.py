"""Relations about transactions, and about who is credited with them."""

from typing import Final

from app.domain.compensation.calculation.relations.columns import FROM, TO, Column

_LO = Column("cum_lo", "rate", "where this share begins; shares tile from 0, to 1 unless a territory is partly vacant")
_HI = Column("cum_hi", "rate", "where this share ends")

RULE_KINDS: Final = ("explicit_split", "territory_coverage", "account_owner", "named_overlay", "product_specialist")
CREDITING: Final[dict[str, tuple[Column, ...]]] = {
    "transaction": (
        Column("transaction_id", "id", "an effective transaction, not a superseded one"),
        Column(
            "kind",
            "text",
            "what happened; a takeback is a return that names the transaction it takes back",
            values=("booking", "invoice", "payment", "return", "takeback"),
        ),
        Column("account_id", "id", "who bought; empty credits only by explicit split", nullable=True),
        Column("product_id", "id", "what was bought", nullable=True),
        Column("transaction_date", "date", "the trigger date"),
        Column("amount", "amount", "revenue; negative for a return"),
        Column("margin", "amount", "margin in the same currency; empty means unknown", nullable=True),
        Column("quantity", "amount", "units sold; empty means unknown", nullable=True),
        Column("currency", "currency", "of the amount"),
    ),
    "trait": (
        Column("transaction_id", "id", "a transaction of which more is known; where some component asks"),
        Column("renewal", "bool", "whether it prolongs a contract; others do not"),
        Column("term_months", "int", "how long its contract runs", nullable=True),
        Column("discount", "rate", "the discount given", nullable=True),
    ),
    "label": (
        Column("transaction_id", "id", "a transaction; where some component asks for labels"),
        Column("label", "text", "one of its labels"),
    ),
    "explicit_split": (
        Column("transaction_id", "id", "the transaction that names its sellers itself"),
        Column("ordinal", "int", "place in the split"),
        Column("seller_id", "id", "who is credited"),
        _LO,
        _HI,
    ),
    "membership": (
        Column("account_id", "id", "the account"),
        Column("territory_id", "id", "the one territory it belongs to"),
        FROM,
        TO,
    ),
    "coverage": (
        Column("territory_id", "id", "the territory"),
        Column("ordinal", "int", "place in the split of the territory"),
        Column("seller_id", "id", "who covers it"),
        _LO,
        _HI,
        FROM,
        TO,
    ),
    "account_owner": (
        Column("account_id", "id", "the account"),
        Column("seller_id", "id", "its owner"),
        FROM,
        TO,
    ),
    "crediting_rule": (
        Column("rule_id", "id", "the rule"),
        Column("ordinal", "int", "order of precedence, from 1: the first direct rule that names somebody wins"),
        Column("kind", "text", "how it finds sellers; the last two are overlays", values=RULE_KINDS),
        Column("some_products", "bool", "true: only for the products in rule_product"),
        Column("some_accounts", "bool", "true: only for the accounts in rule_account"),
        FROM,
        TO,
    ),
    "rule_product": (
        Column("rule_id", "id", "a rule for some products"),
        Column("product_id", "id", "one of them"),
    ),
    "rule_account": (
        Column("rule_id", "id", "a rule for some accounts"),
        Column("account_id", "id", "one of them"),
    ),
    "overlay": (
        Column("assignment_id", "id", "the assignment; one for several territories or products has a row for each"),
        Column("rule_id", "id", "the overlay rule it belongs to"),
        Column("ordinal", "int", "narrower assignments first: of two that name the same seller the first counts"),
        Column("seller_id", "id", "who is credited beside the direct credit"),
        Column("account_id", "id", "for this account only", nullable=True),
        Column("territory_id", "id", "for this territory only", nullable=True),
        Column("product_id", "id", "for this product only; one of the three is given", nullable=True),
        Column("share", "rate", "of the transaction, above 0 and at most 1"),
        FROM,
        TO,
    ),
    "manual_credit": (
        Column("credit_id", "id", "the decision"),
        Column("transaction_id", "id", "the transaction"),
        Column("mode", "text", "instead of the rules or beside them", values=("instead", "in_addition", "overlay")),
        Column("ordinal", "int", "place in the decision"),
        Column("seller_id", "id", "who is credited"),
        _LO,
        _HI,
    ),
    "reporting_line": (
        Column("seller_id", "id", "who reports"),
        Column("manager_id", "id", "to whom"),
        FROM,
        TO,
    ),
}
