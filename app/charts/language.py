"""Words and numbers in the reader's language."""

from __future__ import annotations

from decimal import Decimal

_FRENCH = {
    "Territory map": "Carte des territoires",
    "Territory": "Territoire",
    "Accounts": "Comptes",
    "Potential": "Potentiel",
    "Touches a year": "Contacts par an",
    "Balance": "Équilibre",
    "Target": "Objectif",
    "and {n} more": "et {n} autres",
    "{n} accounts without coordinates are not shown": "{n} comptes sans coordonnées ne sont pas montrés",
    "Nothing here has coordinates": "Rien ici n'a de coordonnées",
    "Nothing to compare": "Rien à comparer",
    "as on {day}": "au {day}",
    "{n} territories": "{n} territoires",
    "Comparison": "Comparaison",
    "{n} accounts change territory, {potential} of potential": (
        "{n} comptes changent de territoire, {potential} de potentiel"
    ),
    "Largest distance from an equal share": "Plus grand écart à une part égale",
    "within {band} of an equal share": "à {band} d'une part égale",
    "the {n} furthest from their target": "les {n} plus éloignés de leur objectif",
    "Attainment": "Atteinte des quotas",
    "Attainment by seller": "Atteinte des quotas par commercial",
    "Attainment by team": "Atteinte des quotas par équipe",
    "Attainment by territory": "Atteinte des quotas par territoire",
    "{n} rows, {behind} behind the quota to date.": "{n} lignes, dont {behind} en retard sur le quota à date.",
    "the first {n}": "les {n} premiers",
    "no quota": "sans quota",
    "no run counts yet": "aucun calcul ne compte encore",
    "of {quota}": "de {quota}",
    "forecast {share}": "prévision {share}",
    "forecast": "prévision",
    "on time": "à temps",
    "behind": "en retard",
    "quota to date": "quota à date",
    "credits before {day}": "crédits avant le {day}",
    "None": "Aucun",
    "within": "dans la bande",
    "beyond": "hors bande",
    "Allocation": "Répartition",
    "Fairness": "Équité",
    "Quota": "Quota",
    "Total": "Total",
    "All quotas": "Tous les quotas",
    "Over-assignment, level {n}": "Surallocation, niveau {n}",
    "{n} sellers": "{n} commerciaux",
    "{n} sellers, {out} out of line": "{n} commerciaux, {out} hors norme",
    "{n} sellers without potential are not shown": "{n} commerciaux sans potentiel ne sont pas montrés",
    "median load": "charge médiane",
    "out of line": "hors norme",
    "revenue": "chiffre d'affaires",
    "margin": "marge",
    "bookings": "commandes",
    "units": "unités",
    "activity": "activité",
    "Pay curve": "Courbe de rémunération",
    "Attainment of quota": "Atteinte du quota",
    "Pay": "Rémunération",
    "Pay of a year": "Rémunération de l'année",
    "threshold": "seuil",
    "target": "cible",
    "accelerator": "accélérateur",
    "decelerator": "décélérateur",
    "cap": "plafond",
    "{n} points, from {low} to {high}": "{n} points, de {low} à {high}",
    "It is not calculated, or cannot be said": "Non calculée, ou impossible à dire",
    "Budget risk": "Risque budgétaire",
    "Cost": "Coût",
    "Draws": "Tirages",
    "budget": "budget",
    "{n} draws, {share} above the budget": "{n} tirages, {share} au-dessus du budget",
    "{n} draws, {m} sellers, correlation {correlation}": "{n} tirages, {m} commerciaux, corrélation {correlation}",
    "Simulation": "Simulation",
    "before": "avant",
    "after": "après",
    "Cost by component": "Coût par composante",
    "Winners and losers": "Gagnants et perdants",
    "{winners} earn more, {losers} less, {unchanged} the same": (
        "{winners} gagnent plus, {losers} moins, {unchanged} autant"
    ),
    "{share} of credited revenue": "{share} du chiffre d'affaires crédité",
    "{n} between": "{n} entre les deux",
    "Pay and performance": "Rémunération et performance",
    "correlation {n}": "corrélation {n}",
    "quota": "quota",
    "{n} sellers without attainment are not shown": "{n} commerciaux sans atteinte ne sont pas montrés",
    "trend": "tendance",
    "outlines enclose the accounts and may overlap": "les contours entourent les comptes et peuvent se recouvrir",
}


class Language:
    """English or French."""

    def __init__(self, accepted: str = "") -> None:
        self.code = "fr" if accepted.lower().startswith("fr") else "en"

    def say(self, english: str, **values: object) -> str:
        """The sentence, with its values filled in."""
        text = _FRENCH[english] if self.code == "fr" else english
        return text.format(**values) if values else text

    def short(self, value: Decimal, currency: str = "") -> str:
        """A number of three or four digits with k, M or G for what is left out."""
        for size, letter in ((9, "G"), (6, "M"), (3, "k")):
            if abs(value) >= Decimal(10) ** size:
                text = f"{value.scaleb(-size):.1f}".removesuffix(".0")
                return self._number(f"{text} {letter} {currency}".strip())
        text = f"{value:.1f}".removesuffix(".0")
        return self._number(f"{text} {currency}".strip())

    def percent(self, share: Decimal) -> str:
        """A share with its sign, such as +12.5 %."""
        return self._number(f"{share * 100:+.1f} %")

    def number(self, value: Decimal) -> str:
        """A number with two digits after the point."""
        return self._number(f"{value:.2f}")

    def times(self, ratio: Decimal) -> str:
        """A ratio, such as 1.5×."""
        return self._number(f"{ratio:.2f}") + "×"

    def _number(self, text: str) -> str:
        text = text.replace(" ", "\u00a0").replace("-", "\u2212")
        return text.replace(".", ",") if self.code == "fr" else text
