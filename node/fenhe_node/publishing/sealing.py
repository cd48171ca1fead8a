"""What of a record is sealed for the national platform, and to which key (feed §7).

Nothing is, until a gateway is enrolled by its fingerprint (`gateway_trust`); until then what would
be sealed stays in the unit. Start at `sealed_part` for what, at `open_seal` for to whom.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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

    def taken() -> Iterator[tuple[str, str, str]]:
        for kind, id, record in sealing.unknown(store, _RULE):
            yield kind, id, _digest(schemas, record)

    digests = list(taken())
    if digests:
        with store.transaction():
            sealing.put_digests(store, digests, _RULE)


def _digest(schemas: SchemaSet, record: Mapping[str, Any]) -> str:
    if "deleted" in record:
        return DELETED
    part = sealed_part(schemas, record)
    return hashlib.sha256(dumps(part)).hexdigest() if part else ""
