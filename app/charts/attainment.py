"""Bars of what was credited and is forecast against the quota, a row each, with where the quota stands to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.language import Language
from app.charts.styles import INSIDE, OUTSIDE
from app.charts.svg import document, shortened, tag, words

_ROW, _TOP, _LEFT, _BAR, _WIDTH = 26, 112, 220, 420, 940
_MOST = Decimal("1.5")
"""What the scale ends with, as a share of the quota; longer bars are cut and marked."""


@dataclass(frozen=True)
class Progress:
    """A row: amounts in a currency; without a quota there is nothing to compare with."""

    name: str
    currency: str
    quota: Decimal | None
    to_date: Decimal | None
    credited: Decimal | None
    forecast: Decimal


def attainment(title: str, subtitle: str, rows: Sequence[Progress], more: bool, language: Language) -> bytes:
    """The rows in their order; `more` says that there are others which are not shown."""
    say = language.say
    body = [words(20, 32, shortened(title, 80), "title"), words(20, 54, subtitle, "soft")]
    if more:
        body.append(words(20, 74, say("the first {n}", n=len(rows)), "soft"))
    bottom = _TOP + len(rows) * _ROW
    if rows:
        body += _scale(bottom, language)
    else:
        body.append(words(20, 110, say("Nothing to compare"), "soft"))
    for n, row in enumerate(rows):
        body += _row(row, _TOP + n * _ROW, language)
    body += _key(bottom + 30, language)
    behind = sum(_behind(row) for row in rows)
    description = say("{n} rows, {behind} behind the quota to date.", n=len(rows), behind=behind)
    return document(_WIDTH, bottom + 54, f"{say('Attainment')}: {title}", description, language.code, body)


def _behind(row: Progress) -> bool:
    return row.credited is not None and row.to_date is not None and row.credited < row.to_date


def _at(share: Decimal) -> float:
    return float(min(max(share, Decimal(0)), _MOST) / _MOST) * _BAR


def _row(row: Progress, y: float, language: Language) -> Iterator[str]:
    yield words(20, y + 17, shortened(row.name, 28))
    if not row.quota:
        said = language.short(row.credited or Decimal(0), row.currency)
        yield words(_LEFT + 6, y + 17, f"{said}, {language.say('no quota')}", "soft")
        return
    forecast, due = row.forecast / row.quota, (row.to_date or Decimal(0)) / row.quota
    yield tag("rect", x=_LEFT, y=y + 4, width=max(_at(forecast), 0.5), height=_ROW - 8, class_="band")
    said = language.say("no run counts yet")
    if row.credited is not None:
        share = row.credited / row.quota
        colour = OUTSIDE if _behind(row) else INSIDE
        length = max(_at(share), 0.5)
        yield tag("rect", x=_LEFT, y=y + 8, width=length, height=_ROW - 16, fill=colour, class_="bar")
        # Colour alone says nothing to some readers.
        said = f"{_percent(share, language)}{' ▼' if _behind(row) else ''}{' ▸' if share > _MOST else ''}"
    yield tag("path", d=f"M{_LEFT + _at(due):.1f},{y + 2}v{_ROW - 4}", stroke_width=2, class_="ink")
    of = language.say("of {quota}", quota=language.short(row.quota, row.currency))
    ends = language.say("forecast {share}", share=_percent(forecast, language))
    yield words(_LEFT + _BAR + 12, y + 17, f"{said} {of}, {ends}")


def _scale(bottom: float, language: Language) -> Iterator[str]:
    for share in (Decimal(0), Decimal("0.5"), Decimal(1), _MOST):
        x = _LEFT + _at(share)
        yield tag(
            "path", d=f"M{x:.1f},{_TOP - 4}V{bottom}", class_="line", stroke_dasharray=None if share == 1 else "3 3"
        )
        yield words(x, _TOP - 12, _percent(share, language), "soft middle")


def _percent(share: Decimal, language: Language) -> str:
    return language.percent(share).removeprefix("+").replace(",0", "").replace(".0", "")


def _key(y: float, language: Language) -> Iterator[str]:
    shapes = (
        (tag("rect", x=20, y=y - 9, width=14, height=10, fill=INSIDE), 40, "on time"),
        (tag("rect", x=150, y=y - 9, width=14, height=10, fill=OUTSIDE), 170, "behind"),
        (tag("rect", x=300, y=y - 9, width=14, height=10, class_="band"), 320, "forecast"),
        (tag("path", d=f"M460,{y - 12}v16", stroke_width=2, class_="ink"), 468, "quota to date"),
    )
    for shape, x, name in shapes:
        yield shape
        yield words(x, y, f"{language.say(name)}{' ▼' if name == 'behind' else ''}", "soft")
