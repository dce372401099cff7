"""From a total to its parts: each step a bar that begins where the one before it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.language import Language
from app.charts.styles import COLOURS
from app.charts.svg import document, shortened, tag, words

_ROW = 26
_LEFT, _BAR, _TEXT = 230, 470, 200
_WHOLE, _ADDED, _PART = COLOURS[0], COLOURS[1], COLOURS[4]


@dataclass(frozen=True)
class Step:
    """A bar from `start` to `end`; a whole begins at nothing."""

    name: str
    start: Decimal
    end: Decimal
    whole: bool = False
    note: str = ""


def waterfall(title: str, subtitle: str, steps: Sequence[Step], currency: str, language: Language) -> bytes:
    """The steps from top to bottom, each with its amount."""
    most = max((max(step.start, step.end) for step in steps), default=Decimal(0)) or Decimal(1)
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    if not steps:
        body.append(words(20, 90, language.say("Nothing to compare"), "soft"))
    for row, step in enumerate(steps):
        y = 76 + row * _ROW
        low, high = (float(edge / most) * _BAR for edge in sorted((step.start, step.end)))
        colour = _WHOLE if step.whole else _ADDED if step.end >= step.start else _PART
        body.append(words(20, y + 16, shortened(step.name, 32), "head" if step.whole else None))
        body.append(
            tag("rect", x=_LEFT + low, y=y + 4, width=max(high - low, 1.0), height=_ROW - 8, fill=colour, class_="bar")
        )
        if row + 1 < len(steps):
            edge = _LEFT + float(step.end / most) * _BAR
            body.append(tag("path", d=f"M{edge:.1f},{y + _ROW - 4}v8", class_="line"))
        amount = step.end if step.whole else step.end - step.start if step.end >= step.start else step.start - step.end
        said = language.short(amount, currency)
        if not step.whole and step.end >= step.start:
            said = f"+{said}"
        body.append(words(_LEFT + high + 6, y + 16, f"{said}, {step.note}" if step.note else said))
    body.append(tag("path", d=f"M{_LEFT},70V{76 + len(steps) * _ROW}", class_="line"))
    description = "; ".join(f"{step.name}: {language.short(abs(step.end - step.start), currency)}" for step in steps)
    width, height = _LEFT + _BAR + _TEXT, 92 + len(steps) * _ROW
    heading = f"{language.say('Allocation')}: {title}"
    return document(width, height, heading, description, language.code, body)
