"""A hub's public files for tests: root documents, `fed`, the mirror of one unit, and proofs."""

import json
from collections.abc import Sequence
from pathlib import Path

from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.reading.log_files import Below
from fenhe_protocol import checkpoint
from fenhe_protocol.body import read_body_file
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, parse_checkpoint
from fenhe_protocol.entry import Entry, record_entry
from fenhe_protocol.fed import Advance, Registration, Word, compose_word
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import inclusion_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.proof import compose_proof
from fenhe_protocol.root_changes import compose_next, end_log
from fenhe_protocol.root_document import (
    LogEnd,
    LogKeys,
    compose_root,
    cosigner_name,
    fingerprint,
    open_chain,
    sign_root,
)
from fenhe_protocol.tiles import EntryBundle, Tile, body_path, decode_bundle, tile_reader
from tests.client.unit_log import CATALOGUE, KEY, NOW, UNIT, USCC, DictFetcher, Files, Publisher

HUB = "hub.example/fenhe"
HUB_UNIT = "12140000000000027P"
FED = f"{HUB}/fed"
ROOT_KEY = SigningKey.from_seed(b"root".ljust(32))
MIRROR_KEY = SigningKey.from_seed(b"cosign".ljust(32))


def root_document(
    origin: str, unit: str, logs: Sequence[str], cosign: bytes | None = None
) -> bytes:
    """Root document 1, signed."""
    text = compose_root(
        origin=origin,
        unit=unit,
        url=f"https://{origin}",
        time=NOW,
        root=[ROOT_KEY.public],
        logs=[LogKeys(name, (KeyRange(KEY.public),)) for name in logs],
        cosign=cosign,
    )
    return sign_root(text, origin, [ROOT_KEY])


class HubHouse:
    """A hub that mirrors one unit's catalogue; `files` are all it serves."""

    def __init__(self, folder: Path) -> None:
        self.unit = Publisher(folder / "unit")
        self.fed = Publisher(folder / "hub", FED)
        self.files = Files()
        self.root = root_document(HUB, HUB_UNIT, ["fed"], cosign=MIRROR_KEY.public)
        self.unit_root = root_document(UNIT, USCC, ["catalogue", "usage"])
        self.files["root/1"] = self.root
        self.files[f"m/{origin_hash(UNIT)}/root/1"] = self.unit_root
        self._folder, self._said = folder, 0
        self.fed_name = "fed"

    @property
    def fingerprint(self) -> str:
        return fingerprint(parse_note(self.root).text)

    @property
    def unit_fingerprint(self) -> str:
        return fingerprint(parse_note(self.unit_root).text)

    @property
    def head(self) -> Checkpoint:
        return parse_checkpoint(parse_note(self.unit.files()["checkpoint"]).text)

    def enrol(self, state: str = "enrolled") -> None:
        url = f"https://{UNIT}"
        self.say(Registration(UNIT, state, USCC, url, self.unit_fingerprint))

    def publish(self, entries: Sequence[Entry]) -> None:
        """The unit publishes and the hub mirrors it."""
        for path, raw in self.unit.publish(entries).items():
            self.files[f"m/{origin_hash(CATALOGUE)}/{path}"] = raw

    def advance(self, start: int, *, cosigned: bool = False) -> None:
        note = self.unit.files()["checkpoint"]
        if cosigned:
            note = checkpoint.cosign(note, name=cosigner_name(HUB), key=MIRROR_KEY, now=NOW)
        self.say(Advance(CATALOGUE, start, self.head.size, note))

    def say(self, *words: Word) -> None:
        """Append words to `fed`."""
        entries = []
        for word in words:
            self._said += 1
            body = compose_word(word, unit=HUB_UNIT)
            salt = self._said.to_bytes(16, "big")
            entries.append(record_entry(f"{HUB}/{self.fed_name}", {"pub": body}, {"pub": salt}))
        self.add(*entries)

    def add(self, *entries: Entry) -> None:
        """Append leaves to `fed`."""
        for path, raw in self.fed.publish(entries).items():
            self.files[f"{self.fed_name}/{path}"] = raw

    @property
    def fed_head(self) -> Checkpoint:
        return parse_checkpoint(parse_note(self.files[f"{self.fed_name}/checkpoint"]).text)

    def end_fed(self, at: Checkpoint) -> None:
        """Root document 2: `fed` has ended there, and what is said from now on is said in `fed.2`.

        What is served of `fed` stays as it is.
        """
        document = open_chain([self.root], fingerprint=self.fingerprint)
        end = LogEnd(at.size, at.root)
        logs = end_log(document.logs, "fed", end, successor=KEY.public)
        text = compose_next(document, time=NOW, logs=logs)
        self.files["root/2"] = sign_root(text, HUB, [ROOT_KEY])
        self.fed_name = "fed.2"
        self.fed = Publisher(self._folder / "hub.2", f"{HUB}/fed.2")

    def open(self, folder: str) -> Fetcher:
        """A fetcher of what lies below a folder of the hub's address."""
        fetcher = DictFetcher(self.files)
        return Below(fetcher, folder) if folder else fetcher

    def prove(self, index: int, *, cosigned: bool = True) -> bytes:
        """The proof file of one leaf with its public body."""
        files, size = self.unit.files(), self.head.size
        read = tile_reader(size, lambda tile: files[Tile(tile.level, tile.index, tile.width).path])
        block, width = index // 256, min(256, size - index // 256 * 256)
        bundle = files[EntryBundle(block, width).path]
        leaf = decode_bundle(bundle, width, max_entry=1024)[index % 256]
        lines, _ = read_body_file(files.get(body_path("pub", block), b""), block)
        note = files["checkpoint"]
        if cosigned:
            note = checkpoint.cosign(note, name=cosigner_name(HUB), key=MIRROR_KEY, now=NOW)
        shown = [line for line in lines if line.index == index]
        disclosed = {"pub": shown[0]} if shown else {}
        return compose_proof(index, inclusion_proof(index, size, read), leaf, disclosed, note)

    def answer(self, record: str, index: int) -> None:
        """Let the hub's interface answer for a record."""
        unit, kind, id_ = record.split("/")
        place = {"items": [{"origin": CATALOGUE, "index": index}], "next": None}
        path = f"api/v1/records?unit={unit}&kind={kind}&id={id_}"
        self.files[path] = json.dumps(place).encode()
        origin = CATALOGUE.replace("/", "%2F")
        self.files[f"api/v1/proof?origin={origin}&index={index}"] = self.prove(index)
