"""What an organisation calls its transactions, where products and segments do not say it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Label = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_]{0,39}$")]
"""A word of the organisation's own, such as `self_sourced`, `upsell`, `prepaid` or `second_year`."""
