"""`keys`, `rotate-key`, `root-document`, `set-url`: the same commands at a node and at a hub.

Each program gives an `Office` under the lock of its home and shows what is `Told`. Options are read
by `add_rotate`, `add_root_document`, `add_set_url`.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fenhe_client.keys.key_rotation import Rotation, rotate
from fenhe_client.keys.root_desk import Draft, RootDesk
from fenhe_client.keys.root_telling import told_changes, told_document, told_lacking
from fenhe_protocol.encoding import b64_decode, b64_encode, format_time
from fenhe_protocol.errors import SetupError
from fenhe_protocol.root_changes import compose_next
from fenhe_protocol.root_document import RootDocument

MARGIN = 1000
"""Leaves that the old log key may sign while a document waits for signatures from elsewhere."""

CLOCK_SECONDS = 300
"""How far the clock may lie behind the newest document before it is taken for wrong."""

_CLOCK = "本机时钟早于前一份根文档, 请核对 the clock lies before the document in force, look at it"

_NEXT = {
    "log": "读者遇到新密钥签的检查点时读取, 至多十分钟; readers look when they meet the new key",
    "url": "请重启 serve, 旧网址再保留两天; restart serve, and keep the old address for two days",
    "stolen": "请读者立即读取: fenhe-hub look, 单位用 fenhe-node trust; let readers look at once",
    "": "读者一天内读取; readers look within a day (at once: fenhe-hub look, fenhe-node trust)",
}


@dataclass(frozen=True)
class Office:
    """One home's desk; `now` in POSIX seconds."""

    desk: RootDesk
    seeds: Path
    now: int


@dataclass(frozen=True)
class Told:
    """What a command says: facts for `--json`, text for people. `done`: nothing is waited for."""

    text: str
    facts: dict[str, Any] = field(default_factory=dict)
    done: bool = True


Work = Callable[[argparse.Namespace, Office], Told]


def rotate_key(options: argparse.Namespace, office: Office) -> Told:
    """Put a fresh key in the place of the one in force."""
    desk, purpose = office.desk, options.purpose
    alone = not desk.keys.root or desk.document.threshold > len(desk.keys.root)
    margin = options.margin
    if margin is None:
        margin = MARGIN if alone and not options.stolen else 0
    rotation = Rotation(purpose, options.stolen, margin, options.replace)
    text = rotate(desk, office.seeds, rotation, office.now)
    return put(office, text, "stolen" if options.stolen else purpose)


def set_url(options: argparse.Namespace, office: Office) -> Told:
    """Let the next document name another address."""
    url, held = options.url.rstrip("/"), office.desk.document
    if url == held.url:
        raise SetupError("root.same", where=url)
    return put(office, compose_next(held, time=office.now, url=url), "url")


def root_document(options: argparse.Namespace, office: Office) -> Told:
    """One step on the way of a document."""
    return _ACTIONS[options.action](options, office)


def _show(options: argparse.Namespace, office: Office) -> Told:
    held, draft = office.desk.document, office.desk.draft()
    lines = [f"{label}: {value}" for label, value in told_document(held)]
    facts: dict[str, Any] = {"n": held.n, "threshold": held.threshold, "waiting": None}
    if draft is not None:
        facts["waiting"] = _facts(draft)
        changes = told_changes(held, draft.document)
        lines += ["", f"第 {draft.document.n} 份在等签名 waits for signatures:", *changes]
        lines += told_lacking(draft)
    return Told("\n".join(lines), facts)


def _propose(options: argparse.Namespace, office: Office) -> Told:
    held = office.desk.document
    for key in options.drop_root:
        if key not in held.root:
            raise SetupError("root.unlisted", found=b64_encode(key))
    root = [key for key in held.root if key not in options.drop_root]
    root += [key for key in options.add_root if key not in root]
    if root == list(held.root) and options.threshold in (None, held.threshold):
        raise SetupError("root.same", expected="--add-root, --drop-root, --threshold")
    text = compose_next(held, time=office.now, root=root, threshold=options.threshold)
    return put(office, text, "root")


def _sign(options: argparse.Namespace, office: Office) -> Told:
    return _went_on(office, office.desk.document, office.desk.sign, "")


def _adopt(options: argparse.Namespace, office: Office) -> Told:
    notes = [_read(Path(file)) for file in options.files]
    return _went_on(office, office.desk.document, lambda: office.desk.take(notes), "")


def _discard(options: argparse.Namespace, office: Office) -> Told:
    gone = office.desk.discard()
    text = f"已放弃第 {gone.n} 份 forgotten" if gone else "没有在等签名的 none waits"
    return Told(text, {"n": office.desk.document.n, "discarded": gone.n if gone else None})


_ACTIONS: dict[str, Work] = {
    "show": _show,
    "propose": _propose,
    "sign": _sign,
    "adopt": _adopt,
    "discard": _discard,
}


