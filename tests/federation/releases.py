"""Another release beside the one that is tested: the same programs with other schemas.

    with release_in(folder, [next_instrument()], previous=[shipped("instrument")]) as later:
        later.run("fenhe-hub", "--home", …)      # and all children within later.in_force()

Its `fenhe_protocol` is a folder of links to ours but for the schemas.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fenhe_protocol
from tests.federation.province import Province
from tests.protocol.contract import SCHEMAS
from tests.protocol.versions import Schema

_OURS = Path(fenhe_protocol.__file__).parent
_ROOT = Path(__file__).resolve().parents[2]
_REST = [_ROOT, *(_ROOT / part for part in ("protocol", "node", "hub"))]


@dataclass(frozen=True)
class Release:
    """A release: where its packages are found, and a process that runs its commands."""

    path: str  # PYTHONPATH
    process: subprocess.Popen[str]

    def run(self, *command: str, allowed: tuple[int, ...] = (0,)) -> str:
        """Run a command, and return what it says."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["code"] in allowed, (command, answer)
        said: str = answer["said"]
        return said

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let child processes that are started meanwhile be of this release."""
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = self.path
        try:
            yield
        finally:
            os.environ.pop("PYTHONPATH")
            if before is not None:
                os.environ["PYTHONPATH"] = before


@contextmanager
def release_in(
    folder: Path, schemas: Iterable[Schema], previous: Iterable[Schema] = ()
) -> Iterator[Release]:
    """A release with these schemas in place of ours of the same kinds."""
    package = folder / "fenhe_protocol"
    (package / "schemas" / "previous").mkdir(parents=True)
    _link(_OURS, package)
    for place, several in (("schemas", schemas), ("schemas/previous", previous)):
        for schema in several:
            file = package / place / f"{schema['properties']['kind']['const']}.schema.json"
            file.write_text(json.dumps(schema), "utf-8")
    _link(SCHEMAS, package / "schemas")
    path = os.pathsep.join(map(str, [folder, *_REST]))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.federation.run_release"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
    )
    with process:  # its standard input is closed at the end, and so it ends
        yield Release(path, process)


def _link(source: Path, target: Path) -> None:
    for each in source.iterdir():
        if each.name != "__pycache__" and not (target / each.name).exists():
            (target / each.name).symlink_to(each.resolve())


@dataclass
class ProvinceAhead(Province):
    """A province whose hub is of a later release, and its nodes not, before they are upgraded."""

    release: Release | None = None
    upgraded: bool = False

    def hub(self, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Run a command of the hub."""
        return self._ahead("fenhe-hub", "hub", *command, allowed=allowed)

    def node(self, name: str, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """Run a command of a node."""
        if self.upgraded:
            return self._ahead("fenhe-node", name, *command, allowed=allowed)
        return super().node(name, *command, allowed=allowed)

    def _ahead(self, program: str, name: str, *command: str, allowed: tuple[int, ...]) -> Any:
        assert self.release is not None
        home = str(self.home(name))
        return json.loads(
            self.release.run(program, "--home", home, *command, "--json", allowed=allowed)
        )

    def dump(self) -> str:
        """The hub's index."""
        assert self.release is not None
        return self.release.run("fenhe-hub", "--home", str(self.home("hub")), "dump")

    def said_by_node(self, name: str, command: str) -> str:
        """What a command of a node says to people, whatever else it has to find fault with."""
        assert self.release is not None
        home = str(self.home(name))
        return self.release.run("fenhe-node", "--home", home, command, allowed=(0, 3, 4))
