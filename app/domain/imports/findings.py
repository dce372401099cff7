"""The journal of an import: findings are kept as they are made, in transactions of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.imports.contract import Severity
from app.domain.imports.mapping import EntityName
from app.domain.kernel.jobs import JobContext

_MOST_WAITING = 5_000
_LONGEST = 500

_INSERT = """
insert into import_finding (org_id, import_id, ordinal, severity, file, entity, row_number, column_name, rule, before,
  after, detail)
select :org_id, :import_id, g.ordinal, g.severity, g.file, g.entity, g.row_number, g.column_name, g.rule, g.before,
  g.after, g.detail
from jsonb_populate_recordset(cast(null as import_finding), cast(:documents as jsonb)) g
"""


class Journal:
    """Collects findings and stores them in sets."""

    def __init__(self, context: JobContext, import_id: UUID) -> None:
        self._context = context
        self._import_id = import_id
        self._waiting: list[dict[str, Any]] = []
        self._ordinal = 0

    async def clear(self) -> None:
        """Forget the findings of an attempt that broke."""
        async with self._context.transaction() as tx:
            await tx.execute(
                "delete from import_finding where org_id = :org_id and import_id = :import_id",
                import_id=self._import_id,
            )

    def add(
        self,
        severity: Severity,
        file: str,
        rule: str,
        *,
        entity: EntityName | None = None,
        row: int | None = None,
        column: str | None = None,
        before: str | None = None,
        after: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Note a finding; `flush` stores it."""
        self._ordinal += 1
        finding = {
            "ordinal": self._ordinal,
            "severity": severity,
            "file": file,
            "entity": entity,
            "row_number": row,
            "column_name": _short(column),
            "rule": rule,
            "before": _short(before),
            "after": _short(after),
            "detail": _short(detail),
        }
        self._waiting.append(finding)

    async def flush(self) -> None:
        """Store what was noted."""
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), _MOST_WAITING):
            await self._store(waiting[start : start + _MOST_WAITING])

    async def _store(self, findings: Sequence[dict[str, Any]]) -> None:
        async with self._context.transaction() as tx:
            await tx.execute(_INSERT, import_id=self._import_id, documents=to_json(findings).decode())


def _short(text: str | None) -> str | None:
    """Findings quote what was sent, which may be long or hold what no text column takes."""
    if text is None:
        return None
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()[:_LONGEST]
