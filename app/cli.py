"""`palier`: start the service, look after it, and drive it from scripts."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import httpx
import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import __version__
from app.database import migrate as schema
from app.demo.keys import DemoKeys
from app.domain.kernel.ids import uuid7
from app.domain.kernel.permissions import Role
from app.domain.organisation.founding import found_organisation, issue_key, issue_key_of, verify_audit_chain
from app.main import create_app
from app.service import Service
from app.settings import Settings

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Palier, a backend for sales performance management."
)
keys = typer.Typer(no_args_is_help=True, help="API keys.")
runs = typer.Typer(no_args_is_help=True, help="Compensation runs.")
cli.add_typer(keys, name="key")
cli.add_typer(runs, name="run")
say = Console(stderr=True, highlight=False).print

Url = Annotated[str, typer.Option(help="Address of the running service.", envvar="PALIER_URL")]
Key = Annotated[str, typer.Option(help="API key; the demo's by default.", envvar="PALIER_KEY")]


def main() -> None:
    """Entry point: a mistake in the settings is told in one line, not as a traceback."""
    try:
        cli()
    except ValidationError as error:
        for item in error.errors():
            say(f"[red]PALIER_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}")
        sys.exit(2)


@cli.command()
def serve(
    demo: Annotated[bool, typer.Option(help="Load the demo organisation if it is not there.")] = False,
    worker: Annotated[bool, typer.Option(help="Also run a worker beside the API.")] = False,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve REST and GraphQL; brings a PostgreSQL of its own unless PALIER_DATABASE_URL is set."""
    settings = _settings()
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    # uvicorn hands the signal on once it has ended; this makes it an ordinary end, so that the blocks below are left.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, frame: sys.exit(0))
    with _database(settings) as dsn:
        if demo:
            _call(settings, dsn, "demo", "--quiet")
        with _worker_beside(settings, dsn) if worker else _nothing():
            _announce(settings, demo)
            _listen(settings, dsn)


@cli.command()
def worker(
    beside: Annotated[bool, typer.Option(help="Stop when the process that started it is gone.")] = False,
) -> None:
    """Run jobs until told to stop; SIGTERM lets running ones end first."""
    from app.worker import main as work

    settings = _settings()
    with _database(settings) as dsn:
        asyncio.run(work(settings, dsn, parent=os.getppid() if beside else None))


@cli.command()
def migrate(revision: Annotated[str, typer.Argument(help="Where to go; `head` is the newest.")] = "head") -> None:
    """Bring the schema to a revision."""
    with _database(_settings(), prepare=False) as dsn:
        asyncio.run(schema.upgrade(dsn, revision))
        say(f"schema at {asyncio.run(schema.current_revision(dsn))}")


@cli.command()
def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the address and the keys as JSON.")] = False,
    quiet: Annotated[bool, typer.Option(help="Print nothing but progress.")] = False,
) -> None:
    """Load the demo organisation once, and print its keys."""
    settings = _settings()
    with _database(settings) as dsn:
        asyncio.run(_load_demo(settings, dsn))
    found = {"url": settings.base_url, "keys": DemoKeys(settings.data_dir).read()}
    if as_json:
        print(json.dumps(found))
    elif not quiet:
        _announce(settings, demo=True)


