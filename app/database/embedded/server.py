"""Starts the server, keeps it running and stops it.

Everything lives in `<data_dir>/postgres`. The `lock` file there is the truth about who runs: the server process
inherits the locked descriptor, so the lock is held exactly as long as a server, or the start of one, is alive. No
process id is trusted, for ids are reused. Whoever gets the lock starts the server and owns it; whoever does not
attaches to it. The owner holds `owner` as well: a server without one is about to stop, and nobody should attach to it.
"""

import fcntl
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO
from urllib.parse import quote, urlencode

from app.database.embedded.host import (
    PORT,
    EmbeddedServerError,
    binaries,
    private_folder,
    reachable,
    server_account,
    server_environment,
    socket_file,
    socket_folder,
)

_log = logging.getLogger(__name__)

_SUPERUSER = "palier"
_LOG_LIMIT = 10_000_000
_CRASHES_FORGIVEN, _CRASH_WINDOW = 3, 60.0

_TUNING = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "wal_buffers": "64MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
_UNSAFE_TUNING = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class EmbeddedServer:
    """A running server, from `with` to the end of the block; restarted when it dies in between.

    The process that started the server owns it: the server stops with the block, or when that process dies however it
    dies. A process that found it running only attaches, and leaves it as it was.

    Args:
        data_dir: parent of the server's folder; made when missing.
        fast_unsafe: trade durability for speed. For tests: a crash may corrupt the data.
        progress: told in a few words what a slow start is doing.
        start_timeout: seconds until a start, recovery after a crash included, counts as failed.

    Raises:
        EmbeddedServerError: on entering the block.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        fast_unsafe: bool = False,
        progress: Callable[[str], None] = lambda _: None,
        start_timeout: float = 120,
    ) -> None:
        self._home = (data_dir / "postgres").resolve()
        self._cluster = self._home / "cluster"
        self._sockets = socket_folder(self._home)
        self._tuning = _TUNING | _UNSAFE_TUNING if fast_unsafe else _TUNING
        self._fast_unsafe = fast_unsafe
        self._progress = progress
        self._start_timeout = start_timeout
        self._uid, self._gid = server_account(self._home)
        self._guard = threading.Lock()
        self._stopping = False
        self._process: subprocess.Popen[bytes] | None = None
        self._ownership: TextIO | None = None
        self._supervisor: threading.Thread | None = None

    def __enter__(self) -> Self:
        started: Future[None] = Future()
        # The server is told to stop when the thread that started it ends, so that thread must live as long as we do.
        self._supervisor = threading.Thread(target=self._supervise, args=(started,), name="postgres", daemon=True)
        self._supervisor.start()
        try:
            started.result()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def owned(self) -> bool:
        """Whether this object started the server, and so stops it."""
        return self._process is not None

    @property
    def log_file(self) -> Path:
        """Where the server writes what it has to say."""
        return self._home / "server.log"

    def dsn(self, database: str = "palier") -> str:
        """Address of `database` for asyncpg and libpq, through the Unix socket, with the password in it."""
        password = (self._home / "password").read_text()
        place = urlencode({"host": self._sockets, "port": PORT}, quote_via=quote)
        return f"postgresql://{_SUPERUSER}:{password}@/{quote(database)}?{place}"

    def stop(self) -> None:
        """Stop the server if it is ours, letting it finish its files; open connections are cut. May be called twice."""
        with self._guard:
            self._stopping = True
            process = self._process
        if process is not None:
            _end(process)
            if self._sockets.parent != self._home:
                with suppress(OSError):  # Not empty: another process has started a server in the meantime.
                    self._sockets.rmdir()
        if self._supervisor is not None:
            self._supervisor.join()
        self._disown()

    # ---- supervision -------------------------------------------------------------------------------------------------

    def _supervise(self, started: Future[None]) -> None:
        try:
            self._start_or_attach()
        except BaseException as error:  # Handed to the thread that waits.
            started.set_exception(error)
            return
        started.set_result(None)
        crashes: list[float] = []
        while (process := self._process) is not None:
            status = process.wait()
            if self._stopping:
                return
            _log.error("PostgreSQL ended unexpectedly (status %d); starting it again", status)
            if not self._restart(crashes):
                return

    def _restart(self, crashes: list[float]) -> bool:
        """Start again unless that failed too often; `crashes` remembers when the last ones were."""
        while not self._stopping:
            now = time.monotonic()
            crashes[:] = [at for at in crashes if at > now - _CRASH_WINDOW] + [now]
            if len(crashes) > _CRASHES_FORGIVEN:
                _log.critical("PostgreSQL ended %d times within a minute; giving up", len(crashes))
                self._disown()
                break
            try:
                self._start_or_attach()
            except (EmbeddedServerError, OSError) as error:
                _log.error("PostgreSQL could not be started again: %s", error)
            else:
                return True
        return False

    def _start_or_attach(self) -> None:
        """Leave a server that answers, ours if `_process` is set, somebody else's if not."""
        self._disown()
        self._prepare_home()
        deadline = time.monotonic() + self._start_timeout
        told = False
        with (self._home / "lock").open("a") as lock:
            self._hand_over(lock.fileno())
            while not _try_lock(lock.fileno()):
                if self._answers() and not self._orphaned():
                    return
                if not told:
                    self._progress("waiting for another process that is starting or stopping PostgreSQL")
                    told = True
                self._pause(deadline)
            self._refuse_stranger()
            self._own(deadline)
            if not self._cluster.exists():
                self._create_cluster(lock.fileno())
            self._check_version()
            self._clear_leftovers()
            process = self._spawn(lock.fileno())
        # Our copy of the lock is closed here; the server's own copy holds it from now on.
        try:
            while not self._answers():
                if process.poll() is not None:
                    raise EmbeddedServerError(f"PostgreSQL did not start.\n{self._last_words()}")
                self._pause(deadline)
        except EmbeddedServerError:
            _end(process)
            raise

    def _own(self, deadline: float) -> None:
        self._ownership = (self._home / "owner").open("a")
        self._hand_over(self._ownership.fileno())
        while not _try_lock(self._ownership.fileno()):
            self._pause(deadline)

    def _disown(self) -> None:
        self._process = None
        if self._ownership is not None:
            self._ownership.close()
            self._ownership = None

    def _orphaned(self) -> bool:
        """Whether the running server has lost its owner; where the system tells it so, it is about to stop."""
        if sys.platform != "linux":
            return False
        with (self._home / "owner").open("a") as ownership:
            return _try_lock(ownership.fileno(), fcntl.LOCK_SH)  # Shared: two who look do not take each other for it.

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        self._progress("starting PostgreSQL")
        options = [f"--{name}={value}" for name, value in self._tuning.items()]
        # The setting is a list: quotes keep a comma in a folder's name from splitting it.
        options.append('--unix_socket_directories="' + str(self._sockets).replace('"', '""') + '"')
        options.append(f"--port={PORT}")
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        with self.log_file.open("ab") as log, self._guard:
            self._hand_over(log.fileno())
            if self._stopping:
                raise EmbeddedServerError("PostgreSQL was told to stop while it started")
            self._process = subprocess.Popen(
                self._command("postgres", "-D", str(self._cluster), *options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=server_environment(),
                pass_fds=(lock,),
                # Ctrl-C in a terminal goes to the whole group: the API must drain before its database stops.
                start_new_session=True,
            )
            return self._process

    def _answers(self) -> bool:
        """Whether the server takes connections: it says so in its own file, and its socket accepts one."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
            if len(lines) < 8 or lines[7].strip() != "ready":
                return False
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1)
                probe.connect(str(socket_file(self._sockets)))
        except OSError:
            return False
        return True

    def _pause(self, deadline: float) -> None:
        if self._stopping:
            raise EmbeddedServerError("PostgreSQL was told to stop while it started")
        if time.monotonic() > deadline:
            raise EmbeddedServerError(f"PostgreSQL was not ready in {self._start_timeout:g} s.\n{self._last_words()}")
        time.sleep(0.02)

    def _last_words(self) -> str:
        if not self.log_file.exists():
            return f"It wrote no log; another process may hold {self._home / 'lock'}."
        tail = self.log_file.read_text(errors="replace").splitlines()[-8:]
        return "\n".join([f"The end of {self.log_file}:", *tail])

    # ---- files -------------------------------------------------------------------------------------------------------

    def _prepare_home(self) -> None:
        try:
            private_folder(self._home, self._uid, self._gid)
            private_folder(self._sockets, self._uid, self._gid)
        except OSError as error:
            raise EmbeddedServerError(
                f"cannot use {self._home} for PostgreSQL: {error.strerror}. Set PALIER_DATA_DIR to a folder you own."
            ) from error

    def _hand_over(self, file: Path | int) -> None:
        """Give a file that root made to the user the server runs as, who may start it without root next time."""
        if os.geteuid() == 0:
            os.chown(file, self._uid, self._gid)

    def _create_cluster(self, lock: int) -> None:
        """Run initdb beside the final place, so that a cluster is either whole or absent."""
        self._progress("creating the PostgreSQL data folder")
        draft = self._home / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)
        password = self._home / "password"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        self._hand_over(password)
        arguments = [f"--pgdata={draft}", f"--username={_SUPERUSER}", f"--pwfile={password}", "--auth=scram-sha-256"]
        # No wish to depend on the host's locales: the builtin provider sorts the same everywhere.
        arguments += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        arguments += ["--data-checksums", "--no-instructions"]
        if self._fast_unsafe:
            arguments.append("--no-sync")
        made = subprocess.run(
            self._command("initdb", *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            env=server_environment(),
            pass_fds=(lock,),
            start_new_session=True,
            check=False,
        )
        if made.returncode != 0:
            raise EmbeddedServerError(f"initdb failed:\n{made.stderr.decode(errors='replace').strip()}")
        draft.rename(self._cluster)

    def _check_version(self) -> None:
        try:
            found = (self._cluster / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise EmbeddedServerError(f"{self._cluster} is no PostgreSQL data folder; move it away") from error
        if found != "18":
            raise EmbeddedServerError(f"{self._cluster} was made by PostgreSQL {found}; dump it there and move it away")

    def _clear_leftovers(self) -> None:
        """Remove what a killed server left. Safe with the lock held: no server of ours is alive."""
        socket_file(self._sockets).unlink(missing_ok=True)
        Path(f"{socket_file(self._sockets)}.lock").unlink(missing_ok=True)
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)

    def _refuse_stranger(self) -> None:
        """Refuse a cluster that a server without our lock is using, for instance one started with pg_ctl."""
        with suppress(OSError, ValueError, IndexError):
            pid = int((self._cluster / "postmaster.pid").read_text().splitlines()[0])
            if Path(f"/proc/{pid}/cwd").resolve(strict=True) == self._cluster:
                raise EmbeddedServerError(f"process {pid} already runs PostgreSQL in {self._cluster}; stop it first")

    def _command(self, program: str, *arguments: str) -> list[str]:
        binary = str(binaries() / program)
        open_to_server = reachable(self._home, self._uid, self._gid) and reachable(Path(binary), self._uid, self._gid)
        launcher = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launcher.py"))]
        terms = [str(os.getpid()), str(self._uid), str(self._gid), str(int(not open_to_server))]
        return [*launcher, *terms, binary, *arguments]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, and less kindly when it takes too long."""
    for farewell, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        process.send_signal(farewell)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def _try_lock(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
