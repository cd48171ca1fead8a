"""Real database servers, each in a folder of its own, gone when the test is over."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.demo.ports import free_port
from tests.wanting import wanting

_PATIENCE = 60  # seconds; how long a start may take on a busy machine
_POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextmanager
def postgresql(setup: str) -> Iterator[str]:
    """A PostgreSQL that has run `setup`; gives the host, a folder with its socket."""
    if not _POSTGRESQL:
        wanting("postgresql", "no PostgreSQL here: apt install postgresql")
    programs = _POSTGRESQL[-1]
    with _folder("postgres") as (folder, account):
        data = folder / "data"
        made = [programs / "initdb", "-D", data, "-N", "-A", "trust", "-E", "UTF8", "--locale=C"]
        _run([*made, "-U", "keeper"], account)
        serve = [programs / "postgres", "-D", data, "-k", folder, "-F", "-c", "listen_addresses="]
        psql = [programs / "psql", "-q", "-h", folder, "-U", "keeper", "-d", "postgres", "-c"]
        with _served(serve, account, lambda: _tried([*psql, "SELECT 1"], account)):
            _run([*psql, setup], account)
            yield str(folder)


@contextmanager
def mariadb(setup: str) -> Iterator[int]:
    """A MariaDB that has run `setup`; gives its port on 127.0.0.1."""
    if not shutil.which("mariadbd", path="/usr/sbin:/usr/bin"):
        wanting("mariadb", "no MariaDB here: apt install mariadb-server")
    with _folder("mysql") as (folder, account):
        data, socket = folder / "data", folder / "s"
        made = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db"]
        _run([*made, "--auth-root-authentication-method=normal"], account)
        port = free_port()
        serve = ["/usr/sbin/mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}"]
        serve += ["--bind-address=127.0.0.1", f"--port={port}", f"--pid-file={folder / 'pid'}"]
        client = ["mariadb", "--no-defaults", f"--socket={socket}", "-u", "root", "-e"]
        with _served(serve, account, lambda: _tried([*client, "SELECT 1"], account)):
            _run([*client, setup], account)
            yield port


@contextmanager
def _folder(owner: str) -> Iterator[tuple[Path, str]]:
    """A short path, for a socket's name may not be long; servers refuse to run as root."""
    account = owner if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="db") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, account)
        yield folder, account


def _as(arguments: Sequence[object], account: str) -> list[str]:
    words = list(map(str, arguments))
    if os.geteuid() != 0:
        return words
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", *words]


def _run(arguments: Sequence[object], account: str) -> None:
    subprocess.run(_as(arguments, account), check=True, capture_output=True, cwd="/")


def _tried(arguments: Sequence[object], account: str) -> bool:
    done = subprocess.run(_as(arguments, account), check=False, capture_output=True, cwd="/")
    return done.returncode == 0


@contextmanager
def _served(
    arguments: Sequence[object], account: str, answers: Callable[[], bool]
) -> Iterator[None]:
    words, quiet = _as(arguments, account), subprocess.DEVNULL
    with subprocess.Popen(words, cwd="/", stdout=quiet, stderr=quiet) as server:
        try:
            ends = time.monotonic() + _PATIENCE
            while not answers():
                assert server.poll() is None and time.monotonic() < ends, "it does not answer"
                time.sleep(0.1)
            yield
        finally:
            server.terminate()
            server.wait(_PATIENCE)
