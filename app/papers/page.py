"""A page of facts and tables, as HTML and as PDF. Every text is a value: none is read as markup."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from jinja2 import Environment, FunctionLoader, StrictUndefined
from pydantic_core import to_json

_TEMPLATES = files(__package__) / "templates"


@dataclass(frozen=True)
class Table:
    """Rows under a head; columns but those in `texts` are aligned as numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: tuple[int, ...] = (0,)
    total: tuple[str, ...] = ()
    """A last row that adds up the others; empty for none."""


@dataclass(frozen=True)
class Section:
    """A part of the page under a title of its own."""

    title: str
    figure: str = ""
    """The amount that stands beside the title."""
    note: str = ""
    words: tuple[str, ...] = ()
    """Sentences."""
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    warning: str = ""


@dataclass(frozen=True)
class Page:
    """What is printed."""

    language: str
    organisation: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    headline: tuple[tuple[str, str], ...]
    """The few figures that everybody looks for first."""
    sections: tuple[Section, ...] = field(default_factory=tuple)
    footer: str = ""


def as_html(page: Page) -> bytes:
    """One file without anything to load; it prints well too."""
    text: str = _environment().get_template("page.html.j2").render(page=page)
    return text.encode()


def as_pdf(page: Page, made_at: datetime) -> bytes:
    """A4, tagged for screen readers; equal pages made at the same instant give equal bytes."""
    made: Any = typst.compile(
        (_TEMPLATES / "page.typ").read_bytes(),
        format="pdf",
        sys_inputs={"page": to_json(asdict(page)).decode()},
        ignore_system_fonts=True,
        timestamp=int(made_at.timestamp()),
    )
    return bytes(made)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(lambda name: (_TEMPLATES / name).read_text("utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
