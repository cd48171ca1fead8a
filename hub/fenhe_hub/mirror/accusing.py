"""Evidence files made of what a hub holds of a log: notes, root documents, mirror (feed §14).

Each function returns what is to be judged (`fenhe_protocol.conviction`), and judges nothing.
"""

from collections.abc import Iterable, Sequence

from fenhe_client.keys.roots import stored_roots
from fenhe_client.stored.files import read_bundle, root_path, stored_hashes
from fenhe_hub.home import Home
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import root_files
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.conviction import Conviction
from fenhe_protocol.errors import InputError
from fenhe_protocol.evidence import Evidence, Kind, pared, pared_roots, signing_keys
from fenhe_protocol.leaf import RecordLeaf, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import history_between, inclusion_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.proof import compose_proof
from fenhe_protocol.root_text import read_root_text
from fenhe_protocol.tiles import EntryBundle


def accuse_fork(
    home: Home, origin: str, notes: Sequence[bytes], history: tuple[bytes, ...] = ()
) -> Evidence:
    """That this log signed two heads that do not go together, or one that it had ended otherwise.

    ValueError where nothing here shows that a larger head does not follow a smaller one.
    """
    roots = _roots(home, origin)
    notes = sorted((_pared(origin, roots, note) for note in notes), key=_size)
    if len(notes) == 1:
        return Evidence(Kind.ENDED, origin, roots, tuple(notes))
    smaller, larger = map(_size, notes)
    if smaller == larger:
        history = ()
    elif not history:
        history = _mirrored_history(MirrorLog(home, origin), smaller, larger)
    return Evidence(Kind.FORK, origin, roots, tuple(notes), history)


def accuse_ended(home: Home, origin: str, note: bytes) -> Evidence:
    """That somebody signed a head above the size at which the root documents end this log."""
    roots = _roots(home, origin)
    return Evidence(Kind.ENDED, origin, roots, (_pared(origin, roots, note),))


def accuse_withheld(home: Home, origin: str, index: int, tiers: Iterable[str]) -> Evidence:
    """That this log signed a leaf of whose bodies those of `tiers` did not come."""
    log = MirrorLog(home, origin)
    head, note = log.head(), log.verified()
    if head is None or note is None or index >= head.size:
        raise InputError("evidence.absent", where=f"{origin}#{index}")
    block = index // BLOCK
    bundle = EntryBundle(block, min(BLOCK, head.size - block * BLOCK))
    entry = read_bundle(log.files, bundle, max_entry=DEFAULTS.leaf_bytes)[index % BLOCK]
    leaf = parse_leaf(entry, index=index, log=log.name)
    committed = leaf.commitments if isinstance(leaf, RecordLeaf) else {}
    roots, hashes = _roots(home, origin), stored_hashes(log.files, head.size)
    path = inclusion_proof(index, head.size, hashes)
    proof = compose_proof(index, path, entry, {}, _pared(origin, roots, note))
    lacking = {tier: committed[tier] for tier in tiers if tier in committed}
    return Evidence(Kind.WITHHELD, origin, roots, proof=proof, lacking=lacking)


def is_by_listed_keys(home: Home, found: Conviction) -> bool:
    """Whether its heads are still below the bounds of the keys that signed them.

    A later root document than those in the file may say that a key was stolen (feed §5).
    """
    files = root_files(home, found.log.rpartition("/")[0])
    if found.newest is None or files.read(root_path(found.newest.n + 1)) is None:
        return True
    newest = read_root_text(parse_note(stored_roots(files)[-1]).text, allow_loopback_http=True)
    keys = [signing_keys(newest, found.signer, head.checkpoint) for head in found.heads]
    before = [signing_keys(found.newest, found.signer, head.checkpoint) for head in found.heads]
    return all({*now} >= {*then} for now, then in zip(keys, before, strict=True))


def _roots(home: Home, origin: str) -> tuple[bytes, ...]:
    return pared_roots(stored_roots(root_files(home, origin.rpartition("/")[0])))


def _pared(origin: str, roots: Sequence[bytes], note: bytes) -> bytes:
    """The note with the lines of the log's own keys alone."""
    if not roots:
        raise ValueError(f"no root documents of {origin}")
    newest = read_root_text(parse_note(roots[-1]).text, allow_loopback_http=True)
    return pared(note, signing_keys(newest, origin, parse_checkpoint(parse_note(note).text)))


def _size(note: bytes) -> int:
    return parse_checkpoint(parse_note(note).text).size


def _mirrored_history(log: MirrorLog, smaller: int, larger: int) -> tuple[bytes, ...]:
    """The root that the mirrored tree had at the smaller size, and the way from there."""
    head = log.head()
    if head is None or head.size != larger:
        raise ValueError(f"{log.origin}: the tree of size {larger} is not mirrored")
    hashes = stored_hashes(log.files, head.size)
    return history_between(smaller, larger, hashes)
