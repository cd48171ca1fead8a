"""`fenhe verify-evidence`: judge an evidence file offline, in words people understand (feed §14).

The proof of a finding (feed §15) is told apart by its form; `findings` says what it proves.

Also `told_fault`, the same words for whoever lists evidence. Chinese first, English second.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fenhe_client.findings import told as findings
from fenhe_client.findings.reckoned import reckon
from fenhe_client.telling import answer
from fenhe_protocol.body import Committer, read_body_file
from fenhe_protocol.conviction import Conviction, Head, convict
from fenhe_protocol.encoding import b64_encode, b64u_encode, format_time
from fenhe_protocol.error_texts import Text
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.evidence import MOST_BYTES, Kind
from fenhe_protocol.finding_file import MOST_BYTES as MOST_FINDING_BYTES
from fenhe_protocol.finding_file import is_finding_file
from fenhe_protocol.finding_proof import examine
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.root_document import RootDocument, fingerprint
from fenhe_protocol.terminal import grouped

CONTRADICTED = 4
_MOST_BODY_BYTES = BLOCK * DEFAULTS.line_bytes


def add_verify_evidence(
    command: argparse.ArgumentParser,
    *,
    fingerprint: Callable[[str], str],
    key: Callable[[str], VerifierKey],
) -> None:
    """The arguments of `verify-evidence`."""
    command.add_argument("file", type=Path, metavar="FILE", help="证据文件 the evidence file")
    by = command.add_mutually_exclusive_group()
    by.add_argument(
        "--fingerprint",
        type=fingerprint,
        metavar="F",
        help="核对过的被指认者的指纹 the fingerprint of the accused, as people compared it",
    )
    by.add_argument(
        "--key",
        type=key,
        metavar="VKEY",
        help="文件不带根文档时：被指认者的公钥 the key of the accused, where the file has none",
    )
    command.add_argument(
        "--body",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="据说被扣下的正文文件, 可重复 a body file that may refute that bodies are withheld",
    )


async def verify_evidence_file(options: argparse.Namespace) -> int:
    """`fenhe verify-evidence`."""
    raw = _read(options.file, MOST_FINDING_BYTES + 1)
    if is_finding_file(raw):
        return _verify_finding(raw, options)
    found = convict(raw, fingerprint=options.fingerprint, key=options.key)
    for file in options.body:
        found = refute(found, _read(file, _MOST_BODY_BYTES))
    is_compared = options.fingerprint is not None or options.key is not None
    answer(members(found), told(found, is_compared=is_compared), as_json=options.json)
    return 0


def _verify_finding(raw: bytes, options: argparse.Namespace) -> int:
    """A finding's file (feed §15): 4 where it is genuine and contradicts what the hub claims."""
    if options.key is not None or options.body:
        raise SetupError("setup.value", where="--key, --body", expected="--fingerprint")
    examined = examine(raw, fingerprint=options.fingerprint)
    reckoned = reckon(examined)
    text = findings.told(examined, reckoned, is_compared=options.fingerprint is not None)
    answer(findings.members(examined, reckoned), text, as_json=options.json)
    return CONTRADICTED if reckoned.doubts else 0


def read_evidence(file: Path) -> bytes:
    """The bytes of an evidence file; one that is too long is cut where it is refused anyway."""
    return _read(file, MOST_BYTES + 1)


