"""What a table is read with, or a gate looks at."""

from __future__ import annotations

from app.domain.compensation.terms.choices import Earlier, InputFigure, Moment, Standing, Ties
from app.domain.compensation.terms.words import Words, say
from app.domain.kernel.fields import Code, Fields

NAMES = {
    InputFigure.MEASURED: Words("the measure", "la mesure"),
    InputFigure.ATTAINMENT: Words("attainment", "le taux d'atteinte"),
    InputFigure.REVENUE: Words("revenue", "le chiffre d'affaires"),
    InputFigure.MARGIN: Words("margin", "la marge"),
    InputFigure.MARGIN_SHARE: Words("the margin rate", "le taux de marge"),
    InputFigure.UNITS: Words("units", "les unités"),
    InputFigure.DEALS: Words("deals", "les affaires"),
    InputFigure.QUOTA: Words("quota", "le quota"),
    InputFigure.TARGET: Words("target incentive", "la prime cible"),
    InputFigure.RANK: Words("the rank", "le rang"),
    InputFigure.ATTAINMENT_RANK: Words("the rank by attainment", "le rang au taux d'atteinte"),
    InputFigure.EVERYBODY: Words("the measure of everybody", "la mesure de tous"),
    InputFigure.EVERYBODY_QUOTA: Words("the quotas of everybody", "les quotas de tous"),
    InputFigure.EVERYBODY_TARGET: Words("the target incentives of everybody", "les primes cibles de tous"),
    InputFigure.TEAM_AT_QUOTA: Words("the share of the team at quota", "la part de l'équipe au quota"),
    InputFigure.STREAK: Words("the windows in a row at quota", "les périodes au quota d'affilée"),
    InputFigure.TERM_MONTHS: Words("the months of the contract", "les mois du contrat"),
    InputFigure.DISCOUNT: Words("the discount", "la remise"),
    InputFigure.PARTICIPANTS: Words("the number of participants", "le nombre de participants"),
}
RATIOS = frozenset({InputFigure.ATTAINMENT, InputFigure.MARGIN_SHARE, InputFigure.DISCOUNT, InputFigure.TEAM_AT_QUOTA})
"""Figures of which 1 is 100 %."""


class InputFields(Fields):
    """A figure of this component or, by its code, of another of the plan."""

    figure: InputFigure
    component: Code | None = None
    """The component whose figure it is; absent is this one."""
    standing: Standing | None = None
    """Of another component, where it stood when the deal came that is paid: a deal keeps the tier of its day."""
    earlier: Earlier | None = None
    """That of an earlier window, such as the same quarter of the year before."""
    ties: Ties | None = None
    """Of a rank that tiers are read with, and no other figure: what sellers get who share a place."""

    @property
    def moment(self) -> Moment | None:
        """When it is looked at, if not now."""
        return self.standing or self.earlier

    def words(self) -> Words:
        """`attainment of REVENUE`."""
        named = NAMES[self.figure]
        if self.component is not None:
            named = of_component(named, self.component)
        named = at_moment(named, self.moment)
        return say("{named} ({ties})", "{named} ({ties})", named=named, ties=_TIES[self.ties]) if self.ties else named


def of_component(figure: Words, code: str) -> Words:
    """`attainment of YEAR`."""
    return say("{figure} of {code}", "{figure} de {code}", figure=figure, code=code)


def at_moment(figure: Words, moment: Moment | None) -> Words:
    """`attainment of YEAR as it stood before the deal`, `the measure of the window before`."""
    return say("{named} {when}", "{named} {when}", named=figure, when=_MOMENTS[moment]) if moment else figure


_TIES = {
    Ties.SHARE: Words("who ties shares what the places are worth", "les ex æquo partagent la valeur de leurs places"),
    Ties.BETTER: Words("who ties gets the better place", "les ex æquo ont la meilleure place"),
}
_MOMENTS: dict[Moment, Words] = {
    Earlier.PREVIOUS: Words("of the window before", "de la période précédente"),
    Earlier.LAST_YEAR: Words("of the same window a year before", "de la même période un an avant"),
    Earlier.LAST_YEAR_TO_DATE: Words(
        "of the same window a year before, to the same month", "de la même période un an avant, au même mois"
    ),
    Standing.BEFORE_DEAL: Words("as it stood before the deal", "tel qu'avant l'affaire"),
    Standing.WITH_DEAL: Words("as it stood with the deal", "tel qu'avec l'affaire"),
}
