"""`fed` of the hub that a node trusts: words written by the real writer, served with the rest."""

from collections.abc import Sequence
from pathlib import Path

from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.files import FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, new_record
from fenhe_node.hubs.trust import enrol_hub
from fenhe_node.node import Node
from fenhe_node.publishing.heads import log_files
from fenhe_protocol.checkpoint import cosign, parse_checkpoint
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.fed import Advance, Word, compose_word
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import log_origin, origin_hash
from fenhe_protocol.root_document import cosigner_name
from tests.node.a_hub import HUB, HUB_UNIT, LOG, MIRROR, AHub
from tests.node.homes import NOW


async def trust(node: Node, hub: AHub) -> None:
    """Let the node trust the hub, and the hub know the node's requests."""
    hub.reader = node.keys.request.public
    async with Web() as web:
        await enrol_hub(web, node.home, hub.url, hub.fingerprint, NOW)


class Fed:
    """Writes the log of a hub into a folder and lets the hub serve it."""

    def __init__(self, folder: Path, hub: AHub) -> None:
        self._folder, self._hub = folder, hub
        folder.mkdir(parents=True, exist_ok=True)
        files = FolderFiles(folder / "log", folder / "log", log="fed")
        self._writer = FeedWriter(f"{HUB}/fed", files, HeadStore(folder / "head.sqlite"))

    def say(self, *words: Word, tier: str = "pub") -> None:
        bodies = [compose_word(word, unit=HUB_UNIT) for word in words]
        self._publish([new_record(f"{HUB}/fed", {tier: body}) for body in bodies])

    def erase(self, index: int) -> None:
        """An `x` for one leaf."""
        self._publish([plain_entry(EraseLeaf(((index, index + 1),), None, "error"))])

    def _publish(self, entries: Sequence[Entry]) -> None:
        self._writer.publish(entries, key=LOG, now=NOW)
        log = self._folder / "log"
        for path in log.rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                self._hub.files[f"fed/{path.relative_to(log).as_posix()}"] = path.read_bytes()

    def advance(self, node: Node, log: str, *, at: int | None) -> None:
        """Announce the node's present head, cosigned if `at` is given."""
        note = own_note(node, log)
        size = parse_checkpoint(parse_note(note).text).size
        if at is not None:
            note = cosign(note, name=cosigner_name(HUB), key=MIRROR, now=at)
        tier = "pub" if log == "catalogue" else "hub"
        self.say(Advance(f"{node.root.origin}/{log}", 0, size, note), tier=tier)


def own_note(node: Node, log: str) -> bytes:
    """The checkpoint that the node serves."""
    note = log_files(node.home, log).read("checkpoint")
    assert note is not None
    return note


def mirror(hub: AHub, node: Node, log: str, *, at: int | None) -> None:
    """Let the hub show the node's present head, cosigned if `at` is given, and its bodies."""
    hub.mirror(log, own_note(node, log), at=at)
    origin = log_origin(node.root.origin, log)
    for tree in (node.home.public, node.home.held):
        for path in (tree / log / "body").rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                below = path.relative_to(tree / log).as_posix()
                hub.files[f"m/{origin_hash(origin)}/{below}"] = path.read_bytes()
