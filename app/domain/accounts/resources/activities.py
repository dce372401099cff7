"""What can be read of activities, and of how visits kept to their plan."""

from datetime import date

from app.domain.accounts.contract.activities import ActivityView, VisitAdherenceView
from app.domain.kernel.resource import LinkFrom, Many, One, Param, Resource, Visible, by_seller

_OWNER = "(select held.owner_id from account held where held.org_id = {org} and held.id = {row}.account_id)"

ACTIVITY = Resource(
    "activity",
    "activities",
    ActivityView,
    "activities:read",
    "Visits, calls, video calls, e-mails and meetings with accounts: planned, done or cancelled.",
    links={
        "account": One("account", "{row}.account_id"),
        "seller": One("seller", "{row}.seller_id", "The seller who does it."),
        "contact": One("contact", "{row}.contact_id", "The person it is with."),
        "opportunity": One("opportunity", "{row}.opportunity_id", "The deal it serves."),
    },
    filters=(
        "account_id",
        "seller_id",
        "contact_id",
        "opportunity_id",
        "kind",
        "state",
        "planned_on",
        "done_on",
        "created_at",
        "updated_at",
    ),
    sorts=("planned_on", "done_on", "created_at"),
    sort="-created_at",
    search=("subject", "outcome"),
    visible=Visible(f"({by_seller('{row}.seller_id').rule} or {by_seller(_OWNER).rule})"),
    machine="activity",
)

_VISITS = """(
  select cast(md5(seller.id || cast(counted.month as text)) as uuid) as id, seller.id as seller_id,
         seller.name as seller_name, counted.*,
         round(cast(counted.done as numeric) / nullif(counted.planned, 0), 6) as adherence
  from (
    select visit.seller_id as of_seller,
           cast(date_trunc('month', coalesce(visit.planned_on, visit.done_on)) as date) as month,
           count(visit.planned_on) as planned,
           count(visit.planned_on) filter (where visit.state = 'done') as done,
           count(visit.planned_on) filter (where visit.state = 'cancelled') as cancelled,
           count(visit.planned_on) filter (where visit.state = 'planned') as still_open,
           count(*) filter (where visit.planned_on is null) as done_unplanned
    from activity visit
    where visit.org_id = {org} and visit.kind = 'visit'
      and coalesce(visit.planned_on, visit.done_on) >= coalesce({from}, '-infinity')
      and coalesce(visit.planned_on, visit.done_on) < coalesce({to}, 'infinity')
    group by 1, 2
  ) counted
  join seller on seller.org_id = {org} and seller.id = counted.of_seller
)"""

VISIT_ADHERENCE = Resource(
    "visit_adherence",
    "visit_adherence",
    VisitAdherenceView,
    "activities:read",
    "Planned against done visits per seller and month.",
    source=_VISITS,
    links={"seller": One("seller", "{row}.seller_id")},
    filters=("seller_id", "month", "adherence"),
    sorts=("month", "seller_name", "adherence"),
    sort="-month",
    visible=by_seller("{row}.seller_id"),
    params={
        "from": Param(date, "First day that counts; without it there is no limit."),
        "to": Param(date, "First day that no longer counts; without it there is no limit."),
    },
    versioned=False,
)

ACTIVITIES_OF_ACCOUNT = LinkFrom(
    "account",
    "activities",
    Many("activity", "{other}.account_id = {row}.id", "-created_at", "Visits, calls and the like with it."),
)
ACTIVITIES_OF_SELLER = LinkFrom(
    "seller",
    "activities",
    Many("activity", "{other}.seller_id = {row}.id", "-created_at", "What it does."),
)
ACTIVITIES_OF_CONTACT = LinkFrom(
    "contact",
    "activities",
    Many("activity", "{other}.contact_id = {row}.id", "-done_on", "Visits, calls and the like with the person."),
)
ACTIVITIES_OF_OPPORTUNITY = LinkFrom(
    "opportunity",
    "activities",
    Many("activity", "{other}.opportunity_id = {row}.id", "-created_at", "What was done for it."),
)
