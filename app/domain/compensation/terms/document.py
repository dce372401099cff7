"""What holds of a plan as a whole: its components together with draws, constants, eligibility and pay mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.compensation.terms.component import ComponentFields, component_findings
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.draw import DrawFields
from app.domain.compensation.terms.eligibility import EligibilityFields, PayMixFields
from app.domain.compensation.terms.figures import named_figures
from app.domain.compensation.terms.words import Words, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.money import SPOT


@dataclass(frozen=True)
class PlanDocument:
    """A plan as one document."""

    currency: str
    components: list[ComponentFields]
    draws: Sequence[DrawFields] = ()
    constants: Sequence[ConstantFields] = ()
    eligibility: EligibilityFields | None = None
    pay_mix: PayMixFields | None = None
    exchange_rates: str = SPOT

    def findings(self) -> Iterator[FieldError]:
        """Everything that does not hold together."""
        yield from component_findings(self.components, "/components", self.currency, self.constants)
        for place in ("draws", "constants"):
            known: set[str] = set()
            for n, terms in enumerate(getattr(self, place)):
                key = "code" if place == "draws" else "name"
                if (name := getattr(terms, key)) in known:
                    yield FieldError(f"/{place}/{n}/{key}", "component_twice", f"The {key} stands twice.")
                known.add(name)
                yield from terms.findings(f"/{place}/{n}")
        figures = {name for own in self.components if own.rate.sound for name in named_figures(own, self.components)}
        for n, constant in enumerate(self.constants):
            if constant.name in figures:
                yield FieldError(f"/constants/{n}/name", "constant_name", "A figure has this name already.")
        for place in ("eligibility", "pay_mix"):
            if terms := getattr(self, place):
                yield from terms.findings(f"/{place}")

    def words(self) -> list[Words]:
        """What it says beside its components, in sentences."""
        said = [terms.words() for terms in (self.eligibility, self.pay_mix) if terms]
        if self.exchange_rates != SPOT:
            named = self.exchange_rates
            said.append(say("amounts are converted at the exchange rates {n}", "conversion aux cours {n}", n=named))
        said += [draw.words(self.currency) for draw in self.draws]
        said += [constant.words(self.currency) for constant in self.constants]
        return [Words(_sentence(words.en), _sentence(words.fr)) for words in said]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
