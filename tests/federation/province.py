"""A province of real processes on loopback: a hub and its nodes, spoken to by their commands."""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import fenhe_hub.cli
import fenhe_node.cli
from deploy.demo.ports import free_port
from deploy.demo.programs import Programs, Server, read, wait_until_up
from tests import forked
from tests.patience import until

HUB_ORIGIN = "hub.example/fenhe"
HUB_USCC = "12140000000000027P"
OWN_PROCESS = frozenset({"publish", "sync", "rebuild"})
DONE_IN_PART = (0, 4)
SOMETHING_REFUSED = (0, 3, 4)
Main = Callable[[Sequence[str]], int]


class ForkedPrograms(Programs):
    """The commands without the time that it takes to import them."""

    def run(
        self, *command: str, before: Sequence[str] = (), said: str = ""
    ) -> subprocess.CompletedProcess[bytes]:
        if before or said or command[0] not in forked.PROGRAMS:
            return super().run(*command, before=before, said=said)
        return forked.run(*command)

    def start(self, log: Path, *command: str) -> Server:
        if command[0] not in forked.PROGRAMS:
            return super().start(log, *command)
        return forked.start(*command, log=log)


@dataclass
class Province:
    """The programs, their homes below `folder` and their addresses."""

    folder: Path
    programs: Programs
    ports: dict[str, int] = field(default_factory=dict)
    fingerprint: str = ""  # of the hub
    _serving: dict[str, Server] = field(default_factory=dict)

    def url(self, name: str) -> str:
        """The address of a node, or of the `hub`."""
        return f"http://127.0.0.1:{self.ports.setdefault(name, free_port())}"

    def home(self, name: str) -> Path:
        return self.folder / name

    def hub(self, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Run a command of the hub."""
        return self._run(fenhe_hub.cli.main, "fenhe-hub", "hub", command, allowed)

    def node(self, name: str, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Run a command of a node."""
        return self._run(fenhe_node.cli.main, "fenhe-node", name, command, allowed)

    def _run(
        self, main: Main, program: str, name: str, command: Sequence[str], allowed: tuple[int, ...]
    ) -> Any:
        """Run a command as a process of its own, or here where that would show nothing more."""
        arguments = ["--home", str(self.home(name)), *command]
        if command[0] in OWN_PROCESS:
            return self.programs.answer(program, *arguments, allowed=allowed)
        said = StringIO()
        with redirect_stdout(said):
            code = main([*arguments, "--json"])
        assert code in allowed, (code, arguments, said.getvalue())
        return json.loads(said.getvalue())

    def found_hub(self, **settings: object) -> None:
        """Make the hub, with its waits shortened as its configuration allows for tests."""
        made = self.hub(
            *("init", "--origin", HUB_ORIGIN, "--public-url", self.url("hub")),
            *("--uscc", HUB_USCC),
        )
        self.fingerprint = made["fingerprint"]
        self.configure_hub(publish_seconds=0, advise_seconds=0, least_free_mib=0, **settings)

    def configure_hub(self, **settings: object) -> None:
        """Change keys of config.yaml, each of which must be there."""
        path = self.home("hub") / "config.yaml"
        lines = path.read_text("utf-8").splitlines()
        for key, value in settings.items():
            (place,) = (n for n, line in enumerate(lines) if line.startswith(f"{key}:"))
            lines[place] = f"{key}: {value}"
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")

    def found_node(self, name: str, unit_name: str, uscc: str) -> None:
        """Make a node that trusts no hub yet."""
        self.node(
            name,
            *("init", "--unit-name", unit_name, "--uscc", uscc),
            *("--origin", f"{name}.example/fenhe", "--public-url", self.url(name)),
        )

    def serve(self, name: str) -> None:
        """Serve the hub, or a node, until the province ends."""
        program = "fenhe-hub" if name == "hub" else "fenhe-node"
        listen = self.url(name).removeprefix("http://")
        home = str(self.home(name))
        command = [program, "--home", home, "serve", "--listen", listen, "--console", ""]
        self.start(name, *command)
        wait_until_up(self.url(name))

    def start(self, name: str, *command: str) -> None:
        """Start any server, which ends with the province."""
        self.programs.serve(name, *command)
        self._serving[name] = self.programs.servers[-1]

    def process(self, name: str) -> Server:
        """The server of this name."""
        return self._serving[name]

    def stop(self, name: str) -> None:
        """End a server as an operator would."""
        server = self._serving.pop(name)
        server.terminate()
        server.wait(timeout=30)

    def enrol(self, name: str) -> None:
        """Let a served node and the served hub know each other."""
        self.node(name, "trust", self.url("hub"), "--fingerprint", self.fingerprint)
        own = self.node(name, "fingerprint")["fingerprint"]
        self.hub("enrol", self.url(name), "--fingerprint", own, "--allow-private")

    def sync(self) -> dict[tuple[str, str], dict[str, Any]]:
        """One round; what came of each log, by unit origin and log."""
        answer = self.hub("sync", "--once", allowed=DONE_IN_PART)
        return {(report["unit"], report["log"]): report for report in answer["logs"]}

    def standing(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What `status` says of each log."""
        logs = self.hub("status")["logs"]
        return {(log["unit"], log["log"]): log for log in logs}

    def until_cosigned(self, unit: str, log: str, size: int) -> None:
        """Wait until the serving hub itself has visited, indexed and cosigned this much."""
        until(lambda: self.standing().get((unit, log), {}).get("cosigned", 0) >= size)

    def fetch(self, path: str) -> bytes:
        """What the hub answers at a path."""
        return read(self.url("hub") + path)


@contextmanager
def province_in(folder: Path) -> Iterator[Province]:
    """A province whose processes end with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    programs = ForkedPrograms(folder)
    try:
        yield Province(folder, programs)
    finally:
        programs.stop()
