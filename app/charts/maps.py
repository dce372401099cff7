"""Maps of territories: outlines, dots, labels, a legend and a scale; one map, or two side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.charts.language import Language
from app.charts.plane import Frame, Place, middle
from app.charts.styles import Style, assigned, definitions
from app.charts.svg import document, shortened, tag, text_of, words

_ROW = 20
_LEGEND_ROWS = 30
_FEW = 40
"""Territories up to which labels are large."""


@dataclass(frozen=True)
class Area:
    """A territory as drawn."""

    code: str
    name: str
    corners: Sequence[Place]
    """Of its outline, in degrees; empty without any place."""
    dots: Sequence[Place]
    accounts: int
    located: int
    potential: Decimal


@dataclass(frozen=True)
class Sheet:
    """A model as drawn."""

    title: str
    subtitle: str
    currency: str
    areas: Sequence[Area]


def territory_map(sheet: Sheet, language: Language) -> bytes:
    """A map of one model with its legend."""
    styles = _styles(sheet, {})
    frame = Frame.around(_places(sheet), 20, 70, 760, 600)
    rows = min(len(sheet.areas), _LEGEND_ROWS) + 2
    height = max(710, 100 + rows * _ROW)
    body = [
        *_heading(sheet, 20, language),
        *_drawn(sheet, frame, styles, language),
        *_legend(sheet, styles, 810, 86, language),
    ]
    title = f"{language.say('Territory map')}: {sheet.title}"
    return document(1180, height, title, _summary(sheet, language), language.code, body, definitions(styles.values()))


def comparison(
    one: Sheet, other: Sheet, figures: Sequence[tuple[str, str, str]], note: str, language: Language
) -> bytes:
    """Two maps on the same ground and in the same colours, with figures of both below: (name, of one, of the other)."""
    places = [*_places(one), *_places(other)]
    first = _styles(one, {})
    second = _styles(other, first)
    body: list[str] = []
    for sheet, styles, left in ((one, first, 20.0), (other, second, 610.0)):
        frame = Frame.around(places, left, 70, 550, 480)
        body += [*_heading(sheet, left, language), *_drawn(sheet, frame, styles, language)]
    for n, (name, of_one, of_other) in enumerate(figures):
        y = 600 + n * _ROW
        body += [words(20, y, name, "soft"), words(570, y, of_one, "end")]
        body += [words(610, y, name, "soft"), words(1160, y, of_other, "end")]
    bottom = 600 + len(figures) * _ROW + 14
    body.append(words(20, bottom, note, "head"))
    title = f"{language.say('Comparison')}: {one.title} – {other.title}"
    description = f"{_summary(one, language)} {_summary(other, language)} {note}"
    shown = definitions([*first.values(), *second.values()])
    return document(1180, bottom + 24, title, description, language.code, body, shown)


def _styles(sheet: Sheet, before: Mapping[str, Style]) -> dict[str, Style]:
    return assigned({area.code: middle(area.corners) if area.corners else None for area in sheet.areas}, before)


def _places(sheet: Sheet) -> list[Place]:
    return [place for area in sheet.areas for place in area.corners]


def _heading(sheet: Sheet, left: float, language: Language) -> list[str]:
    return [words(left, 32, shortened(sheet.title, 60), "title"), words(left, 54, sheet.subtitle, "soft")]


def _summary(sheet: Sheet, language: Language) -> str:
    said = [f"{sheet.title}: {language.say('{n} territories', n=len(sheet.areas))}."]
    said += [
        f"{area.code} {area.name}: {area.accounts} {language.say('Accounts').lower()},"
        f" {language.short(area.potential, sheet.currency)}."
        for area in sheet.areas[:_LEGEND_ROWS]
    ]
    return " ".join(said)


def _drawn(sheet: Sheet, frame: Frame, styles: Mapping[str, Style], language: Language) -> Iterator[str]:
    yield tag("rect", x=frame.left, y=frame.top, width=frame.width, height=frame.height, fill="none", class_="line")
    located = [area for area in sheet.areas if area.corners]
    if not located:
        x, y = frame.left + frame.width / 2, frame.top + frame.height / 2
        yield words(x, y, language.say("Nothing here has coordinates"), "soft middle")
        return
    # The small lie on the large, or nobody would see them.
    for area in sorted(located, key=lambda one: -_extent(one.corners)):
        yield _outline(area, frame, styles[area.code])
    for area in located:
        yield _dots(area, frame, styles[area.code])
    yield from _labels(located, frame)
    yield from _scale(frame)


def _outline(area: Area, frame: Frame, style: Style) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(frame.point, area.corners))
    shape = tag("polygon", points=points, fill=style.fill, fill_opacity="0.35", stroke=style.colour, stroke_width="1.5")
    return tag("g", tag("title", words_of(area)), shape, class_="territory")


def words_of(area: Area) -> str:
    """What a reader sees when pointing at a territory; escaped."""
    return text_of(f"{area.code} {area.name}")


def _dots(area: Area, frame: Frame, style: Style) -> str:
    """All dots of a territory as one path: ten thousand circles would be ten thousand elements."""
    if not area.dots:
        return ""
    path = "".join(f"M{x:.1f},{y:.1f}h0" for x, y in map(frame.point, area.dots))
    return tag("path", d=path, stroke=style.colour, stroke_width=4, stroke_linecap="round", fill="none", class_="dots")


def _extent(corners: Sequence[Place]) -> float:
    """Of a polygon, in square degrees."""
    ring = zip(corners, [*corners[1:], corners[0]], strict=True)
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in ring)) / 2


def _labels(areas: Sequence[Area], frame: Frame) -> Iterator[str]:
    """Codes in the middle of territories; where two would overlap, that with more accounts is written."""
    taken: list[tuple[float, float, float]] = []
    small = len(areas) > _FEW
    letter, height = (5.7, 11) if small else (7.5, 15)
    for area in sorted(areas, key=lambda one: (-one.accounts, one.code)):
        text = shortened(area.code, 14)
        x, y = frame.point(middle(area.corners))
        half = len(text) * letter / 2
        if all(abs(x - x0) > half + half0 or abs(y - y0) > height for x0, y0, half0 in taken):
            taken.append((x, y, half))
            yield words(x, y + 4, text, "label small middle" if small else "label middle")


def _scale(frame: Frame) -> Iterator[str]:
    km, length = frame.scale(140)
    x, y = frame.left + 14, frame.top + frame.height - 14
    yield tag("path", d=f"M{x:.1f},{y - 5:.1f}v5h{length:.1f}v-5", fill="none", stroke_width=2, class_="ink")
    yield words(x + length + 8, y, f"{km:g} km")


def _legend(sheet: Sheet, styles: Mapping[str, Style], left: float, top: float, language: Language) -> Iterator[str]:
    yield words(left, top, language.say("Territory"), "head")
    yield words(left + 250, top, language.say("Accounts"), "head end")
    yield words(left + 350, top, language.say("Potential"), "head end")
    for n, area in enumerate(sheet.areas[:_LEGEND_ROWS], 1):
        y, style = top + n * _ROW, styles[area.code]
        box = {"x": left, "y": y - 11, "width": 16, "height": 13}
        yield tag("rect", **box, fill=style.fill, fill_opacity="0.6", stroke=style.colour)
        yield words(left + 24, y, shortened(f"{area.code} {area.name}" if area.name != area.code else area.code, 26))
        yield words(left + 250, y, area.accounts, "end")
        yield words(left + 350, y, language.short(area.potential, sheet.currency), "end")
    below = top + (min(len(sheet.areas), _LEGEND_ROWS) + 1) * _ROW
    if len(sheet.areas) > _LEGEND_ROWS:
        yield words(left, below, language.say("and {n} more", n=len(sheet.areas) - _LEGEND_ROWS), "soft")
