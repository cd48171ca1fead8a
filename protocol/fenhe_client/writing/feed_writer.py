"""The one writer of a log: a node's `catalogue` and `usage`, a hub's `fed` (feed §9, Publish).

    body files → entry bundles → tiles → read back from disk → compare-and-swap → sign → checkpoint

Killed anywhere, `recover` at the next start (and before every publish) finishes what was signed or
shows the previous checkpoint. Two roots are never signed for one size: the head store moves on
before the key is used. One process at a time: the caller holds the lock of its home, for a second
writer would overwrite files that the first has just signed.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from fenhe_client.keys.second_signing import SecondSigner, sign_head
from fenhe_client.stored.files import CHECKPOINT, FeedFiles, stored_hashes
from fenhe_client.stored.head_store import Head, HeadStore
from fenhe_client.stored.partials import sweep_partials
from fenhe_client.writing.feed_batch import (
    batch_files,
    check_entries,
    check_written,
    drop_unsigned,
    proven_root,
)
from fenhe_protocol.body import SALT_BYTES
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.entry import Entry, record_entries
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note

SECONDS_BETWEEN = 10  # at most one publish in ten seconds (feed §9)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head as it now stands in `checkpoint`."""

    size: int
    root: bytes
    note: bytes


class KeyRing(Protocol):
    """The keys of a log; which one signs depends on the size (feed §5, `from` and `to`)."""

    def for_head(self, origin: str, size: int) -> SigningKey:
        """The key for the head of this size; SetupError if it is not here."""

    @property
    def second(self) -> SecondSigner | None:
        """What signs a second line as well, where one is wanted."""


Key = SigningKey | KeyRing
Sign = Callable[[Checkpoint], bytes]


def new_record(origin: str, bodies: Mapping[str, bytes]) -> Entry:
    """A record of the log `origin` with salts fresh from the operating system (feed §3)."""
    return new_records(origin, [bodies])[0]


def new_records(origin: str, records: Sequence[Mapping[str, bytes]]) -> Sequence[Entry]:
    """The same for many records in one go."""
    fresh = os.urandom(SALT_BYTES * sum(map(len, records)))
    salts = [fresh[at : at + SALT_BYTES] for at in range(0, len(fresh), SALT_BYTES)]
    return record_entries(origin, records, salts)


