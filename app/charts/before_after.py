"""What plans cost before and after: a pair of bars for each component, and who wins and loses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.language import Language
from app.charts.styles import INSIDE, OUTSIDE
from app.charts.svg import document, shortened, tag, text_of, words

_LEFT, _BAR, _ROW, _WIDTH = 250, 400, 44, 940


@dataclass(frozen=True)
class Pair:
    """A component or a total."""

    name: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Change:
    """What somebody would earn more."""

    name: str
    difference: Decimal


def before_after(
    title: str,
    subtitle: str,
    pairs: Sequence[Pair],
    changes: Sequence[Change],
    between: int,
    currency: str,
    language: Language,
) -> bytes:
    """The first pair is the total. `changes` are those who win most and lose most; `between` are not shown."""
    say = language.say
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    if not pairs:
        body.append(words(20, 100, say("It is not calculated, or cannot be said"), "soft"))
        return document(_WIDTH, 130, f"{say('Simulation')}: {title}", subtitle, language.code, body)
    body.append(words(20, 88, say("Cost by component"), "head"))
    for x, name, style in ((_LEFT, "before", {"class_": "band"}), (_LEFT + 110, "after", {"fill": INSIDE})):
        body += [tag("rect", x=x, y=79, width=12, height=10, **style), words(x + 18, 88, say(name), "soft")]
    y = 104.0
    most = max((max(pair.before, pair.after) for pair in pairs), default=Decimal(1)) or Decimal(1)
    for n, pair in enumerate(pairs):
        body += _pair(pair, y, most, n == 0, currency, language)
        y += _ROW
    y += 26
    body.append(words(20, y, say("Winners and losers"), "head"))
    largest = max((abs(one.difference) for one in changes), default=Decimal(1)) or Decimal(1)
    losers = [n for n, one in enumerate(changes) if one.difference < 0]
    for n, one in enumerate(changes):
        if between and losers and n == losers[0]:
            y += 22
            body.append(words(_LEFT, y, say("{n} between", n=between), "soft"))
        y += 22
        body += _change(one, y, largest, currency, language)
    if not changes:
        body.append(words(_LEFT, y, say("None"), "soft"))
    return document(_WIDTH, y + 30, f"{say('Simulation')}: {title}", subtitle, language.code, body)


def _pair(pair: Pair, y: float, most: Decimal, total: bool, currency: str, language: Language) -> Iterator[str]:
    yield words(20, y + 20, shortened(pair.name, 32), "head" if total else None)
    for place, value, style in ((4, pair.before, {"class_": "band"}), (19, pair.after, {"fill": INSIDE})):
        length = max(float(max(value, Decimal(0)) / most) * _BAR, 0.5)
        hint = tag("title", text_of(language.short(value, currency)))
        yield tag("rect", hint, x=_LEFT, y=y + place, width=length, height=13, **style)
        yield words(_LEFT + length + 8, y + place + 11, language.short(value, currency), "soft")


def _change(one: Change, y: float, largest: Decimal, currency: str, language: Language) -> Iterator[str]:
    middle, half = _LEFT + _BAR / 2, _BAR / 2
    length = max(float(abs(one.difference) / largest) * half, 0.5)
    up = one.difference >= 0
    yield words(20, y, shortened(one.name, 32))
    colour = INSIDE if up else OUTSIDE
    yield tag("rect", x=middle if up else middle - length, y=y - 11, width=length, height=13, fill=colour)
    said = f"{'▲ +' if up else '▼ '}{language.short(one.difference, currency)}"
    # Beside the bar's other side there is always room.
    yield words(middle - 8 if up else middle + 8, y, said, "end soft" if up else "soft")