def list_keys(options: argparse.Namespace, office: Office) -> Told:
    """Every key that was ever listed: what for, in force or not, and whether its seed is here."""
    desk = office.desk
    rows: list[dict[str, Any]] = [
        {
            "purpose": purpose,
            "key": b64_encode(public),
            "in_force": public in _in_force(desk),
            "here": desk.keys.find(public) is not None,
        }
        for public, purpose in desk.document.purposes.items()
    ]
    lines = [
        f"{row['purpose']:8}{row['key']}"
        f"  {'在用 in force' if row['in_force'] else '已换下 superseded'}"
        f"  {'在本机 here' if row['here'] else '不在本机 elsewhere'}"
        for row in rows
    ]
    return Told("\n".join(lines), {"n": desk.document.n, "keys": rows})


def _in_force(desk: RootDesk) -> set[bytes]:
    held = desk.document
    logs = {
        key.public
        for log in held.logs
        for key in log.keys
        if log.end is None and (key.end is None or key.covers(desk.signed_size(log.name)))
    }
    cosigner = {held.cosign.public} if held.cosign else set()
    return {*held.root, *held.request} | logs | cosigner


def put(office: Office, text: bytes, changed: str = "") -> Told:
    """Propose the next document and say what came of it; `changed`: whose readers to name."""
    before = office.desk.document
    told = _went_on(office, before, lambda: office.desk.propose(text), changed)
    if office.now + CLOCK_SECONDS >= before.time:
        return told
    # No document may be older than the one before, so the wrong time stays in all that follow.
    warning = f"{_CLOCK}: {format_time(office.now)} < {format_time(before.time)}"
    return replace(told, text=f"{told.text}\n{warning}", facts=told.facts | {"clock": warning})


def _went_on(
    office: Office, before: RootDocument, step: Callable[[], Draft | None], changed: str
) -> Told:
    draft = step()
    if draft is not None:
        changes = told_changes(before, draft.document)
        head = f"第 {draft.document.n} 份根文档在等签名 waits for signatures"
        text = "\n".join([head, *changes, *told_lacking(draft)])
        return Told(text, _facts(draft), done=False)
    after = office.desk.document
    head = f"第 {after.n} 份根文档已生效 root document {after.n} is in force"
    changes = told_changes(before, after)
    facts = {"n": after.n, "in_force": True, "changes": changes, "lacking": 0}
    reached = _NEXT.get(changed, _NEXT[""])
    return Told("\n".join([head, *changes, reached]), facts)


def _facts(draft: Draft) -> dict[str, Any]:
    return {
        "n": draft.document.n,
        "in_force": False,
        "lacking": draft.lacking.number,
        "keys": [b64_encode(key) for key in draft.lacking.keys],
        "file": str(draft.file),
    }


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SetupError("setup.value", where=str(file), found=str(error)) from error


def add_rotate(parser: argparse.ArgumentParser, purposes: Sequence[str]) -> None:
    """The options of `rotate-key`."""
    parser.add_argument("purpose", choices=purposes, help="换哪一个 which key")
    parser.add_argument(
        "--stolen", action="store_true", help="旧密钥已泄露, 立即作废 the old one counts no longer"
    )
    parser.add_argument(
        "--margin",
        type=_leaves,
        metavar="LEAVES",
        help=f"等签名期间旧密钥还可签多少条 leaves the old log key may sign meanwhile ({MARGIN})",
    )
    parser.add_argument(
        "--replace", type=root_key, metavar="KEY", help="换下哪一个根密钥 which root key goes"
    )


def add_root_document(parser: argparse.ArgumentParser) -> None:
    """The options of `root-document`."""
    parser.add_argument("action", choices=tuple(_ACTIONS), help="做什么 which step")
    parser.add_argument(
        "files", nargs="*", metavar="LINE", help="签名行文件 files of signature lines"
    )
    for name, text in (
        ("--add-root", "增加的根密钥 a root key to add"),
        ("--drop-root", "去掉的根密钥 a root key to drop"),
    ):
        parser.add_argument(
            name, type=root_key, action="append", default=[], metavar="KEY", help=text
        )
    parser.add_argument("--threshold", type=int, metavar="K", help="须几个签名 how many must sign")


def add_set_url(parser: argparse.ArgumentParser) -> None:
    """The options of `set-url`."""
    parser.add_argument("url", metavar="URL", help="新的网址 the new public address")


def _leaves(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError
    return number


def root_key(text: str) -> bytes:
    """A public key as b64 of 32 bytes."""
    try:
        return b64_decode(text.strip(), size=32)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"b64 of 32 bytes: {text}") from error


def commands() -> Iterator[tuple[str, str, Work, Callable[[argparse.ArgumentParser], None]]]:
    """Name, help, work and options of each command but `rotate-key`, whose purposes differ."""
    yield "keys", "密钥一览 all keys", list_keys, lambda parser: None
    yield "root-document", "根文档 the root document", root_document, add_root_document
    yield "set-url", "迁移网址 move to another address", set_url, add_set_url
