"""What accounts and opportunities can be asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from app.domain.accounts.contract import (
    ChangeOpportunityStage,
    CreateAccount,
    CreateOpportunity,
    OpportunityStage,
    PrioritisationBasis,
    SetPrioritisation,
    UpdateAccount,
    UpdateOpportunity,
)
from app.domain.accounts.rules import findings, reopens
from app.domain.accounts.tables import Account, Opportunity
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, FieldError, Invalid, define, refuse
from app.domain.kernel.external import Upserted, claim, forget, resolve, upsert
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency

define(
    "account_cycle",
    Invalid,
    "An account would stand above itself",
    "Un compte serait au-dessus de lui-même",
    "Choose a parent outside the account's own subsidiaries.",
)
define(
    "owner_required",
    Invalid,
    "The record would belong to nobody",
    "L'enregistrement n'appartiendrait à personne",
    "Name a seller of your reporting line.",
)
define(
    "nothing_to_prioritise",
    Conflict,
    "No account has both potential and win probability",
    "Aucun compte n'a à la fois un potentiel et une probabilité de gain",
    "Fill in both figures for some accounts, or choose fixed thresholds.",
)
define(
    "opportunity_incomplete",
    Invalid,
    "The opportunity does not fit its stage",
    "L'opportunité ne correspond pas à son étape",
    "Correct the listed fields: a closed one has its closing day, a won one its amount.",
)


@command(Kind.CREATE, "account", needs="accounts:write", body=CreateAccount)
async def create_account(tx: Tx, body: CreateAccount) -> UUID:
    """Add a customer or prospect. Without an owner it belongs to the seller who adds it."""
    await _see(tx, account=body.parent_id, seller=body.owner_id, at={"account": "/parent_id", "seller": "/owner_id"})
    values = body.model_dump() | {
        "owner_id": body.owner_id or _acting_seller(tx),
        "currency": body.currency or await reporting_currency(tx),
    }
    return (await tx.add(Account(org_id=tx.org_id, **values))).id


@command(Kind.UPDATE, "account", needs="accounts:write", body=UpdateAccount)
async def update_account(tx: Tx, id: UUID, body: UpdateAccount) -> None:
    """Change an account. The thresholds of the quadrants stay until they are set again."""
    await _see(tx, account=body.parent_id, seller=body.owner_id, at={"account": "/parent_id", "seller": "/owner_id"})
    if "owner_id" in body.model_fields_set and body.owner_id is None and not tx.actor.sees_all_rows:
        raise refuse("owner_required", pointer="/owner_id")
    if body.parent_id:
        await _lock_hierarchy(tx)
    merge(await tx.require(Account, id), body)
    await tx.flush()
    if body.parent_id:
        await _refuse_cycles(tx, [id])


@command(Kind.DELETE, "account", needs="accounts:write")
async def delete_account(tx: Tx, id: UUID, _: object) -> None:
    """Delete an account that nothing refers to: no subsidiary, opportunity, territory or transaction."""
    await forget(tx, "account", id)
    await tx.session.delete(await tx.require(Account, id))


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
        "insert into prioritisation as held (org_id, basis, potential_threshold, win_probability_threshold, currency)"
        " values (:org_id, :basis, :potential, :chance, :currency)"
        " on conflict (org_id) do update set basis = excluded.basis, currency = excluded.currency,"
        " potential_threshold = excluded.potential_threshold,"
        " win_probability_threshold = excluded.win_probability_threshold returning held.id",
        basis=str(body.basis),
        potential=potential,
        chance=chance,
        currency=currency,
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


@command(Kind.CREATE, "opportunity", needs="opportunities:write", body=CreateOpportunity)
async def create_opportunity(tx: Tx, body: CreateOpportunity) -> UUID:
    """Add a deal to the pipeline, or record one that is closed already."""
    _refuse(findings(body))
    await _see(tx, account=body.account_id, seller=body.seller_id, product=body.product_id)
    seller = body.seller_id or tx.actor.seller_id
    if seller is None:
        raise refuse("owner_required", pointer="/seller_id")
    values = body.model_dump() | {"seller_id": seller, "currency": body.currency or await reporting_currency(tx)}
    row = await tx.add(Opportunity(org_id=tx.org_id, **values))
    await _remember_stages(tx, [row.id])
    return row.id


@command(Kind.UPDATE, "opportunity", needs="opportunities:write", body=UpdateOpportunity)
async def update_opportunity(tx: Tx, id: UUID, body: UpdateOpportunity) -> None:
    """Change the details of a deal; its stage has its own action."""
    await _see(tx, account=body.account_id, seller=body.seller_id, product=body.product_id)
    row = await tx.require(Opportunity, id)
    merge(row, body)
    _refuse(findings(row))


@command(Kind.ACTION, "opportunity", needs="opportunities:write", body=ChangeOpportunityStage, action="change-stage")
async def change_opportunity_stage(tx: Tx, id: UUID, body: ChangeOpportunityStage) -> None:
    """Move a deal to another stage, and keep the step in its history. Reopening a closed one needs a comment."""
    row = await tx.require(Opportunity, id)
    if row.stage == body.stage:
        raise refuse(
            "illegal_transition", f"The opportunity is {body.stage} already.", pointer="/stage", state=row.stage
        )
    if reopens(row.stage, body.stage) and body.comment is None:
        raise refuse("comment_required", "Say why the decision is taken back.", pointer="/comment")
    before, row.stage, row.closed_on = row.stage, body.stage, body.closed_on
    row.amount = row.amount if body.amount is None else body.amount
    _refuse(findings(row))
    await tx.flush()
    await _remember_stages(tx, [id], body.comment)
    tx.emit("opportunity.stage_changed", "opportunity", id, from_stage=str(before), to_stage=str(body.stage))


async def upsert_accounts(
    tx: Tx, source: str, rows: Mapping[str, CreateAccount], parents: Mapping[str, str] | None = None
) -> Upserted:
    """Store accounts by their keys in `source`; needs `accounts:write`. For roles that see every account.

    `parents` names the parent of a key by the parent's key, which may be among `rows` or known before. See
    `kernel.external.upsert` for what becomes of fields that are not set.
    """
    tx.actor.require("accounts:write")
    await _lock_hierarchy(tx)
    claimed = await claim(tx, "account", source, rows)
    values = _documents(rows)
    for key, parent_id in (await _parent_ids(tx, source, claimed.ids, parents or {})).items():
        values[key]["parent_id"] = parent_id
    done = await upsert(tx, "account", claimed, values, {"currency": await reporting_currency(tx)})
    await _refuse_cycles(tx, list(claimed.ids.values()))
    _note_import(tx, "account.imported", source, done)
    return done


async def upsert_opportunities(tx: Tx, source: str, rows: Mapping[str, CreateOpportunity]) -> Upserted:
    """Store opportunities by their keys in `source`; needs `opportunities:write`. For roles that see every opportunity.

    Every stage that differs from the last one recorded is added to the history.
    """
    tx.actor.require("opportunities:write")
    _refuse(finding for key, body in rows.items() for finding in findings(body, f"/{key}"))
    claimed = await claim(tx, "opportunity", source, rows)
    defaults = {"currency": await reporting_currency(tx), "stage": str(OpportunityStage.PROSPECTING)}
    done = await upsert(tx, "opportunity", claimed, _documents(rows), defaults)
    await _remember_stages(tx, list(claimed.ids.values()))
    _note_import(tx, "opportunity.imported", source, done)
    return done


def _documents(rows: Mapping[str, CreateAccount] | Mapping[str, CreateOpportunity]) -> dict[str, dict[str, object]]:
    return {key: body.model_dump(mode="json", exclude_unset=True) for key, body in rows.items()}


def _note_import(tx: Tx, event: str, source: str, done: Upserted) -> None:
    """One event for a set that changed anything; thousands of rows are one fact."""
    if done.created or done.changed:
        counts = {"created": done.created, "changed": done.changed, "unchanged": done.unchanged}
        tx.emit(event, "organisation", tx.org_id, source=source, **counts)


async def _parent_ids(tx: Tx, source: str, ids: Mapping[str, UUID], parents: Mapping[str, str]) -> dict[str, str]:
    known = {**await resolve(tx, "account", source, set(parents.values()) - ids.keys()), **ids}
    _refuse(
        FieldError(f"/{key}/parent_id", "unknown_reference", f"There is no account {parent}.")
        for key, parent in parents.items()
        if parent not in known
    )
    return {key: str(known[parent]) for key, parent in parents.items()}


async def _see(tx: Tx, at: Mapping[str, str] | None = None, **references: UUID | None) -> None:
    """Refuse a reference to what the actor does not see; `at` says which field it came in, else `<resource>_id`."""
    for resource, id in references.items():
        if id is not None:
            await tx.visible(resource, id, pointer=(at or {}).get(resource, f"/{resource}_id"))


def _acting_seller(tx: Tx) -> UUID | None:
    """Who owns what has no owner: a role that sees everything may leave it open, a seller takes it."""
    if tx.actor.sees_all_rows:
        return None
    if tx.actor.seller_id is None:
        raise refuse("owner_required", pointer="/owner_id")
    return tx.actor.seller_id


def _refuse(found: Iterable[FieldError]) -> None:
    if errors := tuple(found):
        raise refuse(errors[0].code, errors[0].detail, errors=errors)


async def _lock_hierarchy(tx: Tx) -> None:
    """One change of the hierarchy at a time: two together could close a cycle that neither sees."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('account hierarchy ' || cast(:org_id as uuid), 0))")


