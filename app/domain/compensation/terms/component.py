"""A component of a plan: what is measured, over what time, how it becomes money, within which limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from app.domain.compensation.formula import FormulaError
from app.domain.compensation.terms.budget import BudgetFields
from app.domain.compensation.terms.choices import (
    AGAINST_QUOTA,
    AIMED,
    EARLIER,
    MONEY,
    NO_TRANSACTIONS,
    OF_A_TRANSACTION,
    OF_A_WINDOW,
    RANKS,
    STANDING,
    WITHOUT_QUOTAS,
    ComponentKind,
    InputFigure,
    Measured,
    Pays,
    Trigger,
    Whose,
)
from app.domain.compensation.terms.clawback import ClawbackFields
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.earnings import earnings_findings
from app.domain.compensation.terms.figures import MOST_NAMES, named_figures, read
from app.domain.compensation.terms.gates import GateFields
from app.domain.compensation.terms.holdback import HoldbackFields
from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.limits import LimitFields, LimitPer
from app.domain.compensation.terms.measure import MeasureFields
from app.domain.compensation.terms.quota import QuotaFields
from app.domain.compensation.terms.rates import RateFields
from app.domain.compensation.terms.rates.tiers import TierMethod
from app.domain.compensation.terms.target import ProrationFields, TargetFields
from app.domain.compensation.terms.windfall import WindfallFields
from app.domain.compensation.terms.window import WhenPaid, WindowFields, WindowLength
from app.domain.compensation.terms.words import Words, join, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Code, Fields, Name

_TRIGGERS = {
    Trigger.BOOKING: Words("on booking", "à la commande"),
    Trigger.INVOICE: Words("on invoice", "à la facture"),
    Trigger.PAYMENT: Words("on payment", "au paiement"),
}


class ComponentFields(Fields):
    """One component. Nothing that matters has a silent default: what is absent does not apply."""

    kind: ComponentKind
    code: Code
    name: Name
    trigger: Trigger
    """Transactions of this kind count, and returns, which take back."""
    measure: MeasureFields
    window: WindowFields
    rate: RateFields
    quota: QuotaFields | None = None
    """Of its own; absent is the seller's quota of the measure."""
    target: TargetFields | None = None
    """Needed where the rate pays a share of the target or a multiple of the base rate, or a limit is one."""
    gates: list[GateFields] = Field(default_factory=list, max_length=10)
    limits: list[LimitFields] = Field(default_factory=list, max_length=10)
    windfall: WindfallFields | None = None
    budget: BudgetFields | None = None
    proration: ProrationFields
    holdback: HoldbackFields | None = None
    clawback: ClawbackFields | None = None

    def inputs(self) -> Iterator[tuple[str, InputFields]]:
        """Every figure it looks at, with its pointer below the component's."""
        for pointer, looked_at in self.rate.inputs():
            yield f"/rate{pointer}", looked_at
        for n, gate in enumerate(self.gates):
            yield f"/gates/{n}/input", gate.input

    @property
    def needs_quota(self) -> bool:
        """Whether an own attainment is looked at, or the base rate paid."""
        own = any(i.component is None and i.figure in AGAINST_QUOTA for _, i in self.inputs())
        return own or self.rate.pays is Pays.BASE_RATE

    @property
    def counts_reports(self) -> bool:
        """Whether it is held against quotas that those below have too."""
        promised = self.measure.of not in WITHOUT_QUOTAS
        teams = promised and self.measure.whose is Whose.TEAM
        return teams and self.window.quota is not None and self.quota is None

    @property
    def needs_target(self) -> bool:
        """Whether something is a share or multiple of the target incentive."""
        limited = any(limit.target_multiple is not None for limit in self.limits)
        looked_at = any(i.component is None and i.figure in AIMED for _, i in self.inputs())
        return limited or looked_at or self.rate.pays in (Pays.TARGET_SHARE, Pays.BASE_RATE)

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """Everything that does not hold together within the component."""
        if not self.rate.sound:
            yield FieldError(
                f"{pointer}/rate", "rate_choice", "Give exactly one of flat, tiers, curve, matrix and formula."
            )
            return
        yield from self.measure.findings(f"{pointer}/measure")
        yield from self.window.findings(f"{pointer}/window")
        yield from self.rate.findings(f"{pointer}/rate")
        for name in ("quota", "target", "windfall", "holdback", "clawback"):
            if (terms := getattr(self, name)) is not None:
                yield from terms.findings(f"{pointer}/{name}")
        for n, gate in enumerate(self.gates):
            yield from gate.findings(f"{pointer}/gates/{n}")
        for n, limit in enumerate(self.limits):
            yield from limit.findings(f"{pointer}/limits/{n}", self.window.over)
            if any((limit.kind, limit.per) == (other.kind, other.per) for other in self.limits[:n]):
                yield FieldError(f"{pointer}/limits/{n}", "limit_twice", "There is one like it already.")
        blocks = {limit.per for limit in self.limits} - {LimitPer.WINDOW, LimitPer.YEAR}
        if len(blocks) > 1:
            text = "Between window and year there is one time for limits: month, quarter or half_year."
            yield FieldError(f"{pointer}/limits", "limit_times", text)
        if self.measure.of is Measured.EARNINGS:
            yield from earnings_findings(self, pointer)
        if self.measure.whose is Whose.COLLEAGUES and self.window.paid is not WhenPaid.NEVER:
            text = "What colleagues sell is looked at by components that are paid: this one is paid never."
            yield FieldError(f"{pointer}/window/paid", "colleagues_paid", text)
        yield from self._units(pointer)
        yield from self._needs(pointer)

    def _units(self, pointer: str) -> Iterator[FieldError]:
        pays, money = self.rate.pays, self.measure.of in MONEY
        way = f"{pointer}/rate/{self.rate.chosen[0]}/pays"
        if pays is Pays.RATE and not money:
            yield FieldError(way, "rate_unit", f"{self.measure.of.value} is no money: pay per_unit.")
        if pays is Pays.PER_UNIT and (money or self.measure.of is Measured.OBJECTIVE_SCORE):
            yield FieldError(way, "rate_unit", f"{self.measure.of.value} has no units: pay a rate.")
        counted = self.measure.of not in NO_TRANSACTIONS
        if self.windfall and not (counted and money):
            yield FieldError(f"{pointer}/windfall", "windfall_measure", "Only amounts of deals have windfalls.")
        if self.window.over is WindowLength.TRANSACTION and not counted:
            yield FieldError(f"{pointer}/window/over", "window_measure", "It has no transactions.")
        if self.measure.of is Measured.CUSTOMERS and self.window.over is WindowLength.TRANSACTION:
            yield FieldError(f"{pointer}/window/over", "window_measure", "Customers are counted in a longer window.")
        if self.measure.of is Measured.CUSTOMERS and self.clawback:
            text = "Customers are no part of a deal: a return that leaves them nothing takes them back."
            yield FieldError(f"{pointer}/clawback", "clawback_measure", text)
        if (self.kind is ComponentKind.OBJECTIVE) != (self.measure.of is Measured.OBJECTIVE_SCORE):
            yield FieldError(f"{pointer}/kind", "kind_measure", "An objective, and no other, measures objective_score.")
        if self.kind is ComponentKind.OVERRIDE and self.measure.whose is not Whose.TEAM:
            yield FieldError(f"{pointer}/measure/whose", "kind_measure", "An override measures the team.")
        tiers = self.rate.tiers
        if self.window.over is WindowLength.ROLLING and tiers and tiers.method is TierMethod.MARGINAL:
            text = "A rolling window pays its month at the tier that its months reach: use whole."
            yield FieldError(f"{pointer}/rate/tiers/method", "rolling_marginal", text)

    def _needs(self, pointer: str) -> Iterator[FieldError]:
        scored = self.measure.of is Measured.OBJECTIVE_SCORE
        single = self.window.over is WindowLength.TRANSACTION
        if self.needs_quota and not scored and self.window.quota is None:
            text = "Say which quota attainment is held against."
            code = "quota_missing" if not single else "transaction_attainment"
            yield FieldError(f"{pointer}/window/quota", code, text if not single else "A transaction has none.")
        given = self.quota is not None and self.quota.amount is not None
        unpromised = self.measure.of in (Measured.DEALS, Measured.CUSTOMERS)
        if unpromised and not given and (self.needs_quota or self.quota):
            text = f"There are no quotas of {self.measure.of.value}: give the component a quota with an amount."
            yield FieldError(f"{pointer}/measure/of", "no_such_quota", text)
        if self.quota and (self.window.quota is None or scored):
            text = "Say in window.quota whether it is that of the window or to date; objectives have none."
            yield FieldError(f"{pointer}/quota", "quota_unused", text)
        if self.needs_target and self.target is None:
            yield FieldError(f"{pointer}/target", "target_missing", "Say what the target incentive is.")
        if single and self.needs_target:
            text = "A single transaction has no target incentive."
            yield FieldError(f"{pointer}/target", "transaction_target", text)
        yield from self._looks(pointer)

    def _looks(self, pointer: str) -> Iterator[FieldError]:
        single = self.window.over is WindowLength.TRANSACTION
        for below, looked_at in self.inputs():
            if single and not looked_at.standing and (looked_at.component or looked_at.figure in OF_A_WINDOW):
                text = (
                    "A transaction has its own figures, or those of another component with `standing`; or use a window."
                )
                yield FieldError(f"{pointer}{below}", "transaction_alone", text)
            ranked = self.rate.tiers and self.rate.tiers.input is looked_at and looked_at.figure in RANKS
            if looked_at.ties and not ranked:
                text = "Only tiers that are read with a rank say what sellers get who share a place."
                yield FieldError(f"{pointer}{below}/ties", "ties_elsewhere", text)
            if looked_at.standing:
                yield from self._standing(f"{pointer}{below}", looked_at)
            if looked_at.earlier:
                yield from self._earlier(f"{pointer}{below}", looked_at)
            own = looked_at.component is None
            if own and looked_at.figure is InputFigure.TEAM_AT_QUOTA and not self.counts_reports:
                yield FieldError(f"{pointer}{below}/figure", "team_at_quota", _TEAM_AT_QUOTA)
            if (not single or looked_at.component) and looked_at.figure in OF_A_TRANSACTION:
                text = "Only a single transaction has it: use the window transaction, or weights."
                yield FieldError(f"{pointer}{below}/figure", "transaction_figure", text)

    def _standing(self, pointer: str, looked_at: InputFields) -> Iterator[FieldError]:
        if self.window.over is not WindowLength.TRANSACTION:
            text = "Only a component of the window transaction pays each deal by where another stood."
            yield FieldError(f"{pointer}/standing", "standing_window", text)
        if looked_at.component is None:
            text = "Name the component whose window adds up; it may be one that is paid never."
            yield FieldError(f"{pointer}/component", "standing_component", text)
        if looked_at.figure not in STANDING:
            text = "Use measured, attainment, revenue, margin, margin_share, units or deals."
            yield FieldError(f"{pointer}/figure", "standing_figure", text)

    def _earlier(self, pointer: str, looked_at: InputFields) -> Iterator[FieldError]:
        if self.window.over is WindowLength.TRANSACTION:
            text = "A transaction has no window before it: pay by a window, in which all deals have its figures."
            yield FieldError(f"{pointer}/earlier", "earlier_window", text)
        elif looked_at.figure not in EARLIER:
            text = "Use measured, attainment, quota, revenue, margin, margin_share, units or deals."
            yield FieldError(f"{pointer}/figure", "earlier_figure", text)

    def words(
        self, currency: str, components: Sequence[ComponentFields] = (), constants: Sequence[ConstantFields] = ()
    ) -> list[Words]:
        """The component of a plan in sentences."""
        rate = self.rate.words(currency)
        if self.rate.formula is not None:
            formula = read(self.rate.formula, named_figures(self, components), currency, constants)
            rate = Words(formula.words("en"), formula.words("fr"))
        said = [
            say(
                "Pays on {measure}, {trigger}, {window}",
                "Porte sur : {measure}, {trigger}, {window}",
                measure=self.measure.words(currency),
                trigger=_TRIGGERS[self.trigger],
                window=self.window.words(),
            ),
            say("It pays {rate}", "Versement : {rate}", rate=rate),
        ]
        if self.quota:
            said.append(self.quota.words(self.measure.of, currency))
        if self.target:
            said.append(self.target.words(currency))
        said += [gate.words() for gate in self.gates]
        if self.limits:
            said.append(join(limit.words(currency) for limit in self.limits))
        if self.windfall:
            said.append(self.windfall.words(currency))
        if self.budget:
            said.append(self.budget.words(currency))
        said.append(self.proration.words())
        said += [terms.words() for terms in (self.holdback, self.clawback) if terms]
        return [Words(_sentence(words.en), _sentence(words.fr)) for words in said]


