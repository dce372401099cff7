"""How it is said what travel costs."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency
from app.domain.territories.contract.travel import SetTravelSettings

_COLUMNS = tuple(SetTravelSettings.model_fields)
_SET = (
    f"insert into travel_settings as held (org_id, currency, {', '.join(_COLUMNS)})"
    f" values (:org_id, :currency, {', '.join(f':{name}' for name in _COLUMNS)})"
    " on conflict (org_id) do update set currency = excluded.currency, "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
    + " returning held.id"
)


@command(Kind.COLLECTION, "travel_settings", needs="cadence:write", body=SetTravelSettings, action="set")
async def set_travel_settings(tx: Tx, body: SetTravelSettings) -> UUID:
    """Say what travel costs; cost reports use it from now on."""
    id = await tx.value(_SET, currency=await reporting_currency(tx), **body.model_dump())
    tx.emit("travel_settings.set", "travel_settings", id, **body.model_dump(mode="json"))
    return UUID(str(id))
