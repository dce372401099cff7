"""The embedded server survives what developers do to it: kills, crashes, odd folders, two starts at once."""

import asyncio
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.database.embedded import EmbeddedServer, EmbeddedServerError, host, launcher

ROOT = Path(__file__).parents[2]

# Starts the server in argv[1], says in one line of JSON how that went, and keeps it until its input ends.
HOLDER = """
import json, sys
from pathlib import Path
from app.database.embedded import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1])) as server:
    print(json.dumps({"owned": server.owned, "dsn": server.dsn("postgres")}), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A data folder with a cluster that has been made, used and stopped."""
    with tempfile.TemporaryDirectory(prefix="palier-test-") as folder:
        with EmbeddedServer(Path(folder), fast_unsafe=True) as server:
            query(server.dsn("postgres"), "CREATE TABLE kept AS SELECT 1 AS value")
        yield Path(folder)


@pytest.fixture
def data_dir(cluster: Path) -> Iterator[Path]:
    """A copy of that folder, as root would restore it: owned by whoever copies."""
    # Not pytest's folder, whose name can be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="palier-test-") as folder:
        shutil.copytree(cluster, Path(folder) / "data")
        yield Path(folder) / "data"


def query(dsn: str, statement: str) -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def running(pid: int) -> bool:
    """Whether the process is more than a zombie whose parent has not looked."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def answers(dsn: str) -> bool:
    try:
        return bool(query(dsn, "SELECT true"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        return False


@contextmanager
def holder(data_dir: Path, prefix: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", HOLDER, str(data_dir)],
        cwd="/",
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait(30)


def report(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_first_start_makes_a_durable_utf8_cluster_without_network_address(tmp_path: Path) -> None:
    told: list[str] = []
    with EmbeddedServer(tmp_path, progress=told.append) as server:
        shown = {
            name: query(server.dsn("postgres"), f"SHOW {name}")
            for name in ("data_checksums", "fsync", "server_encoding", "listen_addresses", "timezone")
        }
    assert shown == {
        "data_checksums": "on",
        "fsync": "on",
        "server_encoding": "UTF8",
        "listen_addresses": "",
        "timezone": "UTC",
    }
    assert told == ["creating the PostgreSQL data folder", "starting PostgreSQL"]


def test_server_stops_with_the_block_and_keeps_its_data(data_dir: Path) -> None:
    with EmbeddedServer(data_dir, fast_unsafe=True) as server:
        pid = server_pid(data_dir)
        assert query(server.dsn("postgres"), "SELECT value FROM kept") == 1
    assert not running(pid)
    assert not (data_dir / "postgres" / "cluster" / "postmaster.pid").exists()


def test_stopping_does_not_wait_for_clients(data_dir: Path) -> None:
    async def stop_under_a_client() -> None:
        with EmbeddedServer(data_dir, fast_unsafe=True) as server:
            client = await asyncpg.connect(server.dsn("postgres"))
            await asyncio.to_thread(server.stop)
            client.terminate()

    asyncio.run(asyncio.wait_for(stop_under_a_client(), 15))


def test_wrong_password_is_refused(data_dir: Path) -> None:
    with EmbeddedServer(data_dir, fast_unsafe=True) as server, pytest.raises(asyncpg.InvalidPasswordError):
        query(server.dsn("postgres").replace(":", ":x", 2), "SELECT 1")


def test_second_start_attaches_and_leaves_the_server_running(data_dir: Path) -> None:
    with EmbeddedServer(data_dir, fast_unsafe=True) as owner:
        with EmbeddedServer(data_dir, fast_unsafe=True) as guest:
            assert (owner.owned, guest.owned) == (True, False)
            assert guest.dsn() == owner.dsn()
        assert answers(owner.dsn("postgres"))


def test_two_first_starts_at_once_give_one_server(tmp_path: Path) -> None:
    with holder(tmp_path) as one, holder(tmp_path) as other:
        reports = [report(one), report(other)]
        assert sorted(found["owned"] for found in reports) == [False, True]
        assert reports[0]["dsn"] == reports[1]["dsn"]
        assert answers(reports[0]["dsn"])


def test_server_stops_when_its_owner_is_killed(data_dir: Path) -> None:
    with holder(data_dir) as owner:
        report(owner)
        pid = server_pid(data_dir)
        owner.kill()
    wait_for(lambda: not running(pid), "the server to follow its owner")
    with EmbeddedServer(data_dir, fast_unsafe=True) as server:
        assert query(server.dsn("postgres"), "SELECT value FROM kept") == 1


def test_start_right_after_the_owner_was_killed_waits_for_the_old_server_to_end(data_dir: Path) -> None:
    with holder(data_dir) as owner:
        report(owner)
        owner.kill()
        owner.wait()
        with EmbeddedServer(data_dir, fast_unsafe=True) as server:
            assert answers(server.dsn("postgres"))


def test_owner_and_server_killed_together_leave_nothing_that_stops_the_next_start(data_dir: Path) -> None:
    with holder(data_dir) as owner:
        found = report(owner)
        query(found["dsn"], "UPDATE kept SET value = 2")
        pid = server_pid(data_dir)
        owner.send_signal(signal.SIGSTOP)  # So that it can neither restart nor stop the server.
        os.kill(pid, signal.SIGKILL)
        owner.kill()
    wait_for(lambda: not running(pid), "the server to die")
    assert server_pid(data_dir) == pid
    with EmbeddedServer(data_dir, fast_unsafe=True) as server:
        assert server.owned
        assert query(server.dsn("postgres"), "SELECT value FROM kept") == 2


def test_killed_server_comes_back_with_what_was_committed(data_dir: Path) -> None:
    with EmbeddedServer(data_dir) as server:
        query(server.dsn("postgres"), "UPDATE kept SET value = 3")
        killed = server_pid(data_dir)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: not running(killed) and answers(server.dsn("postgres")), "the server to come back")
        assert server_pid(data_dir) != killed
        assert query(server.dsn("postgres"), "SELECT value FROM kept") == 3


def test_server_that_keeps_dying_is_given_up(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    with EmbeddedServer(data_dir, fast_unsafe=True) as server:
        for _ in range(4):
            wait_for(lambda: answers(server.dsn("postgres")), "the server to come back")
            os.kill(server_pid(data_dir), signal.SIGKILL)
            wait_for(lambda: not answers(server.dsn("postgres")), "the server to die")
        wait_for(lambda: "giving up" in caplog.text, "the supervisor to give up")


def test_stale_lock_files_that_name_a_living_process_do_not_stop_a_start(data_dir: Path) -> None:
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    # PostgreSQL believes a lock file when a process of its own user has that id.
    with subprocess.Popen(["sleep", "60"], user=account.pw_uid if os.geteuid() == 0 else None) as bystander:
        try:
            cluster, sockets = data_dir / "postgres" / "cluster", data_dir / "postgres" / "socket"
            lines = [bystander.pid, cluster, 1, 5432, sockets, "", "0 0", "ready"]
            stale = "".join(f"{line}\n" for line in lines)
            (cluster / "postmaster.pid").write_text(stale)
            (sockets / ".s.PGSQL.5432").touch()
            (sockets / ".s.PGSQL.5432.lock").write_text(stale)
            with EmbeddedServer(data_dir, fast_unsafe=True) as server:
                assert answers(server.dsn("postgres"))
        finally:
            bystander.kill()


def test_cluster_in_use_by_a_server_without_our_lock_is_refused(data_dir: Path) -> None:
    with EmbeddedServer(data_dir, fast_unsafe=True) as server:
        (data_dir / "postgres" / "lock").unlink()  # A new file has a new lock: to us the server is now a stranger.
        with pytest.raises(EmbeddedServerError, match="already runs PostgreSQL"), EmbeddedServer(data_dir):
            pass
        assert answers(server.dsn("postgres"))


def test_cluster_half_made_by_a_killed_start_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "cluster.new" / "base"
    half.mkdir(parents=True)
    with EmbeddedServer(tmp_path, fast_unsafe=True) as server:
        assert answers(server.dsn("postgres"))
    assert not half.parent.exists()


def test_path_too_long_for_a_socket_gets_a_socket_elsewhere(cluster: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("deep, " + "x" * 100)
    shutil.copytree(cluster, deep)
    with EmbeddedServer(deep, fast_unsafe=True) as server:
        assert str(deep) not in server.dsn()
        assert answers(server.dsn("postgres"))


def test_runs_below_a_folder_that_is_closed_to_others(cluster: Path, tmp_path: Path) -> None:
    """As root, whose server runs as another user: the case of a clone in /root."""
    closed = tmp_path / "closed, and 'odd'"
    closed.mkdir(mode=0o700)
    shutil.copytree(cluster, closed / "data")
    with EmbeddedServer(closed / "data", fast_unsafe=True) as server:
        assert answers(server.dsn("postgres"))


def test_runs_as_an_ordinary_user_and_later_as_root(tmp_path: Path) -> None:
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(tmp_path, user.pw_uid, user.pw_gid)
    # The launcher lends the other user the way to this Python, which may lie below a closed folder.
    account = [str(os.getpid()), str(user.pw_uid), str(user.pw_gid), "1"]
    with holder(tmp_path, [sys.executable, launcher.__file__, *account]) as process:
        assert answers(report(process)["dsn"])
        assert (tmp_path / "postgres" / "server.log").stat().st_uid == user.pw_uid
    with EmbeddedServer(tmp_path, fast_unsafe=True) as server:
        assert answers(server.dsn("postgres"))
        assert (tmp_path / "postgres" / "cluster" / "postmaster.pid").stat().st_uid == user.pw_uid


def test_socket_folder_put_there_by_somebody_else_is_refused(cluster: Path, tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 110)
    shutil.copytree(cluster, deep)
    trap = host.socket_folder((deep / "postgres").resolve())
    trap.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedServerError, match="cannot use"), EmbeddedServer(deep, fast_unsafe=True):
            pass
    finally:
        trap.unlink()


def test_data_of_another_user_is_refused_with_advice(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(EmbeddedServerError, match="PALIER_DATA_DIR"):
        EmbeddedServer(data_dir)


def test_data_of_another_postgres_version_is_refused_untouched(data_dir: Path) -> None:
    (data_dir / "postgres" / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedServerError, match="PostgreSQL 17"), EmbeddedServer(data_dir):
        pass
    assert not (data_dir / "postgres" / "server.log").read_text().count("FATAL")


def test_failed_start_says_the_last_words_of_the_server(data_dir: Path) -> None:
    (data_dir / "postgres" / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(EmbeddedServerError, match=r"did not start(?s:.*)pg_control"), EmbeddedServer(data_dir):
        pass


def test_missing_wheel_is_explained(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EmbeddedServerError, match="PALIER_DATABASE_URL"), EmbeddedServer(data_dir):
        pass


def test_environment_of_the_caller_does_not_reach_the_server(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGDATA": "/nowhere", "PGPORT": "1", "LC_ALL": "xx_XX", "TZ": "Asia/Tokyo"}.items():
        monkeypatch.setenv(name, value)
    with EmbeddedServer(data_dir, fast_unsafe=True) as server:
        assert query(server.dsn("postgres"), "SHOW timezone") == "UTC"