def component_findings(
    components: list[ComponentFields], pointer: str, currency: str, constants: Sequence[ConstantFields] = ()
) -> Iterator[FieldError]:
    """What does not hold together within and between the components of a plan in a currency."""
    codes = [component.code for component in components]
    for n, component in enumerate(components):
        here = f"{pointer}/{n}"
        if codes.index(component.code) < n:
            yield FieldError(f"{here}/code", "component_twice", "The code stands twice.")
        yield from component.findings(here)
        for below, looked_at in component.inputs() if component.rate.sound else ():
            if looked_at.component is not None:
                yield from _reference(components, codes, component, looked_at, f"{here}{below}")
        if component.rate.sound and component.rate.formula is not None:
            yield from _formula(components, component, f"{here}/rate/formula/text", currency, constants)


def _formula(
    components: list[ComponentFields],
    own: ComponentFields,
    pointer: str,
    currency: str,
    constants: Sequence[ConstantFields],
) -> Iterator[FieldError]:
    """What is wrong with a formula, and where in its text."""
    terms, named = own.rate.formula, named_figures(own, components)
    assert terms is not None
    try:
        formula = read(terms, named, currency, constants)
    except FormulaError as error:
        place = f"{error.detail} (characters {error.start} to {error.end})" if error.end else error.detail
        yield FieldError(pointer, error.code, place)
        return
    if len(formula.names & named.keys()) > MOST_NAMES:
        yield FieldError(pointer, "formula_too_complex", f"Name at most {MOST_NAMES} different figures.")


