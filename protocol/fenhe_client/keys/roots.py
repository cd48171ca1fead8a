"""Root documents over a fetcher: document 1 by its fingerprint, then n+1, n+2 … (feed §5).

A bad document n+1 changes nothing but itself: the one before stays in force and the error is told.
So does one that is signed as it should be and lists a key that everybody has, and a second one of
a number that is known: the first stays, and both are evidence (`second_root`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fenhe_client.fetching.answers import ABSENT
from fenhe_client.fetching.fetch import Fetcher, required
from fenhe_client.keys.second_root import find_second
from fenhe_client.stored.files import FeedFiles, root_path
from fenhe_protocol.errors import Deferred, FenheError, PublisherError, Refused
from fenhe_protocol.evidence import Evidence
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.published_keys import check_unpublished
from fenhe_protocol.root_document import (
    RootDocument,
    fingerprint,
    open_chain,
    open_first,
    open_next,
)


@dataclass(frozen=True, slots=True)
class RootsRead:
    """The newest document believed, those that are new, and why no further one was believed.

    `second` proves that another document of a known number is signed as well.
    """

    document: RootDocument
    added: tuple[RootDocument, ...] = ()
    refused: FenheError | None = None
    second: Evidence | None = None


async def read_roots(
    fetcher: Fetcher,
    stored: Sequence[bytes],
    *,
    fingerprint: str,
    origin: str | None = None,
    allow_loopback_http: bool = False,
) -> RootsRead:
    """Read the chain on from the `stored` documents; raises only where not even one is had."""
    if stored:
        held = open_chain(
            stored,
            fingerprint=fingerprint,
            origin=origin,
            allow_loopback_http=allow_loopback_http,
        )
        read = await _read_on(fetcher, held, (), allow_loopback_http)
        if (second := await find_second(fetcher, stored)) is not None:
            where = f"{held.origin} {root_path(len(second.roots) + 1)}"
            return replace(read, refused=Refused("root.second", where=where), second=second)
        return read
    raw = await required(fetcher, root_path(1), limit=DEFAULTS.note_bytes)
    first = open_first(
        raw, fingerprint=fingerprint, origin=origin, allow_loopback_http=allow_loopback_http
    )
    check_unpublished(first)
    return await _read_on(fetcher, first, (first,), allow_loopback_http)


async def _read_on(
    fetcher: Fetcher,
    held: RootDocument,
    added: tuple[RootDocument, ...],
    allow_loopback_http: bool,
) -> RootsRead:
    try:
        while held.n < DEFAULTS.root_documents:
            answer = await fetcher.get(root_path(held.n + 1), limit=DEFAULTS.note_bytes)
            if answer.status == ABSENT:
                break
            following = open_next(held, answer.body, allow_loopback_http=allow_loopback_http)
            check_unpublished(following)
            held = following
            added = (*added, held)
    except (PublisherError, Deferred) as error:
        return RootsRead(held, added, error)
    return RootsRead(held, added)


async def first_fingerprint(fetcher: Fetcher) -> str:
    """The fingerprint that the network says: to be shown to a person, who compares it."""
    raw = await required(fetcher, root_path(1), limit=DEFAULTS.note_bytes)
    return fingerprint(parse_note(raw).text)


def stored_roots(files: FeedFiles) -> list[bytes]:
    """Root documents 1, 2, … as far as they lie there without a hole."""
    documents: list[bytes] = []
    while (raw := files.read(root_path(len(documents) + 1))) is not None:
        documents.append(raw)
    return documents


def keep_roots(files: FeedFiles, documents: Sequence[RootDocument]) -> None:
    """Store documents that are believed."""
    files.write_all({root_path(each.n): each.raw for each in documents})