async def _refuse_cycles(tx: Tx, ids: Sequence[UUID]) -> None:
    """Walk up from accounts whose parent changed; a new cycle contains one of them."""
    looped = await tx.value(
        "with recursive above(start, id) as ("
        " select id, parent_id from account where org_id = :org_id and id = any(:ids) and parent_id is not null"
        " union select above.start, held.parent_id from above join account held on held.org_id = :org_id"
        " and held.id = above.id and held.parent_id is not null where above.id <> above.start"
        ") select start from above where id = start limit 1",
        ids=list(ids),
    )
    if looped:
        raise refuse("account_cycle", pointer="/parent_id", account_id=str(looped))


async def _remember_stages(tx: Tx, ids: Sequence[UUID], comment: str | None = None) -> None:
    """Add the present stage to the history of each opportunity whose last recorded stage is another."""
    await tx.execute(
        "insert into opportunity_stage_change (org_id, opportunity_id, from_stage, to_stage, amount, currency, comment,"
        " actor_id, actor_name, occurred_at)"
        " select deal.org_id, deal.id, last.to_stage, deal.stage, deal.amount, deal.currency, :comment,"
        " :actor, :actor_name, :now from opportunity deal"
        " left join lateral (select step.to_stage from opportunity_stage_change step where step.org_id = deal.org_id"
        " and step.opportunity_id = deal.id order by step.id desc limit 1) last on true"
        " where deal.org_id = :org_id and deal.id = any(:ids) and last.to_stage is distinct from deal.stage",
        ids=list(ids),
        comment=comment,
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        now=tx.now,
    )
