"""What is measured: a figure is a kind of request, sent to the product and to whoever does the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from benchmarks.equality import difference, facts
from benchmarks.load import Outcome, Stream, send
from benchmarks.pgbench import script
from benchmarks.recording import recorder
from benchmarks.requests import Request

_SCRIPTS = 4
_TRAIL = ("account", "fiscal_period", "transition", "audit_entry", "event")
_NEVER_EQUAL = frozenset({"next_cursor"})
_NEVER_EQUAL_AFTER_WRITING = _NEVER_EQUAL | {"id", "version", "created_at", "updated_at"}


@dataclass(frozen=True)
class Cycle:
    """A subject that moves in a circle: request `n` is possible in state `n` and leads to the next."""

    table: str
    id: UUID
    states: Sequence[str]
    requests: Sequence[Request]


@dataclass(frozen=True)
class Figure:
    """One thing to measure, with requests that differ so that no single row is hot, or with cycles."""

    name: str
    peer: str
    """The ordinary way it is compared with."""
    requests: Sequence[Request] = ()
    cycles: Sequence[Cycle] = ()
    writes: bool = False
    expected: float | None = None
    """How many times the ordinary way the product is expected to be."""


class Bench:
    """The database of a run and the caller's key; sends figures to servers on it."""

    def __init__(self, dsn: str, key: str, folder: Path) -> None:
        self.dsn = dsn
        self.key = key
        self.folder = folder

    def turn(self, figure: Figure, port: int, connections: int, seconds: float) -> Outcome:
        """Load a server with a figure; each connection has requests of its own order, or a cycle of its own."""
        if figure.cycles:
            streams = [self._stream(cycle) for cycle in figure.cycles[:connections]]
            if len(streams) < connections:
                raise SystemExit(f"{figure.name} has only {len(streams)} subjects: take fewer connections")
            return send(port, seconds, streams)
        raw = [request.raw(self.key) for request in figure.requests]
        shift = max(1, len(raw) // connections)
        streams = [Stream(raw[n * shift % len(raw) :] + raw[: n * shift % len(raw)]) for n in range(connections)]
        return send(port, seconds, streams)

    def _stream(self, cycle: Cycle) -> Stream:
        version, at = self._place(cycle)
        requests = [request.raw(self.key) for request in cycle.requests]
        return Stream(requests[at:] + requests[:at], version)

    def _place(self, cycle: Cycle) -> tuple[int, int]:
        row = self.fetch(f"select version, state from {cycle.table} where id = $1", cycle.id)
        return row[0], cycle.states.index(row[1])

    def fetch(self, sql: str, *values: Any) -> Any:
        """One row, past every tenant wall."""

        async def run() -> Any:
            connection = await asyncpg.connect(self.dsn)
            try:
                return await connection.fetchrow(sql, *values)
            finally:
                await connection.close()

        return asyncio.run(run())

    def check_equal(self, figure: Figure, product: int, other: int) -> None:
        """End the run unless both servers answer a figure with the same facts and leave as many rows."""
        mine, theirs = self._answers(figure, product), self._answers(figure, other)
        if found := difference(mine, theirs):
            raise SystemExit(f"{figure.name}: the product and {figure.peer} differ at {found}")

    def _answers(self, figure: Figure, port: int) -> list[Any]:
        left_out = _NEVER_EQUAL_AFTER_WRITING if figure.writes else _NEVER_EQUAL
        answers = []
        before = self._rows()
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            for request in self._samples(figure):
                # Cycles know their place only when the request before was answered.
                ready = request if isinstance(request, Request) else self._next(request)
                answer = client.request(ready.method, ready.path, content=ready.content, headers=dict(ready.headers))
                if not answer.is_success or '"errors"' in answer.text:
                    raise SystemExit(f"{figure.name} on port {port}: {answer.status_code} {answer.text[:600]}")
                answers.append(facts(answer.content, left_out))
        return [*answers, [after - count for after, count in zip(self._rows(), before, strict=True)]]

    def _rows(self) -> list[int]:
        return list(self.fetch("select " + ", ".join(f"(select count(*) from {table})" for table in _TRAIL)))

    def _samples(self, figure: Figure) -> list[Request | Cycle]:
        if figure.cycles:
            return [cycle for cycle in figure.cycles[:2] for _ in cycle.requests]
        return list(figure.requests[:2] if figure.writes else figure.requests)

    def _next(self, cycle: Cycle) -> Request:
        version, at = self._place(cycle)
        return cycle.requests[at].at_version(version)

    async def scripts(self, figures: Sequence[Figure]) -> dict[str, list[Path]]:
        """Scripts for pgbench: what the product says to PostgreSQL for some requests of each figure."""
        written: dict[str, list[Path]] = {}
        async with recorder(self.dsn, self.folder, self.key) as recording:
            for number, figure in enumerate(figures):
                written[figure.name] = []
                for part, request in enumerate((figure.requests or self._samples(figure))[:_SCRIPTS]):
                    ready = request if isinstance(request, Request) else await asyncio.to_thread(self._next, request)
                    began = datetime.now(UTC)
                    path = self.folder / f"figure-{number}-{part}.sql"
                    path.write_text(script(await recording.record(ready), began))
                    written[figure.name].append(path)
        return written
