"""Become `postgres`: run as a script between fork and exec, give up root, and tie the server's life to its parent's.

Called by `server.py` as `python -I -S launcher.py PARENT UID GID TRAVERSE COMMAND...`.
A separate process because code between fork and exec of a threaded program may deadlock.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG, _PR_SET_KEEPCAPS, _PR_CAPBSET_READ = 1, 8, 23
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_CAPABILITY_VERSION_3 = 0x20080522


def launch(parent: int, uid: int, gid: int, traverse: bool, command: list[str]) -> None:
    """Replace this process by `command`, running as `uid`, which gets SIGINT (a fast shutdown) when `parent` dies."""
    linux = sys.platform == "linux"
    # dlopen(NULL): the C library this interpreter already uses, whatever its file is called.
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        if traverse and linux:
            libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        if traverse and linux:
            _keep_traversal(libc)
    if linux:
        # After the change of user, which clears it.
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the process that asked for PostgreSQL is gone")
    os.execv(command[0], command)  # noqa: S606


def _keep_traversal(libc: ctypes.CDLL) -> None:
    """Keep the one capability that lets another user reach files below a closed folder such as /root."""
    held = [cap for cap in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE) if libc.prctl(_PR_CAPBSET_READ, cap, 0, 0, 0) == 1]
    if not held:
        raise SystemExit("PostgreSQL cannot reach its files below a closed folder; set PALIER_DATA_DIR to an open one")
    bit = 1 << held[0]
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable; then the same for capabilities above 31, none of which is wanted.
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if libc.capset(header, data) != 0 or libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, held[0], 0, 0) != 0:
        raise SystemExit(f"PostgreSQL cannot be started as another user: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    _parent, _uid, _gid, _traverse = (int(argument) for argument in sys.argv[1:5])
    launch(_parent, _uid, _gid, bool(_traverse), sys.argv[5:])
