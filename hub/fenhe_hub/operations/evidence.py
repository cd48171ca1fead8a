"""`evidence`: what is kept against units, or a finding's proof, as one file (feed §14, §15)."""

import argparse
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from fenhe_client.evidence_check import members, told_fault
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.read import lacking_tiers
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.accusing import accuse_withheld
from fenhe_hub.mirror.evidence import KeptEvidence, keep_file, kept_evidence
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.proving.finding import prove_finding
from fenhe_hub.report import show
from fenhe_protocol.errors import InputError
from fenhe_protocol.root_document import root_key_name
from fenhe_protocol.terminal import quiet_json

_FINDING = re.compile(r"[0-9A-Z]{18}/")
_PLACE = re.compile(r"(?P<origin>[^#\s]+)#(?P<index>0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class _Found:
    """One piece of evidence, and against which log, or whose root keys."""

    origin: str
    kept: KeptEvidence

    def facts(self) -> dict[str, Any]:
        return {"id": self.kept.id, **members(self.kept.conviction)}

    def line(self) -> str:
        fault = told_fault(self.kept.conviction)
        return f"{self.kept.id}  {self.origin}\n  {fault.zh}\n  {fault.en}"


def add_commands(commands: Commands) -> None:
    """`evidence`."""
    text = "对单位不利的证据：列出或取出 what is kept against units: list it, or take one file out"
    command = add_command(commands, "evidence", text, _evidence)
    command.add_argument(
        "what",
        nargs="?",
        metavar="ID",
        help="取出哪一份；<日志>#<位置> 为缺少的正文；"
        "<单位代码>/<规则>/<类别>/<编号> 为一条认定的证明 "
        "which one; <log>#<index> for bodies that lack; <uscc>/<rule>/<kind>/<id> for a finding",
    )
    command.add_argument(
        *("--out", "--to"), type=Path, metavar="FILE", help="写到这里 where to write it"
    )


def _evidence(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    with closing(open_index(hub.home.index)) as db:
        if options.what is not None and _FINDING.match(options.what):
            _prove(hub, db, options)
        elif options.what is None:
            _list(list(_all(hub.home, db)), as_json=options.json)
        else:
            _export(_one(hub.home, db, options.what), options.out, as_json=options.json)
    return 0


def _prove(hub: Hub, db: sqlite3.Connection, options: argparse.Namespace) -> None:
    """The proof of one finding (feed §15)."""
    raw = prove_finding(hub, db, options.what, int(time.time()))
    if options.out is None:
        print(quiet_json(raw, terminal=sys.stdout.isatty()).decode(), end="")
        return
    replace_files(Disk(), {options.out: raw})
    text = f"{options.what}\n{options.out} ({len(raw)} B)\n任何人可以离线审查 anyone may judge it: "
    text += f"fenhe verify-evidence {options.out.name} --fingerprint {hub.fingerprint}"
    value = {"finding": options.what, "file": str(options.out), "bytes": len(raw)}
    show({**value, "fingerprint": hub.fingerprint}, text, as_json=options.json)


def _list(found: list[_Found], *, as_json: bool) -> None:
    text = "\n".join(each.line() for each in found) or "没有证据 no evidence is kept"
    show([each.facts() for each in found], text, as_json=as_json)


def _export(found: _Found, out: Path | None, *, as_json: bool) -> None:
    if out is None:
        print(quiet_json(found.kept.raw, terminal=sys.stdout.isatty()).decode(), end="")
        return
    replace_files(Disk(), {out: found.kept.raw})
    mark = found.kept.conviction.fingerprint
    text = f"{found.line()}\n{out}\n任何人可以审查 anyone may judge it: "
    text += f"fenhe verify-evidence {out.name} --fingerprint {mark}"
    show({**found.facts(), "file": str(out)}, text, as_json=as_json)


def _all(home: Home, db: sqlite3.Connection) -> Iterator[_Found]:
    logs = db.execute("SELECT origin FROM log ORDER BY log_no").fetchall()
    units = db.execute("SELECT origin FROM unit ORDER BY unit_no").fetchall()
    for origin in chain((log for (log,) in logs), (root_key_name(unit) for (unit,) in units)):
        for kept in kept_evidence(home, origin):
            yield _Found(origin, kept)


def _one(home: Home, db: sqlite3.Connection, what: str) -> _Found:
    if place := _PLACE.fullmatch(what):
        return _lacking(home, db, place["origin"], int(place["index"]))
    for found in _all(home, db):
        if found.kept.id == what:
            return found
    raise InputError("evidence.absent", where=what, advice="fenhe-hub evidence")


def _lacking(home: Home, db: sqlite3.Connection, origin: str, index: int) -> _Found:
    """Make the evidence that bodies of this leaf were committed to and did not come."""
    tiers = lacking_tiers(db, origin, index)
    if not tiers:
        raise InputError("evidence.absent", where=f"{origin}#{index}")
    return _Found(
        origin, keep_file(home, origin, accuse_withheld(home, origin, index, tiers), Disk())
    )
