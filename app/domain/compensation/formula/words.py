"""A formula as a sentence, in English or French."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from app.domain.compensation.formula.tree import (
    Arithmetic,
    Choice,
    Compare,
    Day,
    Days,
    Extreme,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Quotient,
    Rounded,
    Size,
)

Language: TypeAlias = Literal["en", "fr"]

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "+": "{} plus {}",
        "-": "{} minus {}",
        "*": "{} times {}",
        "<": "{} is below {}",
        "<=": "{} is at most {}",
        ">": "{} is above {}",
        ">=": "{} is at least {}",
        "==": "{} is exactly {}",
        "!=": "{} is not {}",
        "and": " and ",
        "or": " or ",
        "not": "it is not so that {}",
        "negative": "minus {}",
        "min": "the smallest of {}",
        "max": "the largest of {}",
        "abs": "{} without its sign",
        "round": "{} rounded to {} decimal places",
        "floor": "{} rounded down to a whole number",
        "ceil": "{} rounded up to a whole number",
        "div": "{} divided by {}, to {} decimal places",
        "days": "the days from {} to {}",
        "if": "if {0}, {1}; otherwise {2}",
    },
    "fr": {
        "+": "{} plus {}",
        "-": "{} moins {}",
        "*": "{} fois {}",
        "<": "{} est inférieur à {}",
        "<=": "{} est au plus {}",
        ">": "{} est supérieur à {}",
        ">=": "{} est au moins {}",
        "==": "{} est exactement {}",
        "!=": "{} est différent de {}",
        "and": " et ",
        "or": " ou ",
        "not": "il n'est pas vrai que {}",
        "negative": "moins {}",
        "min": "le plus petit entre {}",
        "max": "le plus grand entre {}",
        "abs": "{} sans son signe",
        "round": "{} arrondi à {} décimales",
        "floor": "{} arrondi à l'entier inférieur",
        "ceil": "{} arrondi à l'entier supérieur",
        "div": "{} divisé par {}, à {} décimales",
        "days": "le nombre de jours du {} au {}",
        "if": "si {0}, {1} ; sinon {2}",
    },
}
# Parts that are read as one thing need no brackets inside another.
_SIMPLE: Final = (Number, Day, Name, Negative)


def words_of(node: Node, labels: Mapping[str, str], language: Language) -> str:
    """The sentence, calling each name by its label."""
    return _Speaker(labels, language).say(node)


def number_in_words(value: Decimal, language: Language) -> str:
    """12345.5 as 12,345.5 in English and 12 345,5 in French (with no-break spaces)."""
    text = f"{value:,f}"
    return text if language == "en" else text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


class _Speaker:
    def __init__(self, labels: Mapping[str, str], language: Language) -> None:
        self.labels = labels
        self.language = language
        self.words = _WORDS[language]

    def inner(self, node: Node, plain: tuple[type[Node], ...] = _SIMPLE) -> str:
        return self.say(node) if isinstance(node, plain) else f"({self.say(node)})"

    def joined(self, word: str, items: tuple[Node, ...]) -> str:
        said = [self.inner(item, (*_SIMPLE, Compare)) for item in items]
        return ", ".join(said[:-1]) + self.words[word] + said[-1]

    def parts(self, node: Node) -> list[str]:
        """Commas and verbs keep the parts of a choice or a comparison apart without brackets."""
        loose = isinstance(node, Choice | Compare)
        return [self.say(part) if loose and not isinstance(part, Choice) else self.inner(part) for part in node.parts()]

    def say(self, node: Node) -> str:
        match node:
            case Number(value=value):
                said = number_in_words(value, self.language)
                return f"{said} {node.type.currency}" if node.type.currency else said
            case Day(value=value):
                return value.isoformat() if self.language == "en" else f"{value:%d/%m/%Y}"
            case Name(name=name):
                return self.labels[name]
            case Logic(op=op, items=items):
                return self.joined(op, items)
            case Extreme(op=op, items=items):
                return self.words[op].format(self.joined("and", items))
            case Rounded(op="round", digits=digits) | Quotient(digits=digits):
                return self.places(node, digits)
            case _:
                return self.words[_word(node)].format(*self.parts(node))

    def places(self, node: Node, digits: int) -> str:
        said = self.words["div" if isinstance(node, Quotient) else "round"].format(*self.parts(node), digits)
        # One place is not several.
        return said if digits != 1 else said.removesuffix("s")


def _word(node: Node) -> str:
    match node:
        case Arithmetic(op=op) | Compare(op=op):
            return op
        case Rounded(op=op):
            return op
        case Not():
            return "not"
        case Negative():
            return "negative"
        case Size():
            return "abs"
        case Days():
            return "days"
        case Choice():
            return "if"
        case _:
            raise TypeError(node)
