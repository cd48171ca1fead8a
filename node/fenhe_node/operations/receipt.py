"""`receipt`: who certifies to hold a record since when, as a file that anyone can check offline."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import KINDS_HELP, Commands, add_command
from fenhe_node.publishing.heads import epochs_of, log_files
from fenhe_node.receipts.earliest import LeafReceipt, log_keys, log_vkey, receipts_of
from fenhe_node.receipts.proof_file import first_leaf, make_proof, signed_size
from fenhe_node.receipts.witnessed import WitnessLine, lines_of
from fenhe_node.report import Report
from fenhe_node.store import Store, feed
from fenhe_node.store.feed import Leaf
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import Deferred, InputError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import log_origin
from fenhe_protocol.proof import verify_proof
from fenhe_protocol.root_document import cosigner_name

SHOW_MORE = "另附只给省平台的内容: --tier hub; to disclose what only the hub has: --tier hub"


@dataclass(frozen=True)
class Found:
    """The leaf that holds a record's published state, its receipts, and the first leaf of all.

    `first_date` is empty while no hub has certified to hold it.
    """

    leaf: Leaf
    receipts: Sequence[LeafReceipt]
    witnesses: Sequence[WitnessLine]
    first: tuple[str, int]
    first_date: str

    @property
    def proof(self) -> tuple[bytes, list[VerifierKey]]:
        """The note to prove the record by, and which of the cosigners signed it."""
        notes = [each.note for each in self.witnesses if each.counts_at]
        notes += [each.note for each in self.receipts] + [each.note for each in self.witnesses]
        keys = [each.key for each in self.receipts] + [each.key for each in self.witnesses]
        signed = parse_note(notes[0])
        found = [VerifierKey.parse(key) for key in dict.fromkeys(keys)]
        return notes[0], [key for key in found if signed.lines_of(key)]


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "receipt", "回执 the receipt of a record", run_receipt)
    command.add_argument("id", metavar="ID", help="编号 its id")
    command.add_argument("--kind", default="", metavar="KIND", help=KINDS_HELP)
    command.add_argument(
        "--out", type=Path, metavar="FILE", help="写成 .tlog-proof 文件 write the proof file"
    )
    command.add_argument(
        "--hub", default="", metavar="ORIGIN", help="哪个平台的, 默认最早的 whose; the earliest"
    )
    command.add_argument(
        "--tier",
        action="append",
        default=[],
        choices=("hub", "nat"),
        help="公开内容之外再附上 disclose this tier besides what is public",
    )


def run_receipt(options: argparse.Namespace) -> Report:
    """Look it up here, without asking anyone; write the proof if told where."""
    node = open_node(options.home)
    with Store.open(node.home.store) as store:
        found = _find(node, store, options)
    note, cosigners = found.proof
    origin = log_origin(node.root.origin, found.leaf.log)
    key = log_vkey(node.root, found.leaf.log, parse_checkpoint(parse_note(note).text).size)
    named = "".join(f" --cosigner {each.text}" for each in cosigners)
    check = f"fenhe verify-proof FILE --key {key.text}{named}"
    facts: dict[str, Any] = {
        "kind": found.leaf.kind,
        "id": found.leaf.id,
        "origin": origin,
        "index": found.leaf.index,
        "receipts": [_facts(each) for each in found.receipts],
        "witnesses": [_witness_facts(each) for each in found.witnesses],
        "first": {"log": found.first[0], "index": found.first[1], "date": found.first_date},
        "key": key.text,
        "check": check,
    }
    lines = _lines(found, origin)
    if options.out is not None:
        tiers = ("pub", *dict.fromkeys(options.tier))
        disclosed = _write(node, found, tiers, options.out)
        facts |= {"file": str(options.out), "disclosed": disclosed}
        lines += _written(options.out, disclosed, check)
    return Report("\n".join(lines), facts)


def _find(node: Node, store: Store, options: argparse.Namespace) -> Found:
    leaf = _leaf(store, options.id, options.kind)
    found = receipts_of(store, node.root, leaf.log, leaf.index)
    seen = lines_of(store, leaf.log, leaf.index)
    if options.hub:
        found = [each for each in found if each.cosigner == cosigner_name(options.hub)]
        seen = [replace(each, counts_at=_only(options.hub, each.counts_at)) for each in seen]
    if not found and (options.hub or not seen):
        raise Deferred(
            "receipt.none",
            where=f"{leaf.kind} {leaf.id}",
            found=f"{leaf.log} index {leaf.index}",
            advice="看 status 里的告警; see the alarms of `status`, or run publish again",
        )
    first = _first(node, leaf)
    earliest = receipts_of(store, node.root, *first)
    dates = [each.date for each in (*earliest, *found)]
    return Found(leaf, found, seen, first, min(dates, default=""))


def _first(node: Node, leaf: Leaf) -> tuple[str, int]:
    """The first leaf of a record that says anything here, as (log, index), in whatever epoch."""
    for log, files in epochs_of(node.home, split_log_name(leaf.log)[0]).items():
        size = leaf.index if log == leaf.log else signed_size(files)
        index = first_leaf(files, leaf.kind, leaf.id, size)
        if index is not None:
            return log, index
    return leaf.log, leaf.index


def _only(hub: str, hubs: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in hubs if each == hub)


def _leaf(store: Store, record_id: str, kind: str) -> Leaf:
    leaves = feed.published_as(store, record_id, kind)
    if not leaves:
        raise InputError("record.unpublished", where=f"{kind} {record_id}".strip())
    if len(leaves) > 1:
        kinds = ", ".join(leaf.kind for leaf in leaves)
        raise InputError("record.kinds", where=record_id, expected="--kind", found=kinds)
    return leaves[0]


def _write(node: Node, found: Found, tiers: Sequence[str], out: Path) -> list[str]:
    """Write the proof once it has been checked as a stranger would; the tiers that it discloses."""
    leaf, (note, cosigners) = found.leaf, found.proof
    raw = make_proof(log_files(node.home, leaf.log), leaf.index, note, tiers)
    proven = verify_proof(
        raw,
        origin=log_origin(node.root.origin, leaf.log),
        keys=log_keys(node.root, leaf.log),
        cosigners=cosigners,
    )
    replace_files(Disk(), {out.absolute(): raw})
    return sorted(proven.bodies)


def _facts(receipt: LeafReceipt) -> dict[str, Any]:
    return {
        "cosigner": receipt.cosigner,
        "time": format_time(receipt.time),
        "date": receipt.date,
        "size": receipt.size,
        "key": receipt.key,
    }


def _witness_facts(line: WitnessLine) -> dict[str, Any]:
    return {
        "witness": line.witness,
        "time": format_time(line.time),
        "date": line.date,
        "size": line.size,
        "key": line.key,
        "counts_at": list(line.counts_at),
        "until": line.until,
    }


def _lines(found: Found, origin: str) -> list[str]:
    leaf = found.leaf
    lines = [f"{leaf.kind} {leaf.id} · {origin} 第 {leaf.index + 1} 条 (index {leaf.index})"]
    lines += [
        f"  回执 receipt: {each.cosigner} {format_time(each.time)},"
        f" 送达日期 delivered on {each.date}"
        for each in found.receipts
    ]
    lines += [_witness_line(each, found.receipts) for each in found.witnesses]
    if not found.receipts:
        lines.append("  尚无平台回执, 不算送达; no hub holds it yet: not delivered")
    log, index = found.first
    if found.first_date and (log, index) != (leaf.log, leaf.index):
        lines.append(f"  最早送达 first delivered on {found.first_date}: {log} 第 {index + 1} 条")
    return lines


def _witness_line(line: WitnessLine, receipts: Sequence[LeafReceipt]) -> str:
    seen = f"  见证 witness: {line.witness} {format_time(line.time)}"
    if line.counts_at:
        return f"{seen}, 计入送达日期 counts at {', '.join(line.counts_at)}"
    if any(each.time <= line.time for each in receipts):
        return seen
    return (
        f"{seen}, 未计入: 须由也指定它的省平台在 {line.until} 前收齐这份目录;"
        f" counts where a hub that names it too has all of this head by {line.until}"
    )


def _written(out: Path, disclosed: Sequence[str], check: str) -> list[str]:
    what = ", ".join(disclosed) or "只有叶, 不含内容 the leaf alone"
    lines = [f"  已写 written: {out} · 附 discloses: {what}"]
    if "hub" not in disclosed:
        lines.append(f"  {SHOW_MORE}")
    return [*lines, f"  离线验证 check it offline: {check.replace('FILE', str(out), 1)}"]
