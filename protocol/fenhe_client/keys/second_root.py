"""A second root document of a number that is known already: found, and kept as evidence (feed §14).

Both cannot be the unit's word. The one that was met first stays in force, and whoever meets the
other makes one file of the two, which convicts offline. Start at `find_second`.
"""

from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import root_path
from fenhe_protocol.conviction import convict
from fenhe_protocol.errors import Deferred, PublisherError
from fenhe_protocol.evidence import Evidence, accuse_roots
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note

_MOST_STEPS = 64  # back from the newest, to where the two chains part
_MOST_KEPT = 16  # of one folder: who has the root keys may sign another at every visit


async def find_second(fetcher: Fetcher, known: Sequence[bytes]) -> Evidence | None:
    """Ask for the newest of the documents that are believed again: is another one shown there?

    One request where all is well. What cannot be had, or is not signed, says nothing.
    """
    other: tuple[int, bytes] | None = None
    with suppress(PublisherError, Deferred):
        for n in range(len(known), max(1, len(known) - _MOST_STEPS), -1):
            answer = await fetcher.get(root_path(n), limit=DEFAULTS.note_bytes)
            if answer.status != OK or _is_one(answer.body, known[n - 1]):
                break
            other = n, answer.body
    # Whatever is served, or not, below the last that differed hides nothing.
    return None if other is None else second_of(known[: other[0]], other[1])


def second_of(known: Sequence[bytes], other: bytes) -> Evidence | None:
    """What `other` proves beside the last of `known`, if it is of the same number and signed."""
    *before, last = known
    if not before:
        return None  # of the first one the fingerprint says which it is
    try:
        if _is_one(last, other):
            return None
        found = accuse_roots(before, last, other)
        convict(found.encode())
    except (PublisherError, ValueError):
        return None
    return found


def keep_second(folder: Path, evidence: Evidence, disk: Disk | None = None) -> Path:
    """Keep the file in a folder of its reader; the same one again changes nothing.

    Where there are many, those say it all: one of them is answered.
    """
    raw = evidence.encode()
    file = folder / f"second-root-{sha256(raw).hexdigest()[:16]}.json"
    if file.exists():
        return file
    if len(kept := kept_seconds(folder)) >= _MOST_KEPT:
        return kept[0]
    replace_files(disk or Disk(), {file: raw})
    return file


def kept_seconds(folder: Path) -> list[Path]:
    """All that were kept there."""
    return sorted(folder.glob("second-root-*.json"))


def _is_one(raw: bytes, other: bytes) -> bool:
    return parse_note(raw).text == parse_note(other).text
