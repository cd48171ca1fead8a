"""A province and a witness that somebody else runs, which may answer or not."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLog, KnownLogs
from fenhe_client.witness.settings import WitnessSettings
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.cosign import latest_note
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.witnessing.asking import ask_witnesses
from fenhe_hub.witnessing.status import WitnessStatus, witness_statuses
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.note import parse_note
from fenhe_protocol.settings import read_settings
from tests.client.witness_house import answering
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.provinces import Province, founded

NAME = "w.example/w"
MIRROR = "hub.example/fenhe/m"


@dataclass
class Watched:
    """A province and one witness, which may answer or not."""

    province: Province
    home: WitnessHome
    url: str = "http://127.0.0.1:9"

    def name_it(self, logs: Sequence[str] = ("catalogue",)) -> None:
        """Let the hub's configuration name the witness at its present address."""
        settings = read_settings(
            WitnessSettings,
            {
                "key": self.home.verifier.text,
                "url": self.url,
                "logs": list(logs),
                "allow_private": True,
            },
        )
        hub = self.province.hub
        self.province.hub = replace(hub, config=replace(hub.config, witnesses=(settings,)))

    def know(self, node: FakeNode) -> None:
        """Let the witness know a unit's logs."""
        for log in ("catalogue", "usage"):
            keys = (KeyRange(node.log_key.public),)
            KnownLogs(self.home.logs).put(KnownLog(f"{node.origin}/{log}", keys))

    @asynccontextmanager
    async def answers(self) -> AsyncIterator[None]:
        """Let the witness answer until left."""
        async with answering(self.home, clock=lambda: self.province.now) as self.url:
            self.name_it()
            yield

    async def ask(self, seconds: int = 60) -> int:
        """One turn of the witnesses, this much later."""
        self.province.now += seconds
        return await ask_witnesses(self.province.hub, clock=lambda: self.province.now)

    def status(self) -> WitnessStatus:
        """How the witness stands, as `status` says it."""
        hub = self.province.hub
        with closing(open_index(hub.home.index)) as db:
            (found,) = witness_statuses(hub, db)
        return found

    def log(self, node: FakeNode, log: str = "catalogue") -> MirrorLog:
        return MirrorLog(self.province.hub.home, f"{node.origin}/{log}")

    def signers(self, node: FakeNode, log: str = "catalogue") -> list[str]:
        """Who signed the newest kept note."""
        kept = latest_note(self.log(node, log).notes)
        assert kept is not None
        return names(kept.file.read_bytes())


def names(note: bytes) -> list[str]:
    return [line.name for line in parse_note(note).signatures]


@asynccontextmanager
async def watched_in(tmp_path: Path) -> AsyncIterator[Watched]:
    """Two units with one instrument each, and a witness that does not answer yet."""
    async with AsyncExitStack() as stack:
        province = await stack.enter_async_context(founded(tmp_path))
        found = Watched(province, make_home(tmp_path / "w", NAME))
        found.name_it()
        for node in province.nodes:
            node.publish(instrument("A-1"))
        yield found
