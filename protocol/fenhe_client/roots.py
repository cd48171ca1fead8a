"""Root documents over a fetcher: document 1 by its fingerprint, then n+1, n+2 … (feed §5).

`read_roots` takes up what is stored, looks for what is next and keeps what it believes. A bad
document n+1 changes nothing but itself: the one before stays in force and the error is told.
"""

from dataclasses import dataclass

from fenhe_client.answers import ABSENT
from fenhe_client.fetch import Fetcher, required
from fenhe_client.files import FeedFiles, root_path
from fenhe_protocol.errors import Deferred, FenheError, PublisherError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.root_document import RootDocument, open_chain, open_first, open_next


@dataclass(frozen=True, slots=True)
class RootsRead:
    """The newest root document believed, and why the next one was not, if there was one."""

    document: RootDocument
    refused: FenheError | None = None


async def read_roots(
    fetcher: Fetcher,
    files: FeedFiles,
    *,
    fingerprint: str,
    origin: str | None = None,
    allow_loopback_http: bool = False,
) -> RootsRead:
    """Read the chain on from what `files` hold; raises only where not even document 1 is had."""
    stored = list(stored_roots(files))
    if stored:
        held = open_chain(
            stored,
            fingerprint=fingerprint,
            origin=origin,
            allow_loopback_http=allow_loopback_http,
        )
    else:
        raw = await required(fetcher, root_path(1), limit=DEFAULTS.note_bytes)
        held = open_first(
            raw, fingerprint=fingerprint, origin=origin, allow_loopback_http=allow_loopback_http
        )
        files.write_all({root_path(1): raw})
    return await _read_on(fetcher, files, held, allow_loopback_http)


async def _read_on(
    fetcher: Fetcher, files: FeedFiles, held: RootDocument, allow_loopback_http: bool
) -> RootsRead:
    try:
        while held.n < DEFAULTS.root_documents:
            path = root_path(held.n + 1)
            answer = await fetcher.get(path, limit=DEFAULTS.note_bytes)
            if answer.status == ABSENT:
                break
            held = open_next(held, answer.body, allow_loopback_http=allow_loopback_http)
            files.write_all({path: answer.body})
    except (PublisherError, Deferred) as error:
        return RootsRead(held, error)
    return RootsRead(held)


def stored_roots(files: FeedFiles) -> list[bytes]:
    """Root documents 1, 2, … as far as they lie there without a hole."""
    documents: list[bytes] = []
    while (raw := files.read(root_path(len(documents) + 1))) is not None:
        documents.append(raw)
    return documents
