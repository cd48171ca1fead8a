"""Attach a photo to an instrument, or a document to one of the unit's regimes.

The file goes under its hash into `files/`, its address into the record, and is public as soon as
the record is published. Start at `attach_photo`.
"""

import hashlib
from pathlib import Path
from typing import Any

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_node.attaching.judged import kind_of, plain_photo
from fenhe_node.editing import Hand, save, state_of
from fenhe_node.home import Home
from fenhe_node.store import Store, records
from fenhe_node.store.records import StoredRecord
from fenhe_protocol.errors import InputError

REGIMES = ("regime_opening", "regime_operation", "regime_maintenance", "regime_use")


def attach_photo(home: Home, address: str, instrument: str, data: bytes, hand: Hand) -> str:
    """Keep a JPEG as the photo of an instrument; its address. InputError says what is wrong."""
    plain = plain_photo(data)
    with Store.open(home.store) as store:
        record = _there(store, "instrument", instrument)
        url = _kept(home, address, plain, "jpg")
        _set(store, record, {"photo": url}, hand)
    return url


def attach_regime(
    home: Home, address: str, regime: str, data: bytes, hand: Hand, *, title: str = ""
) -> str:
    """Keep a PDF as the document of a regime, with its hash; its address."""
    if regime not in REGIMES:
        raise InputError("file.place", expected=", ".join(("photo", *REGIMES)), found=regime)
    kind_of(data, ("pdf",))
    with Store.open(home.store) as store:
        record = _there(store, "unit", hand.unit)
        url = _kept(home, address, data, "pdf")
        said: dict[str, Any] = dict(record.record.get(regime, {}))
        said |= {"url": url, "sha256": hashlib.sha256(data).hexdigest()}
        if title:
            said["title"] = title
        _set(store, record, {regime: said}, hand)
    return url


def file_names(folder: Path) -> frozenset[str]:
    """The names of the files that are kept."""
    try:
        return frozenset(each.name for each in folder.iterdir())
    except FileNotFoundError:
        return frozenset()


def _kept(home: Home, address: str, data: bytes, kind: str) -> str:
    name = f"{hashlib.sha256(data).hexdigest()}.{kind}"
    replace_files(Disk(), {home.files / name: data})
    return f"{address}/files/{name}"


def _there(store: Store, kind: str, id: str) -> StoredRecord:
    record = records.find(store, kind, id)
    if record is None or record.deleted:
        raise InputError("record.absent", where=f"{kind} {id}")
    return record


def _set(store: Store, old: StoredRecord, fields: dict[str, Any], hand: Hand) -> None:
    saved = save(store, {**old.record, **fields}, hand, seen=state_of(old.record))
    if saved.problems:
        first = saved.problems[0]
        raise InputError(
            "file.record", where=first.field, expected=first.expected_zh, found=first.found
        )