@cli.command("import")
def import_files(
    folder: Annotated[Path, typer.Argument(help="Folder of the files.", exists=True, file_okay=False)],
    mapping: Annotated[str, typer.Option(help="Name of a shipped mapping, or a mapping file.")],
    dry_run: Annotated[bool, typer.Option(help="Only report what would happen.")] = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Import files into the running service and follow the job."""
    with _client(url, key, "sales_ops") as client:
        text = Path(mapping).read_text() if Path(mapping).is_file() else ""
        data = {"mapping": mapping if not text else "", "mapping_document": text, "dry_run": str(dry_run).lower()}
        found = [("files", (path.name, path.read_bytes(), "text/csv")) for path in sorted(folder.glob("*.csv"))]
        if not found:
            _fail(f"{folder} has no CSV file")
        headers = {"Idempotency-Key": f"cli-import-{time.time_ns()}"}
        job = _ok(client.post("/v1/imports", data=data, files=found, headers=headers, timeout=600))
        print(json.dumps(_follow(client, job), indent=2))


@runs.command("start")
def run_start(
    period: Annotated[str, typer.Argument(help="Code of the period, such as 2026-Q1.")],
    preview: Annotated[bool, typer.Option(help="Calculate without anything to post.")] = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Calculate a period and follow the job."""
    with _client(url, key, "comp_admin") as client:
        periods = _ok(client.get("/v1/periods", params={"code": period}))["items"]
        if not periods:
            _fail(f"there is no period {period}")
        body = {"period_id": periods[0]["id"], "kind": "preview" if preview else "official"}
        headers = {"Idempotency-Key": f"cli-{uuid7()}"}
        run = _ok(client.post("/v1/compensation-runs", json=body, headers=headers))
        job = _ok(client.get(f"/v1/jobs/{run['job_id']}"))
        _follow(client, job)
        print(json.dumps(_ok(client.get(f"/v1/compensation-runs/{run['id']}")), indent=2))


@runs.command("verify")
def run_verify(
    run_id: Annotated[UUID, typer.Argument(help="Id of the run.")],
    engine: Annotated[str, typer.Option(help="postgresql or duckdb.")] = "postgresql",
    url: Url = "",
    key: Key = "",
) -> None:
    """Recalculate a run from the inputs it read, and tell where it differs; ends with 1 if it does."""
    with _client(url, key, "comp_admin") as client:
        job = _ok(client.post(f"/v1/compensation-runs/{run_id}/verify", json={"engine": engine}))
        said = _ok(client.get(_follow(client, job)["path"]))
        print(json.dumps(said, indent=2))
        if said["same"]:
            say(f"the same {len(said['steps'])} digests with {said['engine']} {said['engine_version']}")
        else:
            _fail(f"differs from step {said['step']} of {said['fiscal_year']} on")


@keys.command("bootstrap")
def key_bootstrap(
    organisation: Annotated[str, typer.Option(help="Name of the new organisation.")],
    currency: Annotated[str, typer.Option(help="Its reporting currency.")] = "EUR",
) -> None:
    """Found an organisation and print the key of its first administrator, this once."""
    settings = _settings()

    async def run(dsn: str) -> str:
        async with _Running(settings, dsn) as service:
            return (await found_organisation(service.operations.transaction, organisation, currency)).key

    with _database(settings) as dsn:
        print(asyncio.run(run(dsn)))


@keys.command("issue")
def key_issue(
    organisation: Annotated[str, typer.Option(help="Id of the organisation.")],
    role: Annotated[Role, typer.Option(help="Role of the new service principal.")] = Role.ADMIN,
    name: Annotated[str, typer.Option(help="What it is for.")] = "command line",
    principal: Annotated[UUID | None, typer.Option(help="Id of one that is there, not a new one.")] = None,
) -> None:
    """Issue a key for a service principal of an organisation, new or not, or for a person; print it this once."""
    settings = _settings()

    async def run(dsn: str) -> str:
        async with _Running(settings, dsn) as service:
            transaction = service.operations.transaction
            if principal is not None:
                return await issue_key_of(transaction, organisation, name, principal)
            return await issue_key(transaction, organisation, name, role)

    with _database(settings) as dsn:
        print(asyncio.run(run(dsn)))


@cli.command()
def doctor() -> None:
    """Check that everything the service needs is there and sound."""
    settings = _settings()
    say(f"palier {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    say(f"database: {'PALIER_DATABASE_URL' if settings.database_url else f'embedded, in {settings.data_dir}'}")
    sound = True

    async def look(dsn: str) -> bool:
        async with _Running(settings, dsn) as service:
            at, head = await service.ping(), schema.head_revision()
            say(f"schema: {at}, this release needs {head}: {'ok' if at == head else 'run `palier migrate`'}")
            broken = await verify_audit_chain(dsn)
            for name, count, fault in broken:
                say(f"audit of {name}: {count} entries, {f'[red]broken at entry {fault}' if fault else 'unbroken'}")
            return at == head and not any(fault for _, _, fault in broken)

    with _database(settings, prepare=False) as dsn:
        sound = asyncio.run(look(dsn))
    sys.exit(0 if sound else 1)


# -- the database and the processes --------------------------------------------------------------------------------


def _settings() -> Settings:
    settings = Settings()
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("httpx", "alembic", "pgqueuer"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return settings


@contextmanager
def _database(settings: Settings, *, prepare: bool = True) -> Iterator[str]:
    """The database of the settings, or a server of our own; migrated unless `prepare` is off."""
    if settings.database_url is not None:
        dsn = settings.database_url
        if prepare:
            asyncio.run(schema.upgrade(dsn))
        yield dsn
        return
    from app.database.embedded import EmbeddedServer, EmbeddedServerError

    try:
        with EmbeddedServer(settings.data_dir, progress=lambda text: say(f"  {text}")) as server:
            dsn = server.dsn("palier")
            asyncio.run(schema.ensure_database(dsn))
            if prepare and asyncio.run(schema.current_revision(dsn)) != schema.head_revision():
                say("  bringing the schema up to date")
                asyncio.run(schema.upgrade(dsn))
            yield dsn
    except EmbeddedServerError as error:
        _fail(str(error))


class _Running:
    """A service for the length of a block."""

    def __init__(self, settings: Settings, dsn: str) -> None:
        self._service = Service(settings, dsn)

    async def __aenter__(self) -> Service:
        return self._service

    async def __aexit__(self, *error: object) -> None:
        await self._service.close()


async def _load_demo(settings: Settings, dsn: str) -> None:
    from app.demo.load import load_demo

    async with _Running(settings, dsn) as service:
        with _bar() as bar:
            task = bar.add_task("demo organisation", total=None, start=False)

            def show(done: int, total: int, text: str) -> None:
                bar.start_task(task)
                bar.update(task, completed=done, total=total, description=text)
                if not bar.console.is_terminal:
                    say(f"  {text}")

            await load_demo(service, DemoKeys(settings.data_dir), show)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _child(settings: Settings, dsn: str, *words: str) -> tuple[list[str], dict[str, str]]:
    """This program again, on the same database. What calculates stays out of the process that serves."""
    environment = os.environ | {"PALIER_DATABASE_URL": dsn, "PALIER_DATA_DIR": str(settings.data_dir)}
    return [sys.executable, "-m", "app.cli", *words], environment


def _call(settings: Settings, dsn: str, *words: str) -> None:
    command, environment = _child(settings, dsn, *words)
    if status := subprocess.run(command, env=environment, check=False).returncode:
        sys.exit(status)


@contextmanager
def _worker_beside(settings: Settings, dsn: str) -> Iterator[None]:
    """A worker as a child process, ended with SIGTERM when the block ends."""
    command, environment = _child(settings, dsn, "worker", "--beside")
    child = subprocess.Popen(command, env=environment)
    try:
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(settings.shutdown_grace)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _listen(settings: Settings, dsn: str) -> None:
    config = uvicorn.Config(
        create_app(Service(settings, dsn)),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=int(settings.shutdown_grace),
        server_header=False,
    )
    uvicorn.Server(config).run()


def _announce(settings: Settings, demo: bool) -> None:
    say(f"\nPalier is at {settings.base_url}  (docs {settings.base_url}/docs, GraphQL {settings.base_url}/graphql)")
    if demo:
        for role, key in DemoKeys(settings.data_dir).read().items():
            say(f"  {role:<11} {key}", soft_wrap=True)
    say("")


# -- talking to the running service --------------------------------------------------------------------------------


def _client(url: str, key: str, role: str) -> httpx.Client:
    settings = _settings()
    key = key or DemoKeys(settings.data_dir).read().get(role, "")
    if not key:
        _fail("give --key or set PALIER_KEY")
    return httpx.Client(base_url=url or settings.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def _ok(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    try:
        problem = answer.json()
        findings = "".join(f"\n  {f['pointer']}: {f['detail']}" for f in problem.get("errors", []))
        _fail(f"{problem['title']} ({problem['code']}): {problem.get('detail', '')}{findings}")
    except ValueError:
        _fail(f"{answer.request.url} answered {answer.status_code}")


def _follow(client: httpx.Client, job: dict[str, Any]) -> Any:
    """Show a job's progress until it is over; its result, or an end with its problem."""
    with _bar() as bar:
        task = bar.add_task(job["kind"], total=job["total"])
        while job["state"] in ("queued", "running"):
            bar.update(task, completed=job["done"], total=job["total"], description=job["message"] or job["kind"])
            time.sleep(0.2)
            job = _ok(client.get(f"/v1/jobs/{job['id']}"))
        bar.update(task, completed=job["done"], total=job["total"])
    if job["state"] != "succeeded":
        _fail(f"the job {job['state']}: {json.dumps(job['problem'])}")
    return job["result"]


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _fail(text: str) -> NoReturn:
    say(f"[red]{text}")
    sys.exit(1)


if __name__ == "__main__":
    main()
