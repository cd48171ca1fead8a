"""`fenhe make-evidence`: two notes that one signer must not have signed both, as a file (feed §14).

For whoever holds them: a node its receipts, a follower or witness two heads of a hub. The notes may
stand in proof files. Between two sizes a copy of the larger tree, or the history that a follower
kept beside the notes, shows that they do not agree. One proof alone shows what its signer has to
show: bodies that a receipt says are held.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.evidence_check import members, read_evidence, told
from fenhe_client.reading.log_files import log_folders
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import FolderFiles, stored_hashes
from fenhe_client.telling import answer
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.conviction import convict
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.evidence import (
    Evidence,
    Kind,
    decode_history,
    open_roots,
    pared,
    pared_roots,
    signing_keys,
)
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import LeafForm, RecordLeaf, parse_leaf
from fenhe_protocol.merkle import history_between
from fenhe_protocol.note import parse_note
from fenhe_protocol.proof import HEAD_LINE, compose_proof, parse_proof
from fenhe_protocol.root_document import RootDocument


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
    signer = _Signer(options.key, roots, open_roots(roots)[0] if roots else None)
    if options.second is None:
        evidence = _withheld(read_evidence(options.first), signer)
    else:
        evidence = _disagreeing(options, signer)
    raw = evidence.encode()
    found = convict(raw, key=None if roots else options.key)
    replace_files(Disk(), {options.out.absolute(): raw})
    text = f"{told(found, is_compared=not roots)}\n  {options.out}"
    answer({**members(found), "file": str(options.out)}, text, as_json=options.json)
    return 0


@dataclass(frozen=True, slots=True)
class _Signer:
    """Who is accused: by root documents, which may list several keys of the name, or by one key."""

    key: VerifierKey
    roots: tuple[bytes, ...]
    document: RootDocument | None

    def lines_of(self, note: bytes) -> bytes:
        """The note with the signer's lines alone; Refused `checkpoint.unsigned` without any."""
        head = _head(note)
        keys = signing_keys(self.document, self.key.name, head) if self.document else (self.key,)
        if not any(parse_note(note).lines_of(key) for key in keys):
            wanted = ", ".join(key.text for key in keys) or self.key.name
            raise Refused("checkpoint.unsigned", where=head.origin, expected=wanted)
        return pared(note, keys)


def _disagreeing(options: argparse.Namespace, signer: _Signer) -> Evidence:
    notes = [signer.lines_of(_note(file)) for file in (options.first, options.second)]
    notes.sort(key=lambda note: _head(note).size)
    one, other = map(_head, notes)
    path = _path(options, one, other) if one.size != other.size else ()
    if one.size == other.size or path[:1] not in ((), (one.root,)):
        return Evidence(Kind.FORK, signer.key.name, signer.roots, tuple(notes), path)
    return Evidence(Kind.CLOCK, signer.key.name, signer.roots, tuple(notes))


def _withheld(raw: bytes, signer: _Signer) -> Evidence:
    """That the signer has to show the bodies which this proof discloses; they stay out of it."""
    proof = parse_proof(raw)
    note = signer.lines_of(proof.note)
    try:
        leaf = parse_leaf(proof.leaf, index=proof.index, log=_head(note).origin.rpartition("/")[2])
    except LeafForm as error:
        raise Refused("proof.leaf", expected=error.expected, found=error.found) from error
    committed = leaf.commitments if isinstance(leaf, RecordLeaf) else {}
    lacking = {tier: c for tier, c in committed.items() if tier in (proof.disclosed or committed)}
    bare = compose_proof(proof.index, proof.siblings, proof.leaf, {}, note)
    return Evidence(Kind.WITHHELD, signer.key.name, signer.roots, proof=bare, lacking=lacking)


def _note(file: Path) -> bytes:
    raw = read_evidence(file)
    return parse_proof(raw).note if raw.startswith(HEAD_LINE) else raw


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
