"""What can be read of territory models."""

from app.domain.kernel.resource import Many, One, Resource
from app.domain.territories.contract.models import TerritoryModelView

# A model that begins later, or is over, is shown as on its nearest day.


TERRITORY_MODEL = Resource(
    "territory_model",
    "territory_models",
    TerritoryModelView,
    "territories:read",
    "Versions of the territory design; one is in force at a date.",
    columns={
        "territory_count": "select count(*) from territory t where t.org_id = {org} and t.model_id = {row}.id",
    },
    links={
        "based_on": One("territory_model", "{row}.based_on_id", "The model it was cloned from."),
        "territories": Many("territory", "{other}.model_id = {row}.id", "code", "Its territories."),
    },
    filters=("code", "name", "state", "model_version", "based_on_id", "starts_on", "ends_on"),
    sorts=("starts_on",),
    sort="-starts_on",
    search=("name", "code"),
    machine="territory_model",
)