def _read(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise SetupError("evidence.absent", where=str(file), found=str(error)) from error


def refute(found: Conviction, body_file: bytes) -> Conviction:
    """What stays withheld if this body file is shown; Refused `evidence.refuted` where nothing.

    SetupError `setup.value` where nothing is said to be withheld.
    """
    if found.kind is not Kind.WITHHELD or found.index is None:
        raise SetupError(
            "setup.value", where="--body", expected=Kind.WITHHELD.value, found=found.kind.value
        )
    lines, _ = read_body_file(body_file, found.index // BLOCK)
    shown = [line for line in lines if line.index == found.index]
    lacking = {
        tier: commitment
        for tier, commitment in found.lacking.items()
        if all(Committer(found.log, tier).of_line(line) != commitment for line in shown)
    }
    if not lacking:
        raise Refused("evidence.refuted", where=f"{found.log}#{found.index}")
    return replace(found, lacking=lacking)


def members(found: Conviction) -> dict[str, Any]:
    """The verdict as JSON."""
    fault = told_fault(found)
    optional = {
        "fingerprint": found.fingerprint,
        "unit": found.unit,
        "root_document": _document(found),
        "former_root": b64_encode(found.former_root) if found.former_root else "",
        "end": {"size": found.end[0], "root": b64_encode(found.end[1])} if found.end else {},
        "lacking": {tier: b64u_encode(each) for tier, each in found.lacking.items()},
    }
    return {
        "kind": found.kind.value,
        "accused": found.signer,
        "log": found.log,
        "heads": [_head(head) for head in found.heads],
        **({"documents": list(map(_root, found.documents))} if found.documents else {}),
        **({"index": found.index} if found.index is not None else {}),
        **{name: value for name, value in optional.items() if value},
        "fault_zh": fault.zh,
        "fault_en": fault.en,
    }


def _document(found: Conviction) -> dict[str, Any]:
    """By which root document the keys of the accused were in force."""
    newest = found.newest
    return {"n": newest.n, "time": format_time(newest.time)} if newest else {}


def _root(document: RootDocument) -> dict[str, Any]:
    """A root document by what people can compare: its number, its time and its hash."""
    time = format_time(document.time)
    return {"n": document.n, "sha256": fingerprint(document.text), "time": time}


def _head(head: Head) -> dict[str, Any]:
    said = head.checkpoint
    time = {} if head.time is None else {"time": format_time(head.time)}
    return {"size": said.size, "root": b64_encode(said.root), **time}


def told(found: Conviction, *, is_compared: bool) -> str:
    """What the file proves, by whose signatures, and what a person has still to compare."""
    fault = told_fault(found)
    whom = f"{found.signer} · {found.log}" if found.by_cosigner else found.signer
    lines = [f"✘ {whom}", f"  {fault.zh}", f"  {fault.en}"]
    for head in map(_head, found.heads):
        time = f" · {head['time']}" if "time" in head else ""
        lines.append(f"  签名 signed: {head['size']} {head['root']}{time}")
    for root in map(_root, found.documents):
        lines.append(f"  签名 signed: root/{root['n']} {root['sha256']} · {root['time']}")
    if found.former_root:
        smaller = found.heads[0].checkpoint.size
        lines.append(
            f"  较大的树在 {smaller} 处的根 its root at {smaller}: {b64_encode(found.former_root)}"
        )
    if by := _document(found):
        lines.append(
            f"  密钥以第 {by['n']} 份根文档 ({by['time']}) 为准, 请向对方核实此后有没有作废它的; "
            f"keys as of root document {by['n']}: ask whether a later one ended them"
        )
    if not is_compared:
        lines.append(f"  请核对指纹 compare the fingerprint: {grouped(found.fingerprint)}")
    elif found.fingerprint:
        lines.append("  指纹相符 the fingerprint is the one you gave")
    return "\n".join(lines)


def told_fault(found: Conviction) -> Text:
    """What the accused did, in two sentences."""
    return _FAULTS[found.kind](found)


def _fork(found: Conviction) -> Text:
    one, other = (head.checkpoint.size for head in found.heads)
    who = Text("联署方", "The cosigner") if found.by_cosigner else Text("单位", "The unit")
    if one == other:
        return Text(
            f"{who.zh}对同一日志、同一大小 {one} 签了两个不同的根，两个签名不可能都真",
            f"{who.en} signed two roots of one log at size {one}: both cannot be true",
        )
    return Text(
        f"{who.zh}签过大小 {one} 的一段历史，又签了大小 {other} 的另一段，后者不含前者："
        "历史被改写了",
        f"{who.en} signed one history of size {one} and another of size {other} that does not"
        " contain it: history was rewritten",
    )


def _ended(found: Conviction) -> Text:
    end, size = (found.end or (0, b""))[0], found.heads[0].checkpoint.size
    return Text(
        f"单位的根文档规定日志止于 {end}，却有人用它的密钥签了大小 {size} 的另一个结果",
        f"By the unit's root documents the log ended at {end}; its key signed another of size"
        f" {size}",
    )


def _clock(found: Conviction) -> Text:
    first, then = (format_time(head.time or 0) for head in found.heads)
    return Text(
        f"联署方先签较小的 ({first})，后签较大的却倒填为 {then}：回执的时间靠不住",
        f"The cosigner dated the larger head {then}, before the smaller one ({first}): its"
        " receipts' times cannot be relied on",
    )


def _withheld(found: Conviction) -> Text:
    tiers = ", ".join(sorted(found.lacking))
    if found.by_cosigner:
        return Text(
            f"联署方出具回执，说已收齐第 {(found.index or 0) + 1} 条的正文 ({tiers})，"
            "就应当拿得出；已抹除的、网关取走满 90 天的 nat 除外；"
            "拿出与承诺相符的正文即可反驳 (--body)",
            f"By its receipt the cosigner holds the bodies of index {found.index} ({tiers}) and has"
            " to show them, unless an erasure covers them or, of nat, 90 days are over since the"
            " gateway took them; who shows one that fits refutes this (--body)",
        )
    return Text(
        f"单位签了第 {(found.index or 0) + 1} 条，承诺了它的正文 ({tiers})，就应当拿得出；"
        "已抹除的除外；拿出与承诺相符的正文即可反驳 (--body)",
        f"The unit signed index {found.index} and with it the bodies ({tiers}): it has to show"
        " them, unless an erasure covers them; who shows one that fits refutes this (--body)",
    )


def _roots(found: Conviction) -> Text:
    n = found.documents[0].n
    return Text(
        f"单位（或拿到它根密钥的人）签了两份不同的第 {n} 份根文档：密钥和网址对不同的人说法不同",
        f"The unit, or who has its root keys, signed two documents of number {n}: what its keys and"
        " its address are depends on whom it told",
    )


_FAULTS = {
    Kind.FORK: _fork,
    Kind.ENDED: _ended,
    Kind.CLOCK: _clock,
    Kind.WITHHELD: _withheld,
    Kind.ROOTS: _roots,
}