class FeedWriter:
    """Publishes entries of the log `origin` into `files`, guarded by `heads`."""

    def __init__(self, origin: str, files: FeedFiles, heads: HeadStore) -> None:
        self.origin = origin
        self._log = origin.rpartition("/")[2]
        self._files, self._heads = files, heads

    def seconds_until_allowed(self, now: int) -> int:
        """How long to wait before the next publish; 0 if the clock was set back since."""
        head = self._heads.get(self.origin)
        if head is None or head.size == 0 or now < head.signed_at:
            return 0
        return max(0, head.signed_at + SECONDS_BETWEEN - now)

    def publish(self, entries: Sequence[Entry], *, key: Key, now: int) -> SignedHead:
        """Append entries and sign the new head with a key that is listed for its size.

        Raises ValueError for an entry that no reader would take, StoreError for all that may go
        wrong with the disk; then the previous head stands and the same entries may be tried again.
        """
        writing = self.begin(key=key, now=now)
        writing.append(entries)
        return writing.sign(now)

    def begin(self, *, key: Key, now: int) -> "Writing":
        """Begin to publish entries that come in parts: more of them than memory may hold."""
        return Writing(self, self.recover(key=key, now=now), key)

    def recover(self, *, key: Key, now: int) -> SignedHead:
        """Finish or forget what a killed publish left, and return the head that stands.

        A new log gets its checkpoint of size 0. Raises StoreError `head.lost` where a checkpoint
        stands that the head store does not know, and `head.files` where signed files are gone:
        both mean that something was restored, and then the mirror is asked first (feed §11).
        """
        head = self._heads.get(self.origin)
        shown, note = self._shown()
        if head is None:
            self._check_new(shown)
            head = self._heads.advance(self.origin, None, size=0, root=EMPTY_ROOT, now=now)
        if head.reaching > head.size:
            drop_unsigned(self._files, head.size, head.reaching)
            self._heads.reach(self.origin, head.size)
        signed = Checkpoint(self.origin, head.size, head.root)
        if shown == signed:
            return self._with_second(SignedHead(head.size, head.root, note), key)
        self._check_behind(shown, signed)
        return self._show(signed, self._signer(key, signed.size))

    def sweep(self, now: int) -> int:
        """Remove partial tiles and bundles an hour after the full one; how many went (feed §1)."""
        head = self._heads.get(self.origin)
        return sweep_partials(self._files, head.size if head else 0, now)

    def _shown(self) -> tuple[Checkpoint | None, bytes]:
        raw = self._files.read(CHECKPOINT)
        if raw is None:
            return None, b""
        try:
            return parse_checkpoint(parse_note(raw).text), raw
        except Refused as error:
            raise StoreError("store.damaged", where=CHECKPOINT, found=str(error)) from error

    def _check_new(self, shown: Checkpoint | None) -> None:
        if shown is not None:
            raise StoreError(
                "head.lost",
                where=self.origin,
                expected="no checkpoint, or the head store that goes with it",
                found=f"a checkpoint of size {shown.size}",
                advice="先从镜像恢复; restore from the mirror first",
            )

    def _check_behind(self, shown: Checkpoint | None, signed: Checkpoint) -> None:
        if shown is not None and (shown.origin != signed.origin or shown.size >= signed.size):
            raise StoreError(
                "head.lost",
                where=self.origin,
                expected=f"a checkpoint of size {signed.size} or before",
                found=f"{shown.origin} {shown.size}",
                advice="先从镜像恢复; restore from the mirror first",
            )
        if self._stored_root(signed.size) != signed.root:
            raise StoreError(
                "head.files",
                where=self.origin,
                expected=f"the files of size {signed.size}",
                advice="先从镜像恢复; restore from the mirror first",
            )

    def _stored_root(self, size: int) -> bytes | None:
        try:
            return root_at(size, stored_hashes(self._files, size))
        except (StoreError, Refused):
            return None

    def _signer(self, key: Key, size: int) -> Sign:
        """What signs the head of this size, by all that it is to be signed with."""
        first = key if isinstance(key, SigningKey) else key.for_head(self.origin, size)
        return partial(sign_head, key=first, second=_second(key))

    def _show(self, head: Checkpoint, sign: Sign) -> SignedHead:
        note = sign(head)
        self._files.write_all({CHECKPOINT: note})
        return SignedHead(head.size, head.root, note)

    def _with_second(self, head: SignedHead, key: Key) -> SignedHead:
        """Add the second line to a head that was shown before one was wanted."""
        second = _second(key)
        note = second.add_to(head.note) if second else head.note
        if note != head.note:
            self._files.write_all({CHECKPOINT: note})
        return replace(head, note=note)


class Writing:
    """One publish in parts, of which nobody sees anything before `sign`.

    Killed before that, all parts are forgotten, as one whole would be.
    """

    def __init__(self, writer: FeedWriter, signed: SignedHead, key: Key) -> None:
        self._writer, self._signed, self._key = writer, signed, key
        self.size, self._root = signed.size, signed.root

    def append(self, entries: Sequence[Entry]) -> None:
        """Write entries behind those before, read them back and prove them; unsigned so far."""
        if not entries:
            return
        writer, end = self._writer, self.size + len(entries)
        check_entries(entries, self.size, writer._log)
        writer._signer(self._key, end)  # absent, it must not be missed after the head has moved
        writer._heads.reach(writer.origin, end)
        for step in batch_files(writer._files, self.size, entries):
            writer._files.write_all(step)
            check_written(writer._files, step)
        self._root = proven_root(writer._files, writer.origin, self.size, entries, self._root)
        self.size = end

    def sign(self, now: int) -> SignedHead:
        """Sign all of it at once; the head that stands then."""
        if self.size == self._signed.size:
            return self._signed
        writer, old = self._writer, Head(self._signed.size, self._signed.root)
        signer = writer._signer(self._key, self.size)
        writer._heads.advance(writer.origin, old, size=self.size, root=self._root, now=now)
        return writer._show(Checkpoint(writer.origin, self.size, self._root), signer)


def _second(key: Key) -> SecondSigner | None:
    return None if isinstance(key, SigningKey) else key.second
