"""What can be read of the priorities among accounts."""

from app.domain.accounts.contract.prioritisation import PrioritisationView
from app.domain.kernel.resource import (
    Resource,
)

PRIORITISATION = Resource(
    "prioritisation",
    "prioritisations",
    PrioritisationView,
    "accounts:read",
    "The thresholds that sort accounts into quadrants; one set per organisation.",
)
