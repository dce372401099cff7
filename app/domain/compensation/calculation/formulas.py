"""Formulas in the texts of the steps: each component's compiled expression stands where a text says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from app.domain.compensation.calculation.inputs import Finding, InvalidInputs
from app.domain.compensation.formula import Figure, Formula, FormulaError
from app.domain.compensation.terms.figures import MOST_EARNED, read_text, type_of

MARK: Final = "/* formulas */"
"""Where a step says what each formula comes to: after `CASE`, over the columns v1, v2, … of `p` in order of inputs."""
FORMULAS: Final = "SELECT component_id, text, currency FROM formula ORDER BY component_id"
FORMULA_INPUTS: Final = "SELECT component_id, ordinal, name, unit FROM formula_input ORDER BY component_id, ordinal"

FormulaRow = tuple[UUID, str, str]
FormulaInputRow = tuple[UUID, int, str, str]


class Formulas:
    """The formulas of a run, read again from their texts: nothing but what the language allows becomes SQL."""

    def __init__(self, formulas: Iterable[FormulaRow], inputs: Iterable[FormulaInputRow]) -> None:
        """Read the rows of `FORMULAS` and `FORMULA_INPUTS`.

        Raises InvalidInputs for a text that cannot be read.
        """
        self.names: dict[UUID, dict[str, tuple[int, str]]] = defaultdict(dict)
        for component_id, ordinal, name, unit in inputs:
            self.names[component_id][name] = (ordinal, unit)
        self.read = {
            component_id: self._read(component_id, text, currency) for component_id, text, currency in formulas
        }

    def _read(self, component_id: UUID, text: str, currency: str) -> Formula:
        known = self.names[component_id].items()
        figures = {name: Figure(type_of(unit, currency), name, name) for name, (_, unit) in known}
        try:
            return read_text(text, figures, currency)
        except FormulaError as error:
            raise InvalidInputs((Finding(error.code, "formula", "text", error.detail),)) from error

    def within(self, sql: str) -> str:
        """The text of a step with every formula where it is marked."""
        return sql.replace(MARK, " ".join(self._branch(component_id) for component_id in self.read))

    def _branch(self, component_id: UUID) -> str:
        columns = {name: f"p.v{ordinal}" for name, (ordinal, _) in self.names[component_id].items()}
        formula = self.read[component_id]
        amount = formula.sql(columns)
        exact = f"CAST({amount} AS DECIMAL(38, 16))"
        if formula.tree.type.most >= MOST_EARNED:
            # One condition inside the other: nothing is computed with the figures of another component.
            exact = f"CASE WHEN ABS({amount}) < CAST('{MOST_EARNED:f}' AS DECIMAL(38, 0)) THEN {exact} END"
        return f"WHEN a.component_id = '{component_id}' THEN {exact}"
