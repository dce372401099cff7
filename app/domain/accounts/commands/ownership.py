"""Who owns an account from when."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.contract.ownership import AssignAccountOwner
from app.domain.accounts.tables.accounts import Account
from app.domain.accounts.tables.ownership import AccountOwnership
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx


@command(
    Kind.ACTION,
    "account",
    needs="territories:write",
    body=AssignAccountOwner,
    action="assign_owner",
    event="account.owner_assigned",
)
async def assign_account_owner(tx: Tx, id: UUID, body: AssignAccountOwner) -> None:
    """Give an account to a seller from a day on, also in the past: credits of open years follow with the next run."""
    if body.owner_id is not None:
        await tx.visible("seller", body.owner_id, pointer="/owner_id")
    if body.effective_from > tx.today:
        raise refuse("invalid_input", "Use today or an earlier day.", pointer="/effective_from")
    account = await tx.require(Account, id)
    account.owner_id = body.owner_id
    await tx.flush()
    at = {"account": id, "day": body.effective_from}
    await tx.execute(
        "delete from account_ownership where org_id = :org_id and account_id = :account and effective_from >= :day",
        **at,
    )
    await tx.execute(
        "update account_ownership set effective_to = :day where org_id = :org_id and account_id = :account"
        " and valid @> cast(:day as date)",
        **at,
    )
    if body.owner_id is not None:
        await tx.add(
            AccountOwnership(
                org_id=tx.org_id, account_id=id, owner_id=body.owner_id, effective_from=body.effective_from
            )
        )
