"""The ceiling: the statements of recorded requests, replayed by pgbench in the product's role and tenant."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from app.database.embedded.host import binaries
from app.settings import Settings
from benchmarks.load import Outcome
from benchmarks.recording import Statement

_PLACEHOLDER = re.compile(r"\$(\d+)")
_TEXT = re.compile(r"'(?:[^']|'')*'")
_RESULT = re.compile(r"latency average = (?P<latency>[\d.]+) ms.*tps = (?P<tps>[\d.]+) \(without initial", re.DOTALL)
_FAILED = re.compile(r"number of failed transactions: ([1-9]\d*)")


def replay(dsn: str, org_id: UUID, scripts: Sequence[Path], seconds: float) -> Outcome:
    """Run scripts in turn over as many connections as the product's pool has; whole seconds, at least one."""
    settings = Settings.model_fields
    options = {"role": settings["database_role"].default, "palier.org_id": org_id, "timezone": "UTC", "jit": "off"}
    environment = os.environ | {"PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in options.items())}
    clients = settings["read_pool_size"].default
    command = [str(binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={clients}"]
    command += [f"--time={max(1, round(seconds))}", *(f"--file={script}" for script in scripts), dsn]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = _RESULT.search(done.stdout)
    if done.returncode or found is None or _FAILED.search(done.stdout):
        raise SystemExit(f"pgbench failed:\n{done.stdout}\n{done.stderr}")
    spent = max(1, round(seconds))
    latency = float(found["latency"])
    return Outcome(round(float(found["tps"]) * spent), spent, latency, latency, 0, "")


def script(statements: Sequence[Statement], recorded_from: datetime) -> str:
    """A pgbench script of one request.

    Ids that the product made since `recorded_from` are made anew at each replay, in the statement that enters the
    tenant, so that they cost no round trip.
    """
    fresh = list(dict.fromkeys(v for s in statements for v in s.values if _made_since(v, recorded_from)))
    names = {id: f"fresh_{n}" for n, id in enumerate(fresh)}
    first, *others = (_inlined(statement, names) for statement in statements)
    if not others:
        return f"{first};\n"
    made = "".join(f", uuidv7() as {name}" for name in names.values())
    lines = ["begin;", f"{first}{made} \\gset" if made else f"{first};", *(f"{other};" for other in others), "commit;"]
    return "\n".join(lines) + "\n"


def _made_since(value: Any, moment: datetime) -> bool:
    return isinstance(value, UUID) and value.version == 7 and value.int >> 80 >= int(moment.timestamp() * 1000)


def _inlined(statement: Statement, names: dict[UUID, str]) -> str:
    values = [_literal(value, names) for value in statement.values]
    text = _PLACEHOLDER.sub(lambda found: values[int(found[1]) - 1], statement.sql)
    return _TEXT.sub(_without_variables, text)


def _literal(value: Any, names: dict[UUID, str]) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int | Decimal):
        return f"({value})".lower()
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    if isinstance(value, UUID) and value in names:
        return f":{names[value]}::uuid"
    if isinstance(value, list | tuple):
        return _quoted("{" + ",".join(f'"{item}"' for item in value) + "}")
    text = _quoted(str(value))
    for id, name in names.items():
        if str(id) in text:
            text = f"replace({text}, '{id}', :{name}::text)"
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _without_variables(found: re.Match[str]) -> str:
    """A literal in which pgbench sees no variable: it takes `:word` for one, even within quotes."""
    text = found[0]
    if not re.search(r":[A-Za-z_]", text):
        return text
    return "E" + text.replace("\\", "\\\\").replace(":", "\\x3A")
