"""Subscriptions: what happens to a job, and to whatever has a workflow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from graphql import GraphQLFieldResolver, GraphQLSchema

from app.domain.catalogue import Catalogue
from app.domain.kernel.scope import Actor
from app.graphql.naming import camel, global_id, id_of
from app.graphql.types import Member, Types
from app.graphql.walk import Asks, Info, ask

JOB = "job"
PROGRESS, EVENTS = "jobProgress", "workflowEvents"


class Watcher(Protocol):
    """Where events come from."""

    def watch_job(self, actor: Actor, id: UUID) -> AsyncIterator[object]:
        """Yields whenever the job has changed, ends when it is over. Refuses `not_found`."""

    def watch_events(self, actor: Actor, machine: str) -> AsyncIterator[Mapping[str, Any]]:
        """Yields events of one machine's subjects that the actor may see, each with `id`, `name`, `subject`,
        `subject_id`, `data` and `occurred_at`."""


def publish_subscriptions(types: Types, catalogue: Catalogue) -> type | None:
    """The subscription type; None for a catalogue with nothing to watch."""
    members = types.members["Subscription"] = {}
    fields = []
    if JOB in catalogue.resources:
        members[PROGRESS] = Member(PROGRESS, catalogue.resources[JOB].type_name, JOB)
        arguments = [types.argument("id", "ID", "The job.")]
        text = "The job, now and after each change, until it is over."
        fields.append(types.field(PROGRESS, f"Optional[{catalogue.resources[JOB].type_name}]", text, arguments))
    if catalogue.machines:
        members[EVENTS] = Member(EVENTS, "WorkflowEvent")
        machines = {name.upper(): name for name in catalogue.machines}
        machine = types.choices("WorkflowMachine", machines, "What has a workflow.")
        _publish_event(types)
        text = "What happens from now on to subjects of one workflow."
        fields.append(types.field(EVENTS, "WorkflowEvent", text, [types.argument("machine", machine)]))
    return types.define("Subscription", fields, "What can be watched.") if fields else None


def _publish_event(types: Types) -> None:
    described = {
        "id": ("ID", "Identifies the event."),
        "name": ("String", "What happened, such as `plan.submitted`."),
        "subject": ("String", "The kind of object it happened to."),
        "subject_id": ("ID", "The object it happened to."),
        "data": ("JSON", "The facts of the event."),
        "occurred_at": ("DateTime", "When."),
    }
    types.members["WorkflowEvent"] = {camel(name): Member(name) for name in described}
    fields = [types.field(camel(name), *what) for name, what in described.items()]
    types.define("WorkflowEvent", fields, "Something that happened to a subject of a workflow.")


class Watches(Asks, Protocol):
    """The context of a subscription."""

    watcher: Watcher

    async def actor(self) -> Actor:
        """Who asks, examined anew: a revoked key ends its streams."""


def attach_subscriptions(schema: GraphQLSchema, members: Mapping[str, Member]) -> None:
    """Give the subscription fields their streams. Call it after `walk.attach`."""
    fields = schema.subscription_type.fields if schema.subscription_type else {}
    if PROGRESS in fields:
        fields[PROGRESS].subscribe = _watch_job
        fields[PROGRESS].resolve = ask
    if EVENTS in fields:
        fields[EVENTS].subscribe = _watch_events
        fields[EVENTS].resolve = lambda event, info, **arguments: event
        event: Any = schema.type_map["WorkflowEvent"]
        for name, field in event.fields.items():
            field.resolve = _event_reader(members[name].name)


async def _watch_job(source: Any, info: Info, id: str) -> AsyncIterator[object]:
    context: Watches = info.context
    async for change in context.watcher.watch_job(await context.actor(), id_of(JOB, id, "/id")):
        yield change


async def _watch_events(source: Any, info: Info, machine: Any) -> AsyncIterator[Mapping[str, Any]]:
    context: Watches = info.context
    async for event in context.watcher.watch_events(await context.actor(), machine.value):
        await context.actor()
        yield {**event, "subject_id": global_id(event["subject"], event["subject_id"])}


def _event_reader(name: str) -> GraphQLFieldResolver:
    def read(event: Mapping[str, Any], info: Info) -> Any:
        value = event[name]
        return value.isoformat() if isinstance(value, datetime) else value

    return read
