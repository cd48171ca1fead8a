"""One unit's real signed log in the mirror, and the rows of the index that follow from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import orjson

from fenhe_client.stored.files import FolderFiles, root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, new_record
from fenhe_hub.hub import Hub
from fenhe_hub.index.searchable import Searchable, index_resources
from fenhe_hub.index.tables import log_number
from fenhe_hub.mirror.roots import root_files
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, cosign, parse_checkpoint
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import LogKeys, compose_root, fingerprint, sign_root
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import dumps

NOW = 1_795_399_200  # 2026-11-23T10:00:00+08:00
MORNING = NOW - 3600
DAY = 86_400
YESTERDAY = NOW - DAY
OLD = YESTERDAY - 9
HUB = "hub.example/fenhe"


@dataclass
class SampleUnit:
    """One enrolled unit whose catalogue lies in the mirror."""

    number: int
    uscc: str
    hub: Hub
    state: str = "enrolled"
    written: list[Mapping[str, Any] | None] = field(default_factory=list)
    heads: list[tuple[int, int]] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"u{self.number}.example/fenhe"

    @property
    def catalogue(self) -> str:
        return f"{self.origin}/catalogue"

    @property
    def folder(self) -> Path:
        return self.hub.home.mirror(self.catalogue)

    @property
    def files(self) -> FolderFiles:
        return FolderFiles(self.folder / "public", self.folder / "held", log="catalogue")

    @property
    def note(self) -> bytes:
        """The newest cosigned note."""
        size, at = self.heads[-1]
        return (self.folder / "notes" / f"{size}-{at}").read_bytes()

    @property
    def key(self) -> SigningKey:
        return SigningKey.from_seed(bytes([self.number]) * 32)

    def enrol(self) -> str:
        """Write root document 1 into the mirror; its fingerprint."""
        root = SigningKey.from_seed(bytes([100 + self.number]) * 32)
        keys = (KeyRange(self.key.public),)
        text = compose_root(
            origin=self.origin,
            unit=self.uscc,
            url=f"https://{self.origin}",
            time=YESTERDAY,
            root=[root.public],
            logs=[LogKeys("catalogue", keys), LogKeys("usage", keys)],
        )
        signed = sign_root(text, self.origin, [root])
        root_files(self.hub.home, self.origin).write_all({root_path(1): signed})
        return fingerprint(text)

    def publish(self, records: Sequence[Mapping[str, Any] | None], *, at: int) -> Checkpoint:
        """Append records (None: a heartbeat) at a time, and let the hub cosign the head."""
        writer = FeedWriter(
            self.catalogue, self.files, HeadStore(self.hub.home.path / "units.sqlite")
        )
        entries = [self._entry(record, at) for record in records]
        head = writer.publish(entries, key=self.key, now=at)
        self.written += records
        self.heads.append((head.size, at + 65))
        note = cosign(head.note, name=f"{HUB}/m", key=self.hub.keys.mirror, now=at + 65)
        (self.folder / "notes").mkdir(exist_ok=True)
        (self.folder / "notes" / f"{head.size}-{at + 65}").write_bytes(note)
        (self.folder / "verified").write_bytes(head.note)
        return parse_checkpoint(parse_note(note).text)

    def _entry(self, record: Mapping[str, Any] | None, at: int) -> Entry:
        if record is None:
            return plain_entry(HeartbeatLeaf(at))
        for tier, body in record.items():
            assert SchemaSet.load().validates(body["kind"], tier, body), body
        return new_record(self.catalogue, {tier: dumps(body) for tier, body in record.items()})


class IndexRows:
    """Writes rows into the index by the meaning of its tables."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def unit(self, unit: SampleUnit, root1: str) -> None:
        row = (unit.number, unit.origin, unit.uscc, unit.state, f"https://{unit.origin}", root1, 0)
        self._db.execute("INSERT INTO unit VALUES(?,?,?,?,?,?,?,?)", (*row, YESTERDAY))

    def log(self, unit: SampleUnit, head: Checkpoint, name: str = "catalogue") -> int:
        number = log_number(unit.number, name, 1)
        last = unit.heads[-1]
        self._db.execute(
            "INSERT INTO log(log_no, unit_no, origin, name, epoch, size, root, indexed,"
            " heartbeat_at, cosigned_size, cosigned_at) VALUES(?,?,?,?,1,?,?,?,?,?,?)",
            (number, unit.number, f"{unit.origin}/{name}", name, head.size, head.root, head.size,
             last[1] - 65, *last),
        )  # fmt: skip
        self._db.executemany(
            "INSERT INTO head VALUES(?,?,?)", [(number, *each) for each in unit.heads]
        )
        return number

    def bodies(self, unit: SampleUnit, log_no: int) -> None:
        """The rows of every record written, and the states that follow from them."""
        states: dict[tuple[str, str], dict[str, tuple[int, Mapping[str, Any]]]] = {}
        for index, record in enumerate(unit.written):
            for tier, body in (record or {}).items():
                states.setdefault((body["kind"], body["id"]), {})[tier] = (index, body)
                row = (log_no, index, ("pub", "hub").index(tier), body["kind"], body["id"])
                self._db.execute("INSERT INTO body VALUES(?,?,?,?,?,?)", (*row, "deleted" in body))
        for (kind, id_), tiers in states.items():
            self._state(unit, log_no, kind, id_, tiers)

    def _state(
        self,
        unit: SampleUnit,
        log_no: int,
        kind: str,
        id_: str,
        tiers: Mapping[str, tuple[int, Mapping[str, Any]]],
    ) -> None:
        index, pub = tiers.get("pub", (None, {}))
        hub_index, held = tiers.get("hub", (None, {}))
        deleted = (pub or held).get("deleted", {}).get("on")
        columns = {
            "name_zh": pub.get("name_zh"),
            "class_code": pub.get("class_code"),
            "city": pub.get("location", {}).get("city"),
            "value_band": pub.get("value_band"),
            "status": pub.get("status"),
        }
        texts = [orjson.dumps(body).decode() if body else None for body in (pub, held)]
        self._db.execute(
            "INSERT INTO resource VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (unit.number, kind, id_, log_no, index, hub_index, 0, deleted, *texts,
             *columns.values()),
        )  # fmt: skip
        shown = texts[0] if not deleted else None
        facets = {name: columns[name] for name in ("city", "class_code", "value_band", "status")}
        row = Searchable(unit.number, kind, id_, shown, **facets)
        index_resources(self._db, [row])

    def findings(self, unit: SampleUnit, rows: Iterable[tuple[Any, ...]]) -> None:
        """(rule, kind, id, state, due, since, evidence, todo_zh, todo_en) each."""
        for row in rows:
            self._db.execute(
                "INSERT INTO finding(unit_no, rule, kind, id, state, due, since, evidence, todo_zh,"
                " todo_en) VALUES(?,?,?,?,?,?,?,?,?,?)",
                (unit.number, *row),
            )

    def skip(self, log_no: int, index: int, tier: str, code: str) -> None:
        self._db.execute(
            "INSERT INTO skip VALUES(?,?,?,?,?,?)", (log_no, index, tier, code, "不外传", "不外传")
        )
