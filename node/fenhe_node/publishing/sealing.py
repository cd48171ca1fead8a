"""What of a record is sealed for the national platform, and to which key (feed §7).

Nothing is, until a gateway is enrolled by its fingerprint (`gateway_trust`); until then what would
be sealed stays in the unit. Start at `sealed_part` for what, at `open_seal` for to whom.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_client.keys.roots import stored_roots
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_node.home import Home
from fenhe_node.store import Store, sealing
from fenhe_node.store.sealing import DELETED, Gateway
from fenhe_protocol.errors import SetupError
from fenhe_protocol.root_document import RootDocument, open_chain
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import ENVELOPE
from fenhe_protocol.seal import seal_body
from fenhe_protocol.strict_json import dumps

Texts = Sequence[tuple[str, str]]
"""Records by id and text."""

_LOOKED_AT_ONCE = 256
_RULE = 0  # what is sealed; homes that once let contact persons go as well took digests by another


@dataclass(frozen=True)
class Seal:
    """The current key of the enrolled gateway."""

    gateway: Gateway
    public: bytes

    def seal(self, part: Mapping[str, Any], origin: str) -> bytes:
        """The body of tier `nat` for a log."""
        return seal_body(part, origin=origin, public=self.public)


def open_seal(home: Home, store: Store) -> Seal | None:
    """The key to seal to, from the stored chain of root documents; None: no gateway is enrolled."""
    gateway = sealing.gateway(store)
    if gateway is None:
        return None
    chain = stored_roots(root_files(home, gateway.fingerprint))
    document = open_chain(
        chain, fingerprint=gateway.fingerprint, origin=gateway.origin, allow_loopback_http=True
    )
    return Seal(gateway, need_seal(document))


def need_seal(document: RootDocument) -> bytes:
    """The `seal` of a gateway's root document; SetupError `gateway.no-seal` for any other's."""
    if document.seal is None:
        raise SetupError("gateway.no-seal", where=document.origin, expected="seal")
    return document.seal


def root_files(home: Home, fingerprint: str) -> FolderFiles:
    """Where the root documents of a gateway lie."""
    folder = home.trusted / fingerprint
    return FolderFiles(folder, folder, log=ROOT)


def sealed_part(schemas: SchemaSet, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """What of a record is to be sealed, with its envelope; None: nothing.

    Contact persons (`x-seal`) are not: nobody would forward them (ADR 0016).
    """
    if "deleted" in record:
        return None
    names = schemas.kind(record["kind"]).bodies["nat"]
    if "ext" not in record and record.keys().isdisjoint(names):
        return None  # most have nothing of it
    return schemas.split(record["kind"], record).get("nat")


def emptied(record: Mapping[str, Any]) -> dict[str, Any]:
    """What is sealed where there was something and now is nothing: the envelope, the deletion."""
    return {name: record[name] for name in (*ENVELOPE, "deleted") if name in record}


def take_digests(store: Store, schemas: SchemaSet) -> None:
    """Take the digests of all records that were written since it was last done."""
    if not sealing.unknown_kinds(store, _RULE):
        return  # and nobody is kept waiting
    with store.transaction():
        kinds = sealing.unknown_kinds(store, _RULE)  # an import may have come first
        for kind in kinds:
            for records in sealing.unknown(store, kind, _RULE):
                telling = _maybe_sealed(schemas, kind, records)
                digests = ((kind, id, _digest(schemas, orjson.loads(text))) for id, text in telling)
                sealing.put_digests(store, [each for each in digests if each[2]], _RULE)
        sealing.take_as_open(store, _RULE)


def _maybe_sealed(schemas: SchemaSet, kind: str, records: Texts) -> Iterator[tuple[str, str]]:
    """Those of which something may be sealed, or may have been: most are not taken apart for it."""
    names = [f'"{name}"' for name in (*schemas.kind(kind).bodies["nat"], "ext", "deleted")]
    for at in range(0, len(records), _LOOKED_AT_ONCE):
        some = records[at : at + _LOOKED_AT_ONCE]
        together = "".join([text for _, text in some])
        if found := [name for name in names if name in together]:
            yield from (each for each in some if any(name in each[1] for name in found))


def _digest(schemas: SchemaSet, record: Mapping[str, Any]) -> str:
    if "deleted" in record:
        return DELETED
    part = sealed_part(schemas, record)
    return hashlib.sha256(dumps(part)).hexdigest() if part else ""
