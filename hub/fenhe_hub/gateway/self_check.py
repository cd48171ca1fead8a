"""What the gateway stores, read again: `gateway check-files`. Start at `check_home`.

A sealed line carries its own seal: one changed bit, and it opens no more. What a key was destroyed
for cannot be checked. Nothing is healed here: all of it is taken anew from the hub.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from fenhe_client.checking.databases import is_sound
from fenhe_client.checking.result import Checked, Finding, files_lines
from fenhe_client.checking.roots_check import damaged_roots
from fenhe_client.following.cursor import Cursor
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_hub.gateway.home import Gateway, open_gateway, own_roots
from fenhe_hub.gateway.opening import Opener
from fenhe_hub.gateway.store import Store
from fenhe_hub.home import locked
from fenhe_hub.report import show
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import RootDocument, fingerprint, open_first
from fenhe_protocol.schema import SchemaSet

PART = 4
DATABASES = ("store.sqlite", "outbox.sqlite", "head.sqlite")
ANEW = (
    "停止服务, 把 store.sqlite、outbox.sqlite、cursor、cursor.d 一起移走, 再 gateway sync; "
    "stop it, move these away together and take anew"
)
ROOTS = (
    "从备份放回, 单位和网址上也有同一份; put it back from a backup, or from what units were given"
)


def check_files(options: argparse.Namespace) -> int:
    """`gateway check-files`; 4 where something is damaged."""
    now = int(time.time())
    checked = Checked(now, findings=tuple(damaged_documents(options.home)))
    if not checked.findings:
        gateway = open_gateway(options.home)
        with locked(gateway.lock):
            checked = check_home(gateway, now)
    value = {**asdict(checked), "damaged": [each.path for each in checked.damaged]}
    show(value, "\n".join(files_lines(checked, format_time)), as_json=options.json)
    return PART if checked.damaged else 0


def damaged_documents(path: Path) -> list[Finding]:
    """The gateway's own root documents that are damaged, without which it cannot be opened."""
    files = own_roots(path)
    keys = OwnKeys(path / "keys", files)

    def ours(raw: bytes) -> RootDocument:
        mark = fingerprint(parse_note(raw).text)
        document = open_first(raw, fingerprint=mark, allow_loopback_http=True)
        if not any(map(keys.find, document.purposes)):
            raise Refused("restore.not-ours")
        return document

    return [Finding("public", each, advice=ROOTS) for each in damaged_roots(files, ours)]


def check_home(gateway: Gateway, now: int) -> Checked:
    """Read everything once; the caller holds the lock of the home."""
    files = (gateway.path / name for name in DATABASES)
    found = [Finding("sqlite", file.name, advice=ANEW) for file in files if not is_sound(file)]
    lines = 0
    if not found:
        store = Store(gateway.store)
        try:
            lines = sum(store.keys().values())
            found += _damaged_lines(gateway, store)
        finally:
            store.close()
    try:
        Cursor.load(gateway.cursor)
    except FenheError:
        found.append(Finding("", gateway.cursor.name, advice=ANEW))
    return Checked(now, 0, lines, tuple(found))


def _damaged_lines(gateway: Gateway, store: Store) -> Iterator[Finding]:
    opener = Opener(gateway.seals, SchemaSet.load())
    for line in store.sealed():
        if line.key in gateway.seals:
            try:
                opener.open(line.body, origin=line.origin, unit=line.uscc)
            except Refused:
                where = f"{line.origin}#{line.index}"
                yield Finding(where, gateway.store.name, advice=ANEW)
