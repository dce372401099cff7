"""The templates that come with the product: one file per kind, read as the body of `create_plan_template`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import yaml

from app.domain.plans.contract.templates import CreatePlanTemplate, PlanKind


def shipped() -> Iterator[CreatePlanTemplate]:
    """The shipped templates, in the order of the kinds."""
    for kind in PlanKind:
        text = (files(__name__) / f"{kind}.yaml").read_text(encoding="utf-8")
        yield CreatePlanTemplate.model_validate(yaml.safe_load(text))
