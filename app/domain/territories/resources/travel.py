"""What can be read of what travel costs."""

from app.domain.kernel.resource import Resource
from app.domain.territories.contract.travel import TravelSettingsView

TRAVEL_SETTINGS = Resource(
    "travel_settings",
    "travel_settings",
    TravelSettingsView,
    "territories:read",
    "What travel costs: prices, speed, visits per tour; one set per organisation.",
)
