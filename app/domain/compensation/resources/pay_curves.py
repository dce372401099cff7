"""Pay curves, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.pay_curves import PayCurveView
from app.domain.kernel.resource import One, Resource, Visible

PAY_CURVE = Resource(
    "pay_curve",
    "pay_curves",
    PayCurveView,
    "compensation_plans:read",
    "Pay as a function of attainment, for a plan and a quota and target incentive.",
    links={
        "plan": One("compensation_plan", "{row}.plan_id"),
        "seller": One("seller", "{row}.seller_id"),
        "job": One("job", "{row}.job_id", "The job that calculates it."),
    },
    filters=("plan_id", "seller_id"),
    sorts=("created_at",),
    # What somebody asked for may name a seller's quota and target.
    visible=Visible("{row}.requested_by = {actor}", pay=True),
)
