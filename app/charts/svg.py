"""SVG as text. Whatever comes from outside is escaped here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_STYLE = """
svg { --paper: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --band: #dbe4ee; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14181d; --ink: #f0f3f6; --soft: #a8b1bb; --line: #3d444d; --band: #2b3643; }
}
text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
.title { font-size: 18px; font-weight: 600; }
.head { font-weight: 600; }
.soft { fill: var(--soft); }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.label { font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.small { font-size: 9px; stroke-width: 2px; }
.paper { fill: var(--paper); }
.line { stroke: var(--line); }
.ink { stroke: var(--ink); }
.band { fill: var(--band); }
"""


def text_of(value: object) -> str:
    """The value as text of an XML document; what XML cannot hold becomes the replacement character."""
    return escape(_NOT_XML.sub("\ufffd", str(value)), quote=True)


def tag(name: str, *children: str, **attributes: object) -> str:
    """An element. `children` are markup already; attribute `fill_opacity` is `fill-opacity`, `class_` is `class`."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def words(x: float, y: float, text: object, class_: str | None = None) -> str:
    """A line of text."""
    return tag("text", text_of(text), x=x, y=y, class_=class_)


def shortened(text: str, most: int) -> str:
    """The text, cut so that it fits a legend."""
    return text if len(text) <= most else text[: most - 1] + "…"


def document(
    width: float, height: float, title: str, description: str, language: str, body: Iterable[str], defs: str = ""
) -> bytes:
    """A whole SVG that tells readers of the screen what it shows, on paper that follows the reader's colours."""
    markup = tag(
        "svg",
        tag("title", text_of(title), id="title"),
        tag("desc", text_of(description), id="desc"),
        tag("style", _STYLE),
        tag("defs", defs) if defs else "",
        tag("rect", width=width, height=height, class_="paper"),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        width=width,
        height=height,
        lang=language,
        role="img",
        aria_labelledby="title desc",
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{markup}\n'.encode()


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else text_of(value)
