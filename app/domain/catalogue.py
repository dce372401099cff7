"""Everything that can be read and asked for, collected from the contexts. Adapters derive themselves from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TypeVar

from app.domain.kernel.command import CommandSpec, Kind
from app.domain.kernel.reactions import Reaction
from app.domain.kernel.resource import LinkFrom, Many, Resource
from app.domain.workflow.engine import Machine, check
from app.domain.workflow.history import Effect, move_handler

CONTEXTS = (
    "kernel",
    "organisation",
    "market",
    "accounts",
    "territories",
    "plans",
    "quotas",
    "compensation",
    "performance",
    "imports",
)
"""Lowest first; a context knows only those before it."""

_HISTORY = "{{other}}.machine = '{}' and {{other}}.subject_id = {{row}}.id"

Kept = TypeVar("Kept")


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The resources, commands and state machines of the product, by name."""

    resources: dict[str, Resource]
    commands: dict[str, CommandSpec]
    machines: dict[str, Machine]
    context_of: dict[str, str]
    reactions: tuple[Reaction, ...] = ()
    """In the order of their contexts, lowest first."""

    def commands_of(self, resource: str) -> Iterator[CommandSpec]:
        """The commands that act on a resource."""
        return (spec for spec in self.commands.values() if spec.resource == resource)


@cache
def collect(contexts: tuple[str, ...] = CONTEXTS) -> Catalogue:
    """Gather the declarations found in each context's `workflow`, `resources` and `commands` modules, once."""
    resources: dict[str, Resource] = {}
    commands: dict[str, CommandSpec] = {}
    machines: dict[str, Machine] = {}
    effects: dict[tuple[str, str], Effect] = {}
    links: list[LinkFrom] = []
    reactions: list[Reaction] = []
    context_of: dict[str, str] = {}
    for context in contexts:
        for machine in _declared(context, "workflow", Machine):
            check(machine)
            machines[machine.name] = machine
        for resource in _declared(context, "resources", Resource):
            resources[resource.name] = resource
            context_of[resource.name] = context
        links += _declared(context, "resources", LinkFrom)
        for spec in _declared(context, "commands", CommandSpec):
            commands.setdefault(spec.name, spec)
        reactions += _declared(context, "commands", Reaction)
        for effect in _declared(context, "commands", Effect):
            effects |= {(effect.machine.name, action): effect for action in effect.action.split("|")}
    for extra in links:
        target = resources[extra.resource]
        resources[extra.resource] = replace(target, links={**target.links, extra.name: extra.link})
    for machine in machines.values():
        target = resources[machine.name]
        history = Many("transition", _HISTORY.format(machine.name), "id", "Its history.")
        resources[machine.name] = replace(target, machine=machine.name, links={**target.links, "transitions": history})
        for spec in _moves(machine, effects):
            commands[spec.name] = spec
    return Catalogue(resources, commands, machines, context_of, tuple(reactions))


def _moves(machine: Machine, effects: dict[tuple[str, str], Effect]) -> Iterator[CommandSpec]:
    for move in machine.moves:
        if move.internal:
            continue
        yield CommandSpec(
            name=f"{move.action}_{machine.name}",
            kind=Kind.ACTION,
            resource=machine.name,
            needs=move.needs,
            body=move.body,
            handler=move_handler(machine, move, effects.get((machine.name, move.action))),
            description=move.description,
            action=move.action,
            answers=machine.name,
            key_required=move.key_required,
        )


def _declared(context: str, module: str, kind: type[Kept]) -> list[Kept]:
    name = f"app.domain.{context}.{module}"
    if find_spec(f"app.domain.{context}") is None or find_spec(name) is None:
        return []
    top = import_module(name)
    parts = [import_module(f"{name}.{part.name}") for part in iter_modules(getattr(top, "__path__", ()))]
    found = [value for part in (top, *parts) for value in vars(part).values() if isinstance(value, kind)]
    return list({id(value): value for value in found}.values())
