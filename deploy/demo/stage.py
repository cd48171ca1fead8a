"""What the steps share: programs, folders and addresses of one demonstration; its figures."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.demo.outbound import inside
from deploy.demo.ports import free_port
from deploy.demo.programs import Programs, read
from deploy.demo.samples import UNITS, DemoUnit

SAMPLE_RECORD = "YJS00002"


@dataclass(frozen=True)
class UnitFigures:
    """What became of one unit's records."""

    name: str
    published: int
    verified: int
    refused: int
    findings: int
    forwarded: int  # instruments, by the hub
    services: int  # by the gateway


@dataclass(frozen=True)
class Figures:
    """What became of all."""

    units: tuple[UnitFigures, ...]


@dataclass
class Stage:
    """The programs, the folders and the addresses of one demonstration."""

    programs: Programs
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    rows_refused: dict[str, int] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)
    hub_fingerprint: str = ""
    way: Path | None = None  # out of where the unit that only pushes runs, if nothing gets in

    def url(self, name: str) -> str:
        """The address of a unit's node, of the `hub` or of the `receiver`."""
        return f"http://127.0.0.1:{self.port(name)}"

    def port(self, name: str) -> int:
        """The port of that address."""
        return self.ports.setdefault(name, free_port())

    def console(self, unit: DemoUnit) -> str:
        """Where the unit's console listens; the first unit alone has one."""
        return f"127.0.0.1:{self.port('console-of-a-unit')}" if unit is UNITS[0] else ""

    def origin(self, unit: DemoUnit) -> str:
        """The origin of a unit."""
        return f"{unit.folder}.example/fenhe"

    def node(self, unit: DemoUnit, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Run a command of a unit's node."""
        home = str(self.folder / unit.folder)
        apart = self.way if unit.only_pushes else None
        before = inside(apart, self.port("hub")) if apart else ()
        return self.programs.answer(
            "fenhe-node", "--home", home, *command, allowed=allowed, before=before
        )

    def hub(self, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Run a command of the hub."""
        home = str(self.folder / "hub")
        return self.programs.answer("fenhe-hub", "--home", home, *command, allowed=allowed)

    def gateway(self, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Run a command of the gateway, in its own home."""
        home = str(self.folder / "gateway")
        return self.programs.answer(
            "fenhe-hub", "--home", home, "gateway", *command, allowed=allowed
        )

    @property
    def wsdl(self) -> str:
        """The interface of the stand-in for the national platform."""
        return f"{self.url('receiver')}/WS_Server/cxf/instru?wsdl"

    def received(self) -> list[dict[str, Any]]:
        """What the stand-in has taken."""
        answer = json.loads(read(f"{self.url('receiver')}/received"))
        records: list[dict[str, Any]] = answer["records"]
        return records

    def addresses(self) -> list[tuple[str, str]]:
        """What to open in a browser."""
        record = f"{self.url('hub')}/r/{UNITS[1].uscc}/instrument/{SAMPLE_RECORD}"
        return [
            ("门户", self.url("hub")),
            ("一条记录", record),
            *((unit.name, self.url(unit.folder)) for unit in UNITS if not unit.only_pushes),
            ("接口", f"{self.url('hub')}/developers"),
            (f"{UNITS[0].name}管理台", self.url("console-of-a-unit")),
            ("省平台管理台", self.url("console")),
        ]
