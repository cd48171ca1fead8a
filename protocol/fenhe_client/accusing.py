"""`fenhe make-evidence`: two notes that one signer must not have signed both, as a file (feed §14).

For whoever holds them: a node its receipts, a follower or witness two heads of a hub. The notes may
stand in proof files. Between two sizes a copy of the larger tree, or the history that a follower
kept beside the notes, shows that they do not agree. One proof alone shows what its signer has to
show: bodies that a receipt says are held.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from fenhe_client.disk import Disk, replace_files
from fenhe_client.evidence_check import members, read_evidence, told
from fenhe_client.files import FolderFiles, stored_hashes
from fenhe_client.log_files import log_folders
from fenhe_client.telling import answer
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.conviction import convict
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.evidence import Evidence, Kind, decode_history, pared, pared_roots
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import LeafForm, RecordLeaf, parse_leaf
from fenhe_protocol.merkle import history_between
from fenhe_protocol.note import parse_note
from fenhe_protocol.proof import HEAD_LINE, compose_proof, parse_proof


def add_make_evidence(
    command: argparse.ArgumentParser, *, key: Callable[[str], VerifierKey]
) -> None:
    """The arguments of `make-evidence`."""
    text = "检查点，证明或回执文件 a checkpoint, proof or receipt"
    command.add_argument("first", type=Path, metavar="NOTE", help=text)
    text = "与它矛盾的另一份；没有则指第一份的正文被扣下 the other one, or bodies are withheld"
    command.add_argument("second", type=Path, nargs="?", metavar="NOTE2", help=text)
    command.add_argument(
        "--key", required=True, type=key, metavar="VKEY", help="签名者的公钥 the signer's key"
    )
    command.add_argument(
        "--root",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="签名者的根文档，从第 1 份起，可重复 its root documents from 1 on; may be repeated",
    )
    way = command.add_mutually_exclusive_group()
    way.add_argument(
        "--log", type=Path, metavar="DIR", help="较大的那棵树的副本 a copy of the larger tree"
    )
    text = "跟随者分叉文件夹里的 history from the folder `fork` of a follower"
    way.add_argument("--history", type=Path, metavar="FILE", help=text)
    command.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="写到这里 where to write it"
    )


async def make_evidence_file(options: argparse.Namespace) -> int:
    """`fenhe make-evidence`: writes only what convicts."""
    roots = pared_roots([read_evidence(file) for file in options.root])
    if options.second is None:
        evidence = _withheld(read_evidence(options.first), options.key, roots)
    else:
        evidence = _disagreeing(options, roots)
    raw = evidence.encode()
    found = convict(raw, key=None if roots else options.key)
    replace_files(Disk(), {options.out.absolute(): raw})
    text = f"{told(found, is_compared=not roots)}\n  {options.out}"
    answer({**members(found), "file": str(options.out)}, text, as_json=options.json)
    return 0


def _disagreeing(options: argparse.Namespace, roots: tuple[bytes, ...]) -> Evidence:
    notes = [_pared(file, options.key) for file in (options.first, options.second)]
    notes.sort(key=lambda note: _head(note).size)
    one, other = map(_head, notes)
    path = _path(options, one, other) if one.size != other.size else ()
    if one.size == other.size or path[:1] not in ((), (one.root,)):
        return Evidence(Kind.FORK, options.key.name, roots, tuple(notes), path)
    return Evidence(Kind.CLOCK, options.key.name, roots, tuple(notes))


def _withheld(raw: bytes, key: VerifierKey, roots: tuple[bytes, ...]) -> Evidence:
    """That the signer has to show the bodies which this proof discloses; they stay out of it."""
    proof = parse_proof(raw)
    note = pared(proof.note, [key])
    try:
        leaf = parse_leaf(proof.leaf, index=proof.index, log=_head(note).origin.rpartition("/")[2])
    except LeafForm as error:
        raise Refused("proof.leaf", expected=error.expected, found=error.found) from error
    committed = leaf.commitments if isinstance(leaf, RecordLeaf) else {}
    lacking = {tier: c for tier, c in committed.items() if tier in (proof.disclosed or committed)}
    bare = compose_proof(proof.index, proof.siblings, proof.leaf, {}, note)
    return Evidence(Kind.WITHHELD, key.name, roots, proof=bare, lacking=lacking)


def _pared(file: Path, key: VerifierKey) -> bytes:
    raw = read_evidence(file)
    return pared(parse_proof(raw).note if raw.startswith(HEAD_LINE) else raw, [key])


def _head(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)


def _path(options: argparse.Namespace, one: Checkpoint, other: Checkpoint) -> tuple[bytes, ...]:
    """The root that the larger tree has at the smaller size, and the way from there, if known."""
    if options.history is not None:
        return decode_history(read_evidence(options.history))
    return _way_in(options.log, one, other) if options.log is not None else ()


def _way_in(folder: Path, one: Checkpoint, other: Checkpoint) -> tuple[bytes, ...]:
    log = other.origin.rpartition("/")[2]
    places = log_folders(folder, log)
    hashes = stored_hashes(FolderFiles(places[0], places[-1], log=log), other.size)
    try:
        return history_between(one.size, other.size, hashes)
    except ValueError as error:
        raise StoreError("store.damaged", where=str(folder), found=str(error)) from error
