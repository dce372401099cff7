"""The load: keep-alive connections that each send the next request when the last one is answered.

Runs as a process of its own (`python -m benchmarks.load`), reads its plan from standard input and prints what came of
it. It speaks just enough HTTP/1.1 to cost little beside the servers it shares the machine with.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import cast

import uvloop
from typing_extensions import override

from benchmarks.requests import VERSION

_MARK = VERSION.encode()
_DRAIN = 10.0


@dataclass(frozen=True)
class Stream:
    """What one connection sends, over and over. With a `version`, each success counts it up for the next request."""

    requests: Sequence[bytes]
    version: int | None = None


@dataclass
class Outcome:
    """What came of one turn."""

    answered: int
    seconds: float
    p50: float
    """Milliseconds within which half of the answers came."""
    p99: float
    errors: int
    first_error: str

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answered / self.seconds


def send(port: int, seconds: float, streams: Sequence[Stream]) -> Outcome:
    """Send the streams to a server for a time, from another process."""
    plan = {
        "port": port,
        "seconds": seconds,
        "streams": [{"requests": [r.decode() for r in s.requests], "version": s.version} for s in streams],
    }
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the load generator failed:\n{done.stderr}")
    return Outcome(**json.loads(done.stdout))


@dataclass
class _Tally:
    until: float
    last: float = 0.0
    times: list[float] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""
    busy: int = 0


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, stream: Stream, tally: _Tally, finished: asyncio.Event) -> None:
        self._requests = stream.requests
        self._version = stream.version
        self._tally = tally
        self._finished = finished
        self._sent = 0
        self._began = 0.0
        self._received = bytearray()
        self._expected = 0
        self._body_at = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is one without being derived from it.
        self._transport = cast("asyncio.Transport", transport)
        self._tally.busy += 1
        self._send()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or time.perf_counter() < self._tally.until:
            self._fail(f"the connection was lost: {exc}")
        self._tally.busy -= 1
        if not self._tally.busy:
            self._finished.set()

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._expected and not self._read_head():
            return
        if len(self._received) >= self._expected:
            self._answered()

    def _read_head(self) -> bool:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._received[: end + 2]).lower()
        _, found, rest = head.partition(b"\r\ncontent-length:")
        if not found:
            self._fail("an answer without Content-Length")
            self._transport.abort()
            return False
        self._body_at = end + 4
        self._expected = self._body_at + int(rest[: rest.index(b"\r")])
        return True

    def _answered(self) -> None:
        now = time.perf_counter()
        good = self._received[9:10] == b"2" and self._received.find(b'"errors"', self._body_at) < 0
        if not good:
            self._fail(self._received[:600].decode(errors="replace"))
        else:
            self._tally.times.append(now - self._began)
            self._tally.last = now
        if good and self._version is not None:
            self._version += 1
        self._received.clear()
        self._expected = 0
        if now < self._tally.until:
            self._send()
        else:
            self._transport.close()

    def _send(self) -> None:
        request = self._requests[self._sent % len(self._requests)]
        if self._version is not None:
            request = request.replace(_MARK, b"%09d" % self._version)
        self._sent += 1
        self._began = time.perf_counter()
        self._transport.write(request)

    def _fail(self, what: str) -> None:
        self._tally.errors += 1
        self._tally.first_error = self._tally.first_error or what


async def _run(port: int, seconds: float, streams: Sequence[Stream]) -> Outcome:
    loop, finished = asyncio.get_running_loop(), asyncio.Event()
    began = time.perf_counter()
    tally = _Tally(began + seconds)
    for stream in streams:
        await loop.create_connection(partial(_Connection, stream, tally, finished), "127.0.0.1", port)
    await asyncio.wait_for(finished.wait(), seconds + _DRAIN)
    times = sorted(tally.times) or [0.0]
    p50, p99 = statistics.median(times) * 1000, times[int(len(times) * 0.99)] * 1000
    # What was asked in time counts until it is answered, else a slow server would lose an answer per connection.
    return Outcome(len(tally.times), max(tally.last - began, seconds), p50, p99, tally.errors, tally.first_error)


def main() -> None:
    plan = json.load(sys.stdin)
    streams = [Stream([text.encode() for text in each["requests"]], each["version"]) for each in plan["streams"]]
    outcome = uvloop.run(_run(plan["port"], plan["seconds"], streams))
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
