"""What can be read of references, testimonials and referrals, and of their uses."""

from app.domain.accounts.contract.references import ReferenceUseView, ReferenceView
from app.domain.accounts.queries import account_owner
from app.domain.kernel.resource import LinkFrom, Many, One, Resource, by_seller

_FREE_ON = "(case when {row}.state = 'agreed' then reference_free_on({org}, {row}.id, {today}) end)"
_THERE = (
    "not exists (select from contact person where person.org_id = {org} and person.id = {row}.contact_id"
    " and person.left_on <= {today})"
)

REFERENCE = Resource(
    "reference",
    "references",
    ReferenceView,
    "accounts:read",
    "References, testimonials and referrals: asked for, given, used, and which of them may be used today.",
    columns={
        "available": f"({{row}}.state = 'agreed' and {_THERE} and {_FREE_ON} = {{today}})",
        "free_on": _FREE_ON,
        "use_count": "(select count(*) from reference_use used"
        " where used.org_id = {org} and used.reference_id = {row}.id)",
    },
    links={
        "account": One("account", "{row}.account_id", "The account that is asked."),
        "contact": One("contact", "{row}.contact_id", "The person who is asked."),
        "product": One("product", "{row}.product_id", "What it is about."),
        "target_account": One("account", "{row}.target_account_id", "The unit to be introduced to."),
        "target_contact": One("contact", "{row}.target_contact_id", "The person to be introduced to."),
        "uses": Many("reference_use", "{other}.reference_id = {row}.id", "-used_on", "When it was used for whom."),
    },
    filters=(
        "kind",
        "state",
        "available",
        "account_id",
        "contact_id",
        "product_id",
        "target_account_id",
        "target_contact_id",
        "outcome",
        "created_at",
        "updated_at",
    ),
    sorts=("created_at",),
    sort="-created_at",
    search=("subject",),
    visible=by_seller(account_owner("{row}.account_id")),
    machine="reference",
)

REFERENCE_USE = Resource(
    "reference_use",
    "reference_uses",
    ReferenceUseView,
    "accounts:read",
    "For whom references were used, when, and what came of it; seen with the reference.",
    links={
        "reference": One("reference", "{row}.reference_id"),
        "account": One("account", "{row}.account_id", "The account it was used for."),
        "opportunity": One("opportunity", "{row}.opportunity_id", "The deal it was used for."),
    },
    filters=("reference_id", "account_id", "opportunity_id", "used_on", "outcome"),
    sorts=("used_on",),
    sort="-used_on",
    visible=by_seller(
        account_owner(
            "(select used.account_id from reference used where used.org_id = {org} and used.id = {row}.reference_id)"
        )
    ),
)

REFERENCES_OF_ACCOUNT = LinkFrom(
    "account",
    "references",
    Many("reference", "{other}.account_id = {row}.id", "-created_at", "What it was asked for."),
)
USES_FOR_OPPORTUNITY = LinkFrom(
    "opportunity",
    "reference_uses",
    Many("reference_use", "{other}.opportunity_id = {row}.id", "-used_on", "References used for it."),
)