def _reference(
    components: list[ComponentFields], codes: list[str], own: ComponentFields, looked_at: InputFields, pointer: str
) -> Iterator[FieldError]:
    if looked_at.component not in codes:
        yield FieldError(f"{pointer}/component", "component_unknown", "The plan has no such component.")
        return
    other = components[codes.index(looked_at.component)]
    if not other.rate.sound:
        return
    if other.measure.of is Measured.EARNINGS:
        text = "What a team earns is known last: nothing looks at it."
        yield FieldError(f"{pointer}/component", "earnings_figure", text)
    if other is own:
        yield FieldError(f"{pointer}/component", "component_itself", "Leave it out to mean this component.")
    if other.window.over is WindowLength.TRANSACTION:
        text = "A component of single transactions has no figure to look at."
        yield FieldError(f"{pointer}/component", "component_of_transactions", text)
    if looked_at.standing and other.measure.of in (Measured.CUSTOMERS, *NO_TRANSACTIONS):
        text = "Only what transactions add up to stands somewhere at a deal."
        yield FieldError(f"{pointer}/component", "standing_measure", text)
    tiers = own.rate.tiers
    if (
        tiers
        and tiers.input is looked_at
        and tiers.method is TierMethod.MARGINAL
        and other.measure.of != own.measure.of
    ):
        text = f"A deal's slices are of {own.measure.of.value}, which that component does not measure: use whole."
        yield FieldError(f"{pointer}/component", "marginal_measure", text)
    if looked_at.figure in AIMED and other.target is None:
        yield FieldError(f"{pointer}/component", "target_missing", "That component has no target incentive.")
    if looked_at.figure is InputFigure.TEAM_AT_QUOTA and not other.counts_reports:
        yield FieldError(f"{pointer}/figure", "team_at_quota", _TEAM_AT_QUOTA)
    if looked_at.figure in AGAINST_QUOTA and other.window.quota is None and not other.needs_quota:
        yield FieldError(f"{pointer}/component", "quota_missing", "That component names no quota.")


_TEAM_AT_QUOTA = (
    "Only a team measured in revenue, bookings, margin, units or activity, with window.quota and no quota of its own."
)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
