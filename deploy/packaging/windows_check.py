"""`python -m deploy.packaging.windows_check`: `start.py` where what Windows lacks is taken away.

Not Windows: on this machine `os` loses what it has of Unix alone, and `msvcrt` locks as Windows
does. What else differs there (open files that cannot be replaced, services) nobody has seen.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.packaging.wheels import ROOT

LIST = "资产编号,仪器名称,仪器状态\nA-1,核磁共振波谱仪,正常\n"
INIT = ("--unit-name", "示例大学", "--uscc", "12140000000000019W", "--origin", "u1.example/fenhe")
BARE = """
import fcntl as real, os, sys, types, asyncio, errno
locks = types.ModuleType("msvcrt")
locks.LK_NBLCK = 2
def locking(handle, how, count):
    try:
        real.flock(handle, real.LOCK_EX | real.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(errno.EACCES, "locked") from error
locks.locking = locking
sys.modules["msvcrt"] = locks
import subprocess, tempfile, shutil, ssl, ctypes, multiprocessing, getpass  # what needs Unix here
for name in ("fcntl", "pwd", "resource"):
    sys.modules.pop(name, None)
for name in ("geteuid", "uname", "sync", "fchmod", "statvfs", "O_CLOEXEC", "O_NOFOLLOW"):
    delattr(os, name)
start = sys.argv[1]
sys.argv[:2] = [start]
import runpy
runpy.run_path(start, run_name="__main__")
"""


def main() -> None:
    """Make a home, fill it, publish it and look at it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copytree(ROOT / "deploy/windows", folder / "fenhe")
        (folder / "list.csv").write_text(LIST, encoding="utf-8")
        packages = ROOT / ".venv/lib" / f"python3.{sys.version_info[1]}" / "site-packages"
        (folder / "fenhe/packages").symlink_to(packages)
        for command in (
            ("init", *INIT),
            ("import", str(folder / "list.csv")),
            ("publish", "--no-wait"),
            ("backup", str(folder / "backups")),
            ("status", "--offline"),
        ):
            run(folder, *command)


def run(folder: Path, *command: str) -> None:
    """One command of the node, as the launcher gives it."""
    start = str(folder / "fenhe/start.py")
    words = ("fenhe_node", "--home", str(folder / "home"), *command)
    paths = os.pathsep.join(str(ROOT / part) for part in ("protocol", "node", "hub"))
    environment = {**os.environ, "FENHE_ANY_PYTHON": "1", "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", BARE, start, *words], check=True, env=environment)


if __name__ == "__main__":
    main()
