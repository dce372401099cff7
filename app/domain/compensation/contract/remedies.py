"""What to do about what a run could not credit or pay, by its reason."""

from collections.abc import Mapping
from typing import Final

from app.domain.compensation.terms.words import Words

_QUOTA: Final = Words(
    "Give the seller an accepted quota above zero for the measure and the months of the window.",
    "Donnez au vendeur un quota accepté, supérieur à zéro, pour la mesure et les mois de la fenêtre.",
)
_LARGE: Final = Words(
    "Look at the credits of the line, largest first: correct the transaction, exchange rate or plan value"
    " that is wrong.",
    "Regardez les crédits de la ligne, du plus grand au plus petit, et corrigez la transaction, le taux de"
    " change ou la"
    " valeur du plan qui est faux.",
)
REMEDIES: Final[Mapping[str, Words]] = {
    **dict.fromkeys(("no_quota", "zero_quota", "negative_quota"), _QUOTA),
    **dict.fromkeys(("attainment_out_of_range", "figure_out_of_range", "earning_out_of_range"), _LARGE),
    "no_rate_for_currency": Words(
        "Record the exchange rate into the plan's currency for the day of the transaction.",
        "Saisissez le taux de change vers la devise du plan au jour de la transaction.",
    ),
    "no_target": Words(
        "Give the participant a target incentive.", "Donnez au participant une rémunération variable cible."
    ),
    "no_margin": Words(
        "Record the margin of the sales that have none, or that of their products.",
        "Saisissez la marge des ventes qui n'en ont pas, ou celle de leurs produits.",
    ),
    "no_quantity": Words(
        "Record the quantity of the sales that have none.", "Saisissez la quantité des ventes qui n'en ont pas."
    ),
    "no_customer": Words(
        "Record the account of the sales that have none.", "Saisissez le compte client des ventes qui n'en ont pas."
    ),
    "no_revenue": Words(
        "The component reads a ratio to revenue, and there is none: correct the sales, or let the plan say what"
        " holds then.",
        "La composante lit un ratio au chiffre d'affaires, et il n'y en a pas. Corrigez les ventes, ou que le"
        " plan dise ce"
        " qui vaut alors.",
    ),
    "no_trait": Words(
        "Record the contract length or discount of the sales that have none.",
        "Saisissez la durée du contrat ou la remise des ventes qui n'en ont pas.",
    ),
    "no_figure": Words(
        "The component looks at another in which the seller does not take part: enrol the seller, or change the plan."
        " Of a share of a team's earnings, a place, or what everybody has: resolve the lines of the others first.",
        "La composante en lit une autre à laquelle le vendeur ne participe pas. Inscrivez le vendeur, ou"
        " modifiez le plan. Pour une part des gains d'une équipe, un rang ou un total, traitez d'abord les lignes des"
        " autres.",
    ),
    "earlier_sales_uncredited": Words(
        "A plan looks back at months in which some transactions credit nobody (`earlier_sales` of the run): date rules,"
        " coverage and owners back to them, or what is compared with them pays too much.",
        "Un plan regarde des mois où des transactions ne créditent personne (`earlier_sales` du calcul). Faites"
        " remonter jusque-là règles, couvertures et propriétaires, sinon ce qui s'y compare paie trop.",
    ),
    "no_earlier_sales": Words(
        "A plan looks back at months in which nothing was sold (`earlier_sales` of the run): record the transactions"
        " of those months if there were any, or growth is measured against nothing.",
        "Un plan regarde des mois où rien n'a été vendu (`earlier_sales` du calcul). Saisissez les transactions de"
        " ces mois s'il y en eut, sinon la croissance se mesure à rien.",
    ),
    "formula_unknown": Words(
        "The formula divides by zero or needs what is unknown: see its workings, then correct the figures or the"
        " formula.",
        "La formule divise par zéro ou dépend d'un chiffre inconnu. Voyez son calcul, puis corrigez les chiffres"
        " ou la"
        " formule.",
    ),
    "no_objectives": Words(
        "Set objectives of the seller for the window.", "Fixez au vendeur des objectifs pour la fenêtre."
    ),
    "objective_not_assessed": Words(
        "Assess every objective of the window.", "Évaluez tous les objectifs de la fenêtre."
    ),
    "no_longer_eligible": Words(
        "Something was posted to a seller who no longer takes part: enrol the seller again, or settle it by an"
        " inquiry.",
        "Un montant a été comptabilisé pour un vendeur qui ne participe plus. Réinscrivez-le, ou réglez-le par une"
        " réclamation.",
    ),
    "no_rule_applies": Words(
        "No crediting rule names anybody: assign the account to a territory or owner, or credit the transaction"
        " by hand.",
        "Aucune règle de crédit ne désigne personne. Rattachez le compte à un territoire ou à un propriétaire,"
        " ou créditez"
        " la transaction à la main.",
    ),
    "not_eligible": Words(
        "Nobody is paid on those named that day: enrol them in a plan that counts such credits, if they should"
        " be paid.",
        "Personne n'est payé ce jour-là sur ceux qui sont désignés. Inscrivez-les à un plan qui compte ces"
        " crédits, s'ils"
        " doivent être payés.",
    ),
    "partly_covered": Words(
        "Part of the territory is vacant: assign it, or leave that part uncredited.",
        "Une partie du territoire est vacante. Affectez-la, ou laissez cette partie sans crédit.",
    ),
    "lower_precedence": Words(
        "Another rule names somebody first: nothing to do, unless the precedence of the rules is wrong.",
        "Une autre règle désigne quelqu'un avant. Rien à faire, sauf si l'ordre des règles est faux.",
    ),
    "named_twice": Words(
        "A narrower assignment of the same rule credits the seller: nothing to do.",
        "Une affectation plus étroite de la même règle crédite le vendeur. Rien à faire.",
    ),
}
