"""Write the documents that are derived from the code, or tell which of them are out of date.

They are committed so that a change of a promise shows in review: the OpenAPI description, the GraphQL schema, and the
pages on workflows, problems and permissions. No database is needed.
"""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import typer
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from app.domain.catalogue import Catalogue
from app.domain.kernel.errors import PROBLEMS
from app.domain.kernel.permissions import PERMISSIONS, Role
from app.domain.workflow.engine import Machine, Move, diagram
from app.graphql.schema import build, sdl
from app.main import create_app
from app.routers.derived import Endpoint, endpoints
from app.routers.problems import status_of
from app.service import Service
from app.settings import Settings

ROOT = Path(__file__).parent.parent
_MOST_LINES_SHOWN = 40
_OWNED = ("docs/workflows/*.md",)
"""Folders that hold generated pages only: one that is no longer made is removed."""


def generate() -> dict[str, str]:
    """Every generated document, by its path in the repository."""
    service = Service(Settings(cursor_secret=SecretStr("-" * 32)), "postgresql://nobody@localhost/none")
    app = create_app(service).app
    assert isinstance(app, FastAPI)
    catalogue, routes = service.catalogue, list(endpoints(service.operations))
    pages = {
        "openapi/openapi.json": json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n",
        "openapi/schema.graphql": sdl(build(catalogue)),
        "docs/problems.md": _problems(),
        "docs/permissions.md": _permissions(routes),
        "docs/workflows/README.md": _workflows(catalogue),
    }
    for machine in catalogue.machines.values():
        pages[f"docs/workflows/{_slug(machine.name)}.md"] = _workflow(catalogue, machine)
    return pages


def outdated(pages: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """What differs from the committed documents: a diff by path, empty when all is fresh."""
    found = {}
    for path, text in pages.items():
        file = root / path
        kept = file.read_text() if file.exists() else ""
        if kept != text:
            lines = difflib.unified_diff(kept.splitlines(), text.splitlines(), path, f"{path}, new", lineterm="", n=1)
            found[path] = "\n".join(lines)
    return found | {path: f"{path} is no longer generated" for path in _leftovers(pages, root)}


def write(pages: Mapping[str, str], root: Path = ROOT) -> None:
    """Store the documents and remove those that are no longer made."""
    for path, text in pages.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for path in _leftovers(pages, root):
        (root / path).unlink()


def _leftovers(pages: Mapping[str, str], root: Path) -> list[str]:
    present = (str(file.relative_to(root)) for pattern in _OWNED for file in root.glob(pattern))
    return sorted(path for path in present if path not in pages)


def _page(title: str, source: str, *parts: str) -> str:
    note = f"<!-- Generated from {source} by `make snapshots`. Do not edit. -->"
    return "\n\n".join((f"# {title}", note, *parts)) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)


def _problems() -> str:
    rows = (
        (f"`{code}`", str(status_of(known.kind(code, ""))), known.title, known.title_fr, known.remedy)
        for code, known in sorted(PROBLEMS.items())
    )
    return _page(
        "Problems",
        "the `define` calls of the product",
        "Every refusal carries one of these codes, on REST as `code` of an RFC 9457 problem and on GraphQL as"
        " `extensions.code`. A code is never reused.",
        _table(("Code", "Status", "English", "French", "What to do"), rows),
    )


def _permissions(routes: list[Endpoint]) -> str:
    roles = [role for role in Role if role is not Role.INTEGRATION]
    held = (
        (f"`{name}`", text, *("✓" if role in holders else "" for role in roles))
        for name, (text, holders) in sorted(PERMISSIONS.items())
    )
    needed: dict[str, list[Endpoint]] = {}
    for route in routes:
        needed.setdefault(route.spec.needs if route.spec else route.resource.needs, []).append(route)
    operations = (
        (f"`{name}`" if name else "none", f"`{route.operation_id}`", f"`{route.method} {route.path}`")
        for name, found in sorted(needed.items())
        for route in found
    )
    return _page(
        "Permissions",
        "`app/domain/kernel/permissions.py` and the catalogue",
        "What each role may do. An integration has no role: it may do what its API key's scopes name. What a role sees"
        " of a collection is decided by row: managers and sellers see their own reporting line.",
        _table(("Permission", "Meaning", *(f"`{role}`" for role in roles)), held),
        "## Operations",
        "What each operation needs. GraphQL has the same operations under the same names. A history needs what its"
        " subject needs.",
        _table(("Permission", "Operation", "REST"), operations),
    )


def _workflows(catalogue: Catalogue) -> str:
    rows = (
        (f"[{_title(machine.name)}]({_slug(machine.name)}.md)", catalogue.resources[machine.name].description)
        for machine in sorted(catalogue.machines.values(), key=lambda machine: machine.name)
    )
    return _page("Workflows", "the catalogue", "One page per state machine.", _table(("Workflow", "Of what"), rows))


def _workflow(catalogue: Catalogue, machine: Machine) -> str:
    resource = catalogue.resources[machine.name]
    context = catalogue.context_of[machine.name]
    rows = (
        (
            f"`{move.action}`",
            ", ".join(f"`{state}`" for state in move.source),
            f"`{move.target}`" if move.target else "stays",
            move.description,
            _who(move),
            "<br>".join(f"`{guard.code}`: {PROBLEMS[guard.code].title}" for guard in move.guards),
            _body(move.body),
        )
        for move in machine.moves
    )
    return _page(
        f"Workflow: {_title(machine.name)}",
        f"the moves of `app.domain.{context}`",
        resource.description,
        f"```mermaid\n{diagram(machine)}\n```",
        f"Each action is `POST /v1/{resource.collection}/{{id}}/<action>` and the mutation of the same name. It is"
        " refused with the code of the first condition that does not hold.",
        _table(("Action", "From", "To", "Meaning", "Who", "Refused with", "Body"), rows),
    )


def _who(move: Move) -> str:
    if move.internal:
        return "the service"
    holders = ", ".join(f"`{role}`" for role in PERMISSIONS[move.needs][1])
    return f"{holders} (`{move.needs}`)"


def _body(model: type[BaseModel]) -> str:
    fields = model.model_fields.items()
    return ", ".join(f"`{name}`{'' if info.is_required() else ' (optional)'}" for name, info in fields)


def _title(name: str) -> str:
    return name.replace("_", " ")


def _slug(name: str) -> str:
    return name.replace("_", "-")


def main() -> None:
    """Entry point of `python -m scripts.snapshots`."""
    parser = argparse.ArgumentParser(prog="scripts.snapshots", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a document is out of date")
    pages = generate()
    if not parser.parse_args().check:
        write(pages)
        return
    if found := outdated(pages):
        for diff in found.values():
            typer.echo("\n".join(diff.splitlines()[:_MOST_LINES_SHOWN]), err=True)
        typer.echo(f"Out of date: {', '.join(found)}. Run `make snapshots` and commit what it writes.", err=True)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
