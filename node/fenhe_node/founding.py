"""How a node begins: keys, root document 1, two empty logs, a configuration. Start at `found`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from fenhe_client.stored.files import root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_node.config import render_config
from fenhe_node.home import Home, claim
from fenhe_node.importing.intake import digest
from fenhe_node.keys import SEED_BYTES, NodeKeys, make_keys
from fenhe_node.publishing.heads import LOGS, log_files, root_files
from fenhe_node.store import Store, records
from fenhe_node.store.records import StoredRecord
from fenhe_node.unit_code import check_unit_code
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import check_origin, log_origin
from fenhe_protocol.root_document import LogKeys, compose_root, sign_root
from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class Founder:
    """Who the node speaks for; `url` is its public address, `hub` may be empty."""

    unit_name: str
    uscc: str
    origin: str
    url: str
    hub: str = ""


def default_origin(hub: str, uscc: str) -> str:
    """`<hub host>/u/<uscc>`: a name below the hub's, which says nothing about who serves it."""
    host = urlsplit(hub).netloc
    if not host:
        raise SetupError(
            "setup.missing", where="--origin", advice="给出 --hub 或 --origin; give one of them"
        )
    return f"{host.removesuffix(':443')}/u/{uscc}"


def found(path: Path, founder: Founder, now: int) -> Home:
    """Make a whole home in an empty folder; what was refused leaves no trace."""
    _check(founder)
    _rehearse(founder, now)
    home = claim(path)
    keys = make_keys(home.keys)
    root_files(home).write_all({root_path(1): _root_document(founder, keys, now)})
    heads = HeadStore(home.heads)
    for log in LOGS:
        writer = FeedWriter(log_origin(founder.origin, log), log_files(home, log), heads)
        writer.recover(key=keys.log, now=now)
    with Store.open(home.store) as store:
        records.put(store, [_unit_record(founder, now)])
    home.config_file.write_text(_config(founder), encoding="utf-8")
    return home


def _check(founder: Founder) -> None:
    check_unit_code(founder.uscc)
    try:
        check_origin(founder.origin)
    except ValueError as error:
        raise SetupError(
            "setup.value", where="--origin", expected=str(error), found=founder.origin
        ) from error
    if not founder.unit_name.strip():
        raise SetupError("setup.value", where="--unit-name", expected="单位全称 the full name")


def _rehearse(founder: Founder, now: int) -> None:
    """Make a root document with keys that are thrown away, before anything is written."""
    keys = NodeKeys(*(SigningKey.from_seed(bytes([n]) * SEED_BYTES) for n in range(3)))
    try:
        _root_document(founder, keys, now)
    except Refused as error:
        raise SetupError("setup.value", where=error.where, found=error.found) from error


def _root_document(founder: Founder, keys: NodeKeys, now: int) -> bytes:
    text = compose_root(
        origin=founder.origin,
        unit=founder.uscc,
        url=founder.url,
        time=now,
        root=[keys.root.public],
        logs=[LogKeys(log, (KeyRange(keys.log.public),)) for log in LOGS],
        request=[keys.request.public],
    )
    return sign_root(text, founder.origin, [keys.root])


def _unit_record(founder: Founder, now: int) -> StoredRecord:
    """The unit's own record, as far as it is known; an import of kind `unit` completes it."""
    kind, id = "unit", founder.uscc
    record = {"unit": id, "kind": kind, "id": id, "name_zh": founder.unit_name}
    return StoredRecord(kind, id, record, digest(SchemaSet.load(), kind, record), now)


def _config(founder: Founder) -> str:
    given = {
        "unit_name": founder.unit_name,
        "uscc": founder.uscc,
        "origin": founder.origin,
        "hub": founder.hub,
    }
    if founder.url != f"https://{founder.origin}":
        given["public_url"] = founder.url
    return render_config(given)
