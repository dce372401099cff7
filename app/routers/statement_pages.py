"""A statement as a page, in English or French."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from app.domain.compensation.contract.documents import PayPart, StatementDocument, StatementLine, StatementSlice
from app.domain.compensation.contract.runs import EarningKind, EarningStatus
from app.domain.kernel.money import minor_digits
from app.papers.language import Tongue
from app.papers.page import Page, Section, Table

WORDS = {
    "statement": ("Compensation statement", "Relevé de rémunération variable"),
    "of": ("{seller}, {period}", "{seller}, {period}"),
    "from_to": ("{first} to {last}", "du {first} au {last}"),
    "total": ("Paid with this statement", "Versé avec ce relevé"),
    "year_to_date": ("Year to date", "Cumul de l'exercice"),
    "seller": ("Seller", "Commercial"),
    "employee_number": ("Employee number", "Matricule"),
    "period": ("Period", "Période"),
    "issued": ("Issued", "Émis le"),
    "paid": ("To payroll", "Transmis à la paie"),
    "not_paid": ("not yet", "pas encore"),
    "summary": ("What it is made of", "De quoi il se compose"),
    "base": ("Earned in the period", "Acquis sur la période"),
    "true_up": ("Earned by earlier periods, not yet paid", "Acquis sur des périodes antérieures, non encore versé"),
    "adjustments": ("Agreed on inquiries", "Accordé sur réclamations"),
    "held_back": ("Held back", "Retenu"),
    "released": ("Released from what was held back", "Retenues libérées"),
    "drawn": ("Raised to the draw or guarantee", "Complété jusqu'à l'avance ou la garantie"),
    "recovered": ("Recovered of advances and debts", "Repris sur avances et dettes"),
    "carried_forward": ("Below zero, carried forward", "Négatif, reporté"),
    "sum": ("Total", "Total"),
    "of_period": ("True-up of {period}", "Régularisation de {period}"),
    "credited": ("Measured to date", "Mesuré à date"),
    "quota": ("Quota", "Quota"),
    "quota_to_date": ("Quota to date", "Quota à date"),
    "quota_window": ("Quota of the window", "Quota de la fenêtre"),
    "attainment": ("Attainment", "Atteinte"),
    "earned_to_date": ("Earned to date", "Acquis à date"),
    "earned_before": ("Earned before the period", "Acquis avant la période"),
    "posted_before": ("Posted for it before", "Déjà comptabilisé"),
    "window": ("Window from", "Fenêtre du"),
    "rung": ("Step", "Palier"),
    "in_rung": ("Measured in it", "Mesuré dans le palier"),
    "earned": ("Earned", "Acquis"),
    "deal": ("Deal", "Affaire"),
    "day": ("Date", "Date"),
    "credit": ("Credited", "Crédité"),
    "brought": ("Paid for it", "Versé pour elle"),
    "further": ("{n} further deals", "{n} autres affaires"),
    "without_deal": ("Without a deal", "Sans affaire"),
    "line": ("Line", "Ligne"),
    "unsaid": (
        "This line cannot be calculated yet ({code}); nothing is paid or taken back for it.",
        "Cette ligne ne peut pas encore être calculée ({code}) ; rien n'est versé ni repris pour elle.",
    ),
    "unsaid_figure": ("open", "en suspens"),
    "no_quota": ("there is no quota", "aucun quota"),
    "zero_quota": ("the quota is zero", "le quota est nul"),
    "negative_quota": ("the quota is below zero", "le quota est négatif"),
    "no_rate_for_currency": ("an exchange rate is missing", "un taux de change manque"),
    "attainment_out_of_range": ("the attainment is out of range", "l'atteinte est hors limites"),
    "figure_out_of_range": ("a figure is out of range", "un chiffre est hors limites"),
    "earning_out_of_range": ("the earning is out of range", "le montant gagné est hors limites"),
    "no_longer_eligible": ("no longer takes part in the plan", "ne participe plus au plan"),
    "agreed": ("Adjustments", "Ajustements"),
    "reason": ("Reason", "Motif"),
    "amount": ("Amount", "Montant"),
    "moved": ("Movements of balances", "Mouvements des soldes"),
    "movement": ("Movement", "Mouvement"),
    "holdback": ("Held back", "Retenue"),
    "release": ("Released", "Libération de retenue"),
    "guarantee": ("Raised to the guarantee", "Complément de garantie"),
    "draw_advance": ("Advanced by the draw", "Avance sur commissions"),
    "draw_recovery": ("Advances paid back", "Reprise d'avances"),
    "draw_forgiveness": ("Advances forgiven", "Abandon d'avances"),
    "clawback": ("Taken back for a return", "Reprise sur retour"),
    "carried": ("Carried forward", "Report"),
    "recovery": ("Debt recovered", "Reprise de dette"),
    "balances": ("Balances after this statement", "Soldes après ce relevé"),
    "balance": ("Balance", "Solde"),
    "draw_receivable": ("Advances still to be earned", "Avances restant à acquérir"),
    "clawback_receivable": ("Owed and recovered from later pay", "Dû, à reprendre sur les prochains versements"),
    "holdback_payable": ("Still held back for you", "Encore retenu pour vous"),
    "year": ("Fiscal year {year}", "Exercice {year}"),
    "footer": (
        "Questions about a line or a deal are taken until {day}. Statement {id}",
        "Les réclamations sur une ligne ou une affaire sont reçues jusqu'au {day}. Relevé {id}",
    ),
}


def statement_page(document: StatementDocument, language: str) -> Page:
    """The page of a statement."""
    tongue = Tongue(language, WORDS)
    return _Statement(document, tongue).page()


class _Statement:
    def __init__(self, document: StatementDocument, tongue: Tongue) -> None:
        self.document, self.say, self.tongue = document, tongue.say, tongue
        self._digits = minor_digits(document.currency)

    def page(self) -> Page:
        one, tongue = self.document, self.tongue
        last = one.end_date - timedelta(days=1)
        facts = [
            (self.say("period"), self.say("from_to", first=tongue.day(one.start_date), last=tongue.day(last))),
            (self.say("issued"), tongue.day(one.issued_at.date())),
            (self.say("paid"), tongue.day(one.paid_at.date()) if one.paid_at else self.say("not_paid")),
        ]
        if one.employee_number:
            facts.insert(0, (self.say("employee_number"), one.employee_number))
        return Page(
            language=tongue.code,
            organisation=one.organisation,
            title=self.say("statement"),
            subtitle=self.say("of", seller=one.seller, period=one.period_code),
            facts=tuple(facts),
            headline=(
                (self.say("total"), self.money(one.total)),
                (self.say("year_to_date"), self.money(one.year_to_date)),
            ),
            sections=tuple(self.sections()),
            footer=self.say("footer", day=tongue.day(one.ask_by), id=one.statement_id),
        )

    def sections(self) -> Iterator[Section]:
        one = self.document
        parts = [part for part in one.sums if part.amount or part.part is PayPart.BASE]
        rows = tuple((self.say(part.part), self.money(part.amount)) for part in parts)
        yield self.listed("summary", (), rows, (self.say("sum"), self.money(one.total)))
        yield from (self.line(line) for line in one.lines if _worth_telling(line))
        if one.adjustments:
            rows = tuple((given.reason, self.money(given.amount)) for given in one.adjustments)
            yield self.listed("agreed", ("reason", "amount"), rows)
        if one.movements:
            rows = tuple(
                (
                    " · ".join(filter(None, (self.say(m.kind), m.component_name, m.origin_period_code))),
                    self.money(m.amount),
                )
                for m in one.movements
            )
            yield self.listed("moved", ("movement", "amount"), rows)
        if one.balances:
            rows = tuple((self.say(balance.account), self.money(balance.amount)) for balance in one.balances)
            yield self.listed("balances", ("balance", "amount"), rows)
        rows = tuple((period.period_code, self.money(period.total)) for period in one.year)
        table = Table(
            (self.say("period"), self.say("amount")), rows, total=(self.say("sum"), self.money(one.year_to_date))
        )
        yield Section(self.say("year", year=one.fiscal_year), tables=(table,))

    def listed(
        self, title: str, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], total: tuple[str, ...] = ()
    ) -> Section:
        return Section(self.say(title), tables=(Table(tuple(map(self.say, head)), rows, total=total),))

    def line(self, line: StatementLine) -> Section:
        unsaid = line.status is EarningStatus.NEEDS_ATTENTION
        tables = []
        if len(reached := [band for band in line.slices if band.amount]) > 1:
            tables.append(self.bands(reached))
        if rows := tuple(self.deals(line)):
            head = tuple(map(self.say, ("deal", "day", "credit", "brought")))
            total = (self.say("sum"), "", "", self.money(line.amount or Decimal(0)))
            tables.append(Table(head, rows, texts=(0, 1), total=total))
        return Section(
            line.component_name,
            figure=self.say("unsaid_figure") if line.amount is None else self.money(line.amount),
            note=self.say("of_period", period=line.origin_period_code) if line.kind is EarningKind.TRUE_UP else "",
            words=tuple(getattr(sentence, self.tongue.code) for sentence in line.in_words),
            facts=tuple(self.figures(line)),
            tables=tuple(tables),
            warning=self.say("unsaid", code=self.say(line.code or "")) if unsaid else "",
        )

    def bands(self, reached: Sequence[StatementSlice]) -> Table:
        """What was measured and earned in each band, and in which window where there are several."""
        windows = len({band.window_start for band in reached}) > 1
        rows = tuple(
            (
                *((self.tongue.day(band.window_start),) if windows else ()),
                str(band.ordinal),
                self.tongue.number(band.amount),
                self.money(band.earned),
            )
            for band in reached
        )
        head = (*(("window",) if windows else ()), "rung", "in_rung", "earned")
        return Table(tuple(map(self.say, head)), rows, texts=(0, 1) if windows else (0,))

    def figures(self, line: StatementLine) -> Iterator[tuple[str, str]]:
        if line.credited_to_date is not None:
            yield self.say("credited"), self.tongue.number(line.credited_to_date)
        yield from self.quotas(line)
        if line.attainment is not None:
            yield self.say("attainment"), self.tongue.percent(line.attainment)
        if line.earned_to_date is not None:
            yield self.say("earned_to_date"), self.money(line.earned_to_date)
        if line.earned_before:
            yield self.say("earned_before"), self.money(line.earned_before)
        if line.posted_before:
            yield self.say("posted_before"), self.money(line.posted_before)

    def quotas(self, line: StatementLine) -> Iterator[tuple[str, str]]:
        if line.quota_to_date is not None and line.quota_to_date == line.quota_window:
            yield self.say("quota"), self.tongue.number(line.quota_to_date)
            return
        if line.quota_to_date is not None:
            yield self.say("quota_to_date"), self.tongue.number(line.quota_to_date)
        if line.quota_window is not None:
            yield self.say("quota_window"), self.tongue.number(line.quota_window)

    def deals(self, line: StatementLine) -> Iterator[tuple[str, ...]]:
        for deal in line.deals:
            name = " · ".join(filter(None, (deal.account, deal.description))) or str(deal.transaction_id)
            day = self.tongue.day(deal.credit_date)
            yield name, day, self.money(deal.credited), self.money(deal.amount)
        if line.further_deals:
            yield self.say("further", n=line.further_deals), "", "", self.money(line.further_amount)
        if line.without_deal:
            yield self.say("without_deal"), "", "", self.money(line.without_deal)

    def money(self, amount: Decimal) -> str:
        return self.tongue.money(amount, self.document.currency, self._digits)


def _worth_telling(line: StatementLine) -> bool:
    return bool(line.amount or line.credited_to_date or line.earned_to_date) or line.code is not None
