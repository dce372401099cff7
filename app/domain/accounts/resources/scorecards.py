"""What can be read of scorecards, ratings and scores."""

from app.domain.accounts.contract.scorecards import (
    AccountClass,
    AccountRatingView,
    AccountScoreView,
    ScorecardView,
)
from app.domain.accounts.figures import exact_ratio
from app.domain.kernel.resource import Filter, LinkFrom, Many, One, Resource, by_seller

_OF_ACCOUNTS_OWNER = by_seller(
    "(select scored.owner_id from account scored where scored.org_id = {org} and scored.id = {row}.account_id)"
)
_PRESENT = (
    "(select card.id from scorecard card where card.org_id = {org} and card.state = 'published'"
    " and card.scored_at is not null order by card.scored_at desc, card.id desc limit 1)"
)
"""The scorecard that counts where one is meant: of those published, the one scored last."""
# The row keeps what was found, the scorecard what was asked; points are shares of the weights that count.
_CONTRIBUTIONS = f"""coalesce((
  select jsonb_agg(jsonb_build_object(
    'criterion', asked ->> 'code', 'name', asked ->> 'name', 'kind', asked ->> 'kind', 'figure', asked ->> 'figure',
    'value', decimal_text(value), 'sub_score', decimal_text(sub_score), 'weight', asked ->> 'weight',
    'points', decimal_text({exact_ratio("100 * weight * sub_score", "total")}), 'missing', missing) order by place)
  from (
    select *, sum(weight) filter (where sub_score is not null) over () as total
    from (
      select criterion.place, criterion.asked, cast(criterion.asked ->> 'weight' as numeric) as weight,
             {{row}}.found[criterion.place] as value, {{row}}.counted[criterion.place] as sub_score,
             {{row}}.missing[criterion.place] as missing
      from (
        select listed.place, listed.asked
        from scorecard card, jsonb_array_elements(card.criteria) with ordinality listed(asked, place)
        where card.org_id = {{org}} and card.id = {{row}}.scorecard_id
      ) criterion
    ) found
  ) shared
), jsonb_build_array())"""

SCORECARD = Resource(
    "scorecard",
    "scorecards",
    ScorecardView,
    "accounts:read",
    "Scorecards, version by version: weighted criteria that give every account a score and a class.",
    links={
        "scores": Many("account_score", "{other}.scorecard_id = {row}.id", "-score", "What accounts scored on it."),
    },
    filters=("code", "name", "state", "scorecard_version", "created_at", "updated_at"),
    sorts=("code", "name", "created_at"),
    sort="code",
    search=("code", "name"),
    machine="scorecard",
)

ACCOUNT_RATING = Resource(
    "account_rating",
    "account_ratings",
    AccountRatingView,
    "accounts:read",
    "Judgements of people on accounts; the latest of a criterion counts.",
    links={"account": One("account", "{row}.account_id")},
    filters=("account_id", "criterion", "rating", "rated_at"),
    visible=_OF_ACCOUNTS_OWNER,
    versioned=False,
)

ACCOUNT_SCORE = Resource(
    "account_score",
    "account_scores",
    AccountScoreView,
    "accounts:read",
    "What each account scored on a scorecard, with the contribution of every criterion.",
    columns={
        "contributions": _CONTRIBUTIONS,
        "scored_at": "(select card.scored_at from scorecard card"
        " where card.org_id = {org} and card.id = {row}.scorecard_id)",
    },
    links={
        "account": One("account", "{row}.account_id"),
        "scorecard": One("scorecard", "{row}.scorecard_id"),
    },
    filters=("account_id", "scorecard_id", "account_class", "score"),
    sorts=("score",),
    visible=_OF_ACCOUNTS_OWNER,
    versioned=False,
)

SCORE_OF_ACCOUNT = LinkFrom(
    "account",
    "score",
    One(
        "account_score",
        "(select scored.id from account_score scored where scored.org_id = {org} and scored.account_id = {row}.id"
        f" and scored.scorecard_id = {_PRESENT})",
        "Score and class on the published scorecard that was scored last.",
    ),
)
SCORES_OF_ACCOUNT = LinkFrom(
    "account", "scores", Many("account_score", "{other}.account_id = {row}.id", "-id", "Its score on every scorecard.")
)
RATINGS_OF_ACCOUNT = LinkFrom(
    "account", "ratings", Many("account_rating", "{other}.account_id = {row}.id", "-id", "How people rated it.")
)

HAS_CLASS = Filter(
    "account_class",
    AccountClass,
    "exists (select from account_score scored where scored.org_id = {org} and scored.account_id = {row}.id"
    f" and scored.scorecard_id = {_PRESENT} and scored.account_class = {{value}})",
    "Accounts of this class on the published scorecard that was scored last.",
)
"""A filter of accounts."""
