"""What can be read of the market."""

from datetime import date

from app.domain.kernel.resource import Filter, Resource, external_id_filter, external_ids_of
from app.domain.market.contract import ProductView, SegmentView

SEGMENT = Resource(
    "segment",
    "segments",
    SegmentView,
    "market:read",
    "Market segments: rules over industry, country and size, with their total addressable market.",
    columns={"external_ids": external_ids_of("segment")},
    filters=("code", "name", "currency", "tam", external_id_filter("segment")),
    sorts=("name", "code", "tam", "created_at"),
    sort="name",
    search=("name", "code"),
    external_ids=True,
)

PRODUCT = Resource(
    "product",
    "products",
    ProductView,
    "market:read",
    "The product catalogue.",
    columns={"external_ids": external_ids_of("product")},
    filters=(
        "code",
        "name",
        "family",
        "currency",
        "list_price",
        "effective_from",
        "effective_to",
        Filter("sold_on", date, "{row}.valid @> {value}", "Products sold on this day."),
        external_id_filter("product"),
    ),
    sorts=("name", "code", "family", "list_price", "effective_from", "created_at"),
    sort="name",
    search=("name", "code", "family"),
    external_ids=True,
)
