"""A witness at work: one submitted checkpoint judged, promised, cosigned and kept (tlog-witness).

Nothing is signed before the store of promised heads has moved on from exactly the head that was
judged against; killed after that, it still knows what it promised and says so to who asks again.
"""

import threading

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.head_store import Head, HeadStore
from fenhe_client.witness.home import WitnessHome
from fenhe_client.witness.known_logs import KnownLogs
from fenhe_protocol.checkpoint import cosign, parse_head
from fenhe_protocol.errors import StoreError
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.witness import (
    AddCheckpoint,
    claimed_origin,
    judge_checkpoint,
    only_log_lines,
    parse_add_checkpoint,
)

# As for any cosigner of ours: the clock may be corrected, but not turned back (feed §10).
LARGEST_STEP_BACK = 300

MAKE_ANOTHER = (
    "换一个新名字重新建见证人: 它不再知道签过什么. "
    "Make a witness of another name: this one no longer knows what it has signed"
)


class Witness:
    """One cosigner, for the threads of one process."""

    def __init__(self, home: WitnessHome, disk: Disk | None = None) -> None:
        self._home, self._disk = home, disk or Disk()
        self._logs = KnownLogs(home.logs, self._disk)
        self._heads = HeadStore(home.heads)
        # Heads are safe without it; it keeps an older note from replacing a newer one.
        self._lock = threading.Lock()

    def add_checkpoint(self, raw: bytes, now: int) -> bytes:
        """Cosign what may follow the latest head, and return the signature line.

        RequestError as `judge_checkpoint` says, SizeConflict among them; StoreError where the
        promise could not be kept safe, and then nothing is signed.
        """
        request = parse_add_checkpoint(raw)
        with self._lock:
            return self._answer(request, now)

    def _answer(self, request: AddCheckpoint, now: int) -> bytes:
        origin = claimed_origin(request)
        log, promised = self._logs.get(origin), self.promised(origin)
        keys = log.keys if log else None
        opened = judge_checkpoint(
            request,
            keys_of=lambda _: keys,
            latest=lambda _: (promised.size, promised.root) if promised else (0, EMPTY_ROOT),
        )
        if promised and now < promised.signed_at - LARGEST_STEP_BACK:
            raise StoreError("cosign.clock", where=origin, expected=f">= {promised.signed_at}")
        head = opened.checkpoint
        self._heads.advance(self._row(origin), promised, size=head.size, root=head.root, now=now)
        note = only_log_lines(opened, keys or ())
        signed = cosign(note, name=self._home.name, key=self._home.key, now=now)
        replace_files(self._disk, {self._home.checkpoint(origin_hash(origin)): signed})
        return signed.removeprefix(note)

    def promised(self, origin: str) -> Head | None:
        """The latest head of a log that was cosigned, or was about to be.

        StoreError `head.lost` where the store is gone, or is an older one than the note shown.
        """
        if not self._home.heads.exists():
            raise self._lost("head.sqlite")
        head = self._heads.get(self._row(origin))
        shown = self.checkpoint(origin_hash(origin))
        if shown is not None:
            size = parse_head(parse_note(shown).text).size
            if head is None or head.size < size:
                raise self._lost(origin)
        return head

    def _lost(self, where: str) -> StoreError:
        return StoreError("head.lost", where=where, advice=MAKE_ANOTHER)

    def checkpoint(self, hashed: str) -> bytes | None:
        """The newest cosigned note of the log with this H(origin); None before the first.

        StoreError `store.read`.
        """
        file = self._home.checkpoint(hashed)
        try:
            return file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError("store.read", where=str(file), found=str(error)) from error

    def _row(self, origin: str) -> str:
        return f"{self._home.name} {origin}"
