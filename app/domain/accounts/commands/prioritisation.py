"""How the thresholds of the quadrants are set."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.contract.prioritisation import PrioritisationBasis, SetPrioritisation
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency

define(
    "nothing_to_prioritise",
    Conflict,
    "No account has both potential and win probability",
    "Aucun compte n'a à la fois un potentiel et une probabilité de gain",
    "Fill in both figures for some accounts, or choose fixed thresholds.",
)


@command(
    Kind.COLLECTION,
    "account",
    needs="accounts:prioritise",
    body=SetPrioritisation,
    action="prioritise",
    answers="prioritisation",
)
async def set_prioritisation(tx: Tx, body: SetPrioritisation) -> UUID:
    """Set the thresholds of the quadrants, fixed or as the medians over all accounts in the organisation's currency.

    Medians are computed now and kept: accounts that change later are sorted by the same thresholds until they are set
    again.
    """
    mix = body.target_mix
    if mix and mix.priority + mix.big_bet + mix.quick_win + mix.deprioritised != 1:
        raise refuse("invalid_input", "The shares of the target mix must add up to 1.", pointer="/target_mix")
    currency = await reporting_currency(tx)
    potential, chance = body.potential_threshold, body.win_probability_threshold
    if body.basis is PrioritisationBasis.FIXED:
        if potential is None or chance is None:
            missing = "potential_threshold" if potential is None else "win_probability_threshold"
            raise refuse("invalid_input", "Fixed thresholds need both values.", pointer=f"/{missing}")
    elif potential is not None or chance is not None:
        given = "potential_threshold" if potential is not None else "win_probability_threshold"
        raise refuse("invalid_input", "Medians are computed; give values only with fixed.", pointer=f"/{given}")
    else:
        row = (await tx.rows(_MEDIANS, currency=currency))[0]
        potential, chance = row["potential"], row["chance"]
        if potential is None:
            raise refuse("nothing_to_prioritise")
    id = await tx.value(
        "insert into prioritisation as held (org_id, basis, potential_threshold, win_probability_threshold, currency,"
        " target_mix) values (:org_id, :basis, :potential, :chance, :currency, cast(:mix as jsonb))"
        " on conflict (org_id) do update set basis = excluded.basis, currency = excluded.currency,"
        " potential_threshold = excluded.potential_threshold,"
        " win_probability_threshold = excluded.win_probability_threshold,"
        " target_mix = coalesce(excluded.target_mix, held.target_mix) returning held.id",
        basis=str(body.basis),
        potential=potential,
        chance=chance,
        currency=currency,
        mix=mix and mix.model_dump_json(),
    )
    tx.emit(
        "prioritisation.set",
        "prioritisation",
        id,
        basis=str(body.basis),
        potential_threshold=plain(potential),
        win_probability_threshold=plain(chance),
    )
    return UUID(str(id))


# The mean of the two middle values, exactly: percentile_cont would compute it in floating point.
_MEDIAN = """
select round(avg(value), {digits}) from (
  select {column} as value, row_number() over (order by {column}) as place, count(*) over () as total from counted
) ordered where place in ((total + 1) / 2, (total + 2) / 2)
"""
_MEDIANS = f"""
with counted as (
  select potential, win_probability from account
  where org_id = :org_id and currency = :currency and potential is not null and win_probability is not null
)
select ({_MEDIAN.format(column="potential", digits=4)}) as potential,
       ({_MEDIAN.format(column="win_probability", digits=6)}) as chance
"""
