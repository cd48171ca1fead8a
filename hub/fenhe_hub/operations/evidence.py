"""`evidence`: what is kept against units, or a finding's proof, as one file (feed §14, §15)."""

import argparse
import re
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.desk.evidence_kept import Found, all_kept, one_kept
from fenhe_hub.desk.releasing import release
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.proving.finding import prove_finding
from fenhe_hub.report import show
from fenhe_hub.visiting.workshop import system_clock
from fenhe_protocol.terminal import quiet_json

_FINDING = re.compile(r"[0-9A-Z]{18}/")


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
    where = command.add_mutually_exclusive_group()
    where.add_argument("--out", type=Path, metavar="FILE", help="写到这里 where to write it")
    where.add_argument("--to", dest="out", type=Path, metavar="FILE", help="同上 the same")
    command.add_argument(
        "--release",
        metavar="LOG",
        help="历史已恢复：把便笺移走，继续收取 its history is mended: read on",
    )
    command.add_argument("--reason", metavar="TEXT", help="怎样恢复的 how it was mended")


def _evidence(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    if options.release:
        return _release(hub, options)
    with closing(open_index(hub.home.index)) as db:
        if options.what is not None and _FINDING.match(options.what):
            _prove(hub, db, options)
        elif options.what is None:
            _list(list(all_kept(hub.home, db)), as_json=options.json)
        else:
            _export(one_kept(hub.home, db, options.what), options.out, as_json=options.json)
    return 0


def _release(hub: Hub, options: argparse.Namespace) -> int:
    """Take the notes of a quarantine elsewhere: its unit has mended the history."""
    office = Office(hub, system_clock)
    count = release(office, THE_HUB, options.release, options.reason or "")
    text = f"已解除隔离 released {options.release}: {count} 张便笺移到 notes moved to "
    text += str(hub.home.released_evidence)
    show({"log": options.release, "notes": count}, text, as_json=options.json)
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


def _list(found: list[Found], *, as_json: bool) -> None:
    text = "\n".join(each.line() for each in found) or "没有证据 no evidence is kept"
    show([each.facts() for each in found], text, as_json=as_json)


def _export(found: Found, out: Path | None, *, as_json: bool) -> None:
    if out is None:
        print(quiet_json(found.kept.raw, terminal=sys.stdout.isatty()).decode(), end="")
        return
    replace_files(Disk(), {out: found.kept.raw})
    mark = found.kept.conviction.fingerprint
    text = f"{found.line()}\n{out}\n任何人可以审查 anyone may judge it: "
    text += f"fenhe verify-evidence {out.name} --fingerprint {mark}"
    show({**found.facts(), "file": str(out)}, text, as_json=as_json)
