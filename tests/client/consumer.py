"""Somebody who follows a hub and keeps what is told."""

from collections.abc import Sequence
from pathlib import Path

from fenhe_client.following.cursor import Cursor
from fenhe_client.following.follow import Follower, Outlet
from fenhe_client.reading.changes import Change
from fenhe_client.reading.mirror_reader import HubAddress
from fenhe_protocol.errors import FenheError
from fenhe_protocol.schema import SchemaSet
from tests.client.hub_house import HubHouse
from tests.client.unit_log import NOW, QuickDisk


class Consumer:
    """A follower in a folder; every `follow` is a new process."""

    def __init__(self, hub: HubHouse, folder: Path) -> None:
        self.hub, self.folder = hub, folder
        self.lines: list[Change] = []
        self.problems: list[FenheError] = []
        folder.mkdir()

    @property
    def path(self) -> Path:
        return self.folder / "cursor.json"

    @property
    def cursor(self) -> Cursor:
        return Cursor.load(self.path) or Cursor("http://hub", self.hub.fingerprint)

    def follower(self) -> Follower:
        address = HubAddress(self.hub.open)
        return Follower(address, self.path, self.cursor, SchemaSet.load(), QuickDisk())

    async def follow(self, follower: Follower | None = None) -> list[Change]:
        """What one pass tells."""
        self.lines, self.problems = [], []
        outlet = Outlet(self.lines.extend, self.problems.append)
        await (follower or self.follower()).once(outlet, NOW)
        return self.lines


def ids(changes: Sequence[Change]) -> list[str]:
    return [change["id"] for change in changes if "body" in change]
