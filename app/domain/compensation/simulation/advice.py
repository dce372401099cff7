"""Rules that find what could be better in a plan. Pure: terms and lines in, changed documents and reasons out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from app.domain.compensation.calculation.lines import EarningLine
from app.domain.compensation.contract.recommendations import RecommendationRule
from app.domain.compensation.terms.choices import InputFigure
from app.domain.compensation.terms.component import ComponentFields, component_findings
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.limits import LimitKind, LimitPer
from app.domain.compensation.terms.words import Words, percent, say

FEW, LIGHT, EXCLUDED, CAPPED = Decimal("0.05"), Decimal("0.15"), Decimal("0.4"), Decimal("0.05")
_ROUNDED_TO = Decimal("0.05")
_MOST = 10

Figures = dict[str, Decimal]


@dataclass(frozen=True)
class Advice:
    """A change that a rule recommends."""

    rule: RecommendationRule
    component: ComponentFields
    reason: Words
    figures: Figures
    components: list[ComponentFields]


@dataclass(frozen=True)
class _Seen:
    """What happened to a component."""

    place: int
    terms: ComponentFields
    lines: list[EarningLine]

    @property
    def attained(self) -> list[Decimal]:
        """Attainments of its sellers, ascending."""
        return sorted(line.attainment for line in self.lines if line.attainment is not None)


def advise(
    components: Mapping[UUID, ComponentFields],
    lines: Sequence[EarningLine],
    currency: str,
    constants: Sequence[ConstantFields] = (),
) -> list[Advice]:
    """What the rules find, at most ten; a change that would not hold together is left out."""
    by_component: dict[UUID, list[EarningLine]] = defaultdict(list)
    for line in lines:
        if line.earning is not None:
            by_component[line.component_id].append(line)
    seen = [_Seen(n, terms, by_component[id]) for n, (id, terms) in enumerate(components.items())]
    whole = list(components.values())
    rules: tuple[Callable[[_Seen, list[ComponentFields]], Iterator[Advice]], ...] = (
        *(_pays_few, _threshold_excludes, _cap_bites, _top_unreached, _light_weight),
    )
    found: list[Advice] = []
    for rule in rules:
        for one in seen:
            done = {(advice.rule, advice.component.code) for advice in found}
            gone = (RecommendationRule.PAYS_FEW, one.terms.code) in done
            found += [] if gone or not one.lines else rule(one, whole)
    sound = (one for one in found if not list(component_findings(one.components, "", currency, constants)))
    return list(islice(sound, _MOST))


def _pays_few(seen: _Seen, whole: list[ComponentFields]) -> Iterator[Advice]:
    sellers, earners = len(seen.lines), sum((line.earning or 0) > 0 for line in seen.lines)
    if Decimal(earners) / sellers < FEW and (rest := _without(seen, whole)):
        reason = say(
            "{name} pays {earners} of {sellers} sellers, fewer than {few}.",
            "{name} rémunère {earners} des {sellers} vendeurs, moins de {few}.",
            name=seen.terms.name,
            earners=earners,
            sellers=sellers,
            few=percent(FEW),
        )
        figures = {"sellers": Decimal(sellers), "earners": Decimal(earners), "limit": FEW}
        yield Advice(RecommendationRule.PAYS_FEW, seen.terms, reason, figures, rest)


def _light_weight(seen: _Seen, whole: list[ComponentFields]) -> Iterator[Advice]:
    weight = seen.terms.target.share if seen.terms.target else None
    if weight is not None and weight < LIGHT and (rest := _without(seen, whole)):
        reason = say(
            "{name} weighs {weight} of the target, less than {light}.",
            "{name} pèse {weight} de la rémunération cible, moins de {light}.",
            name=seen.terms.name,
            weight=percent(weight),
            light=percent(LIGHT),
        )
        yield Advice(RecommendationRule.LIGHT_WEIGHT, seen.terms, reason, {"weight": weight, "limit": LIGHT}, rest)


def _threshold_excludes(seen: _Seen, whole: list[ComponentFields]) -> Iterator[Advice]:
    attained = seen.attained
    for n, gate in enumerate(seen.terms.gates):
        if gate.at_least is None:
            continue
        own = gate.input.component is None and gate.input.figure is InputFigure.ATTAINMENT
        below = sum(one < gate.at_least for one in attained)
        if not own or not attained or Decimal(below) / len(attained) <= EXCLUDED:
            continue
        lower = _floor(attained[len(attained) // 5])
        if 0 < lower < gate.at_least:
            reason = say(
                "{below} of {sellers} sellers miss the gate of {gate}, more than {limit}; four in five reach {lower}.",
                "{below} des {sellers} vendeurs manquent le seuil de {gate}, plus de {limit}\u202f; quatre sur cinq"
                " atteignent {lower}.",
                below=below,
                sellers=len(attained),
                gate=percent(gate.at_least),
                limit=percent(EXCLUDED),
                lower=percent(lower),
            )
            figures = {"sellers": Decimal(len(attained)), "below": Decimal(below), "gate": gate.at_least, "to": lower}
            changed = _edited(seen, whole, partial(_lower_gate, n, lower))
            yield Advice(RecommendationRule.THRESHOLD_EXCLUDES, seen.terms, reason, figures, changed)


def _cap_bites(seen: _Seen, whole: list[ComponentFields]) -> Iterator[Advice]:
    for n, limit in enumerate(seen.terms.limits):
        if limit.kind is not LimitKind.CAP or limit.per not in (LimitPer.WINDOW, LimitPer.YEAR):
            continue
        at_cap = 0
        for line in seen.lines:
            cap = limit.amount
            if cap is None and limit.target_multiple is not None and line.target is not None:
                cap = limit.target_multiple * line.target
            at_cap += cap is not None and line.earned_to_date is not None and line.earned_to_date >= cap
        if Decimal(at_cap) / len(seen.lines) >= CAPPED:
            reason = say(
                "{at_cap} of {sellers} sellers earn the cap of {name} and nothing beyond it.",
                "{at_cap} des {sellers} vendeurs gagnent le plafond de {name} et rien au-delà.",
                at_cap=at_cap,
                sellers=len(seen.lines),
                name=seen.terms.name,
            )
            figures = {"sellers": Decimal(len(seen.lines)), "at_cap": Decimal(at_cap), "limit": CAPPED}
            changed = _edited(seen, whole, partial(_lift, n))
            yield Advice(RecommendationRule.CAP_BITES, seen.terms, reason, figures, changed)


def _top_unreached(seen: _Seen, whole: list[ComponentFields]) -> Iterator[Advice]:
    tiers, attained = seen.terms.rate.tiers, seen.attained
    own = tiers is not None and tiers.input.component is None and tiers.input.figure is InputFigure.ATTAINMENT
    if tiers is None or not own or len(tiers.tiers) < 2 or not attained:
        return
    begins, before = tiers.tiers[-1].lower, tiers.tiers[-2].lower
    to = _floor(attained[len(attained) * 9 // 10])
    if attained[-1] < begins and before < to < begins:
        reason = say(
            "Nobody of {sellers} sellers reaches the highest tier of {name} at {begins}; the best tenth is at {to} or"
            " above.",
            "Aucun des {sellers} vendeurs n'atteint la tranche la plus haute de {name}, à {begins}\u202f; le meilleur"
            " dixième est à {to} ou plus.",
            sellers=len(attained),
            name=seen.terms.name,
            begins=percent(begins),
            to=percent(to),
        )
        figures = {"sellers": Decimal(len(attained)), "highest": attained[-1], "begins": begins, "to": to}

        def lowered(said: dict[str, Any]) -> None:
            known = said["rate"]["tiers"]["tiers"]
            known[-1]["lower"], known[-2]["upper"] = str(to), str(to)

        yield Advice(RecommendationRule.TOP_UNREACHED, seen.terms, reason, figures, _edited(seen, whole, lowered))


def _without(seen: _Seen, whole: list[ComponentFields]) -> list[ComponentFields]:
    """The other components, the heaviest with the weight of the one left out; empty where there is no other."""
    rest = [terms for n, terms in enumerate(whole) if n != seen.place]
    weight = seen.terms.target.share if seen.terms.target else None
    weighed = [n for n, terms in enumerate(rest) if terms.target and terms.target.share is not None]
    if weight is None or not weighed:
        return rest
    heaviest = max(weighed, key=lambda n: rest[n].target.share)  # type: ignore[union-attr, arg-type, return-value]
    said = rest[heaviest].model_dump(mode="json")
    said["target"]["share"] = str(Decimal(said["target"]["share"]) + weight)
    return [ComponentFields.model_validate(said) if n == heaviest else terms for n, terms in enumerate(rest)]


def _edited(
    seen: _Seen, whole: list[ComponentFields], change: Callable[[dict[str, Any]], None]
) -> list[ComponentFields]:
    said = seen.terms.model_dump(mode="json")
    change(said)
    return [ComponentFields.model_validate(said) if n == seen.place else terms for n, terms in enumerate(whole)]


def _lower_gate(n: int, to: Decimal, said: dict[str, Any]) -> None:
    said["gates"][n]["at_least"] = str(to)


def _lift(n: int, said: dict[str, Any]) -> None:
    del said["limits"][n]


def _floor(value: Decimal) -> Decimal:
    """Down to the next 5 %."""
    return (value / _ROUNDED_TO).to_integral_value(ROUND_FLOOR) * _ROUNDED_TO
