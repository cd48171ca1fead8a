"""Run the real commands as separate processes: one call for an answer, one for a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

PATIENCE_SECONDS = 60


class DemoError(Exception):
    """A command did not do what the demonstration needs; carries what it printed."""


class Server(Protocol):
    """A process that runs until it is told to end; what `subprocess.Popen` says of one."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends; its exit code."""


@dataclass
class Programs:
    """The commands of this environment, and the servers that were started with them."""

    logs: Path
    servers: list[Server] = field(default_factory=list)

    def answer(
        self,
        *command: str,
        allowed: tuple[int, ...] = (0,),
        before: Sequence[str] = (),
        said: str = "",
    ) -> Any:
        """Run a command with --json, behind the words `before`, and return what it answers.

        `said` is typed into it.
        """
        finished = self.run(*command, "--json", before=before, said=said)
        with (self.logs / "commands.log").open("ab") as log:
            log.write(f"$ {' '.join(command)}\n".encode() + finished.stdout + finished.stderr)
        if finished.returncode not in allowed:
            shown = (finished.stdout + finished.stderr).decode("utf-8", "replace")
            raise DemoError(f"{' '.join(command)}: {finished.returncode}\n{shown[-2000:]}")
        return json.loads(finished.stdout) if finished.stdout.strip() else None

    def lines(self, *command: str) -> list[dict[str, Any]]:
        """Run a command that prints one JSON value a line, and return them."""
        finished = self.run(*command)
        finished.check_returncode()
        return [json.loads(line) for line in finished.stdout.splitlines()]

    def serve(self, name: str, *command: str) -> None:
        """Start a server whose output goes to a file of its own."""
        with _undisturbed():
            self.servers.append(self.start(self.logs / f"{name}.log", *command))

    def run(
        self, *command: str, before: Sequence[str] = (), said: str = ""
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end; what it said."""
        whole = [*before, *_program(command[0]), *command[1:]]
        return subprocess.run(whole, input=said.encode(), capture_output=True, check=False)

    def start(self, log: Path, *command: str) -> Server:
        """Start a command; what it says goes to the end of a file."""
        whole = [*_program(command[0]), *command[1:]]
        with log.open("ab") as file:
            return subprocess.Popen(whole, stdout=file, stderr=subprocess.STDOUT)

    def stop(self) -> None:
        """End every server, the last one first."""
        for server in reversed(self.servers):
            server.terminate()
        for server in self.servers:
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        self.servers.clear()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put a signal to end off until the block is done: a server that runs has to be known."""
    told: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: told.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if told:
        raise KeyboardInterrupt


def _program(name: str) -> list[str]:
    """The installed command beside this interpreter, or a module of the checkout."""
    if name.startswith("deploy."):
        return [sys.executable, "-m", name]
    return [str(Path(sys.executable).parent / name)]


def configure(home: Path, settings: Mapping[str, str]) -> None:
    """Change keys of a config.yaml, each of which must be there."""
    path = home / "config.yaml"
    lines = path.read_text("utf-8").splitlines()
    for key, value in settings.items():
        found = [n for n, line in enumerate(lines) if line.startswith(f"{key}:")]
        if len(found) != 1:
            raise DemoError(f"{path} has no {key} to set")
        lines[found[0]] = f"{key}: {value}"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def wait_until_up(address: str) -> None:
    """Wait until a server answers at all, whatever it says."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        try:
            opener.open(address, timeout=2).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            time.sleep(0.1)
            continue
        return
    raise DemoError(f"{address} does not answer")


def read(address: str) -> bytes:
    """Fetch a page of one of the servers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=20) as answer:
        body: bytes = answer.read()
        return body


def one_line(path: Path) -> str:
    """Return a path as short as it can be named from here."""
    return os.path.relpath(path)
