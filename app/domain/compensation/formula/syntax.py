"""From text to syntax. Python's parser reads the text; nothing of it is ever run.

What a formula can say is sifted three times, each time by an allow-list: characters and size here, then kinds of
syntax, then units and digits.
"""

from __future__ import annotations

import ast
import re
from typing import Final

LONGEST: Final = 2_000
MOST_NODES: Final = 200
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_.,()+\-*/<>=! \r\n\t]")
_NUMBER_THEN_LETTER = re.compile(r"(?<![A-Za-z0-9_.])[0-9][0-9.]*[A-Za-z_]")


class FormulaError(ValueError):
    """A formula that cannot be accepted: a stable code, what to do, and where in the text."""

    def __init__(self, code: str, detail: str, start: int = 0, end: int = 0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.start = start
        self.end = end


def parse(text: str) -> ast.expr:
    """The syntax of one expression of bounded size; its places are those of the text without leading blanks."""
    if len(text) > LONGEST:
        raise FormulaError("formula_too_long", f"Use at most {LONGEST} characters.", LONGEST, len(text))
    if found := _NOT_ALLOWED.search(text):
        raise FormulaError("formula_character", f"The character {found[0]!r} has no meaning here.", *found.span())
    if found := _NUMBER_THEN_LETTER.search(text):
        raise FormulaError("formula_number", "Write numbers plainly, such as 1000 or 0.05.", *found.span())
    # Blanks for line ends keep every place where it was; a leading one would be an indent.
    try:
        body = ast.parse(re.sub(r"\s", " ", text).lstrip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        at = min(indent(text) + max((getattr(error, "offset", None) or 1) - 1, 0), len(text))
        raise FormulaError("formula_syntax", "This cannot be read as a formula.", at, len(text)) from error
    if sum(1 for _ in ast.walk(body)) > MOST_NODES:
        raise FormulaError("formula_too_complex", f"Use at most {MOST_NODES} parts.", 0, len(text))
    return body


def indent(text: str) -> int:
    """Blanks before the formula begins."""
    return len(text) - len(text.lstrip())
