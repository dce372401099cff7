"""Allocations, each with its proof."""

from app.domain.kernel.resource import Many, One, Resource, Visible
from app.domain.quotas.contract.allocations import AllocationView

ALLOCATION = Resource(
    "allocation",
    "allocations",
    AllocationView,
    "quotas:read",
    "Totals cut into quotas, each with its proof; append-only. Seen by who ran them and by whoever sees all sellers.",
    links={
        "period": One("fiscal_period", "{row}.period_id"),
        "replaces": One("allocation", "{row}.replaces_id", "The allocation that it ran again."),
        "manager": One("seller", "{row}.manager_id"),
        "quotas": Many("quota", "{other}.allocation_id = {row}.id", "id", "The quotas it made."),
    },
    filters=("period_id", "measure", "method", "team", "manager_id", "replaces_id", "created_by", "created_at"),
    sorts=("created_at", "total"),
    visible=Visible("{row}.created_by = {actor}"),
    versioned=False,
)
