"""A chain of stored root documents checked, and what is damaged had from a copy (feed §5).

A document is believed by the one before it, and the first by whoever knows whose chain it is.
"""

from collections.abc import AsyncIterator, Callable, Sequence

from fenhe_client.checking.copies import Copy
from fenhe_client.checking.healing import Mend
from fenhe_client.fetching.answers import OK
from fenhe_client.stored.files import ROOT, FeedFiles, root_path
from fenhe_protocol.errors import Deferred, PublisherError, SetupError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.root_document import RootDocument, open_next

OpenFirst = Callable[[bytes], RootDocument]
"""Opens document 1; Refused where it is damaged or another's."""


def damaged_roots(files: FeedFiles, open_first: OpenFirst) -> list[str]:
    """The documents from the first damaged one on."""
    held: RootDocument | None = None
    for number in range(1, _count(files) + 1):
        held = _opened(held, files.read(root_path(number)) or b"", open_first)
        if held is None:
            return [root_path(each) for each in range(number, _count(files) + 1)]
    return [] if held is not None else [root_path(1)]


async def mend_roots(files: FeedFiles, open_first: OpenFirst, copies: Sequence[Copy]) -> list[Mend]:
    """Mend the chain link by link; ends at the first document that nobody has."""
    mends: list[Mend] = []
    held: RootDocument | None = None
    for number in range(1, max(_count(files), 1) + 1):
        path = root_path(number)
        following = _opened(held, files.read(path) or b"", open_first)
        if following is None:
            healed_by = ""
            async for name, raw in _offers(copies, path):
                if (following := _opened(held, raw, open_first)) is not None:
                    files.write_all({path: raw})
                    healed_by = name
                    break
            mends.append(Mend(path, healed_by))
        if following is None:
            break
        held = following
    return mends


def _count(files: FeedFiles) -> int:
    numbers = [int(path.rpartition("/")[2]) for path in files.paths(ROOT)]
    return max(numbers, default=0)


def _opened(held: RootDocument | None, raw: bytes, open_first: OpenFirst) -> RootDocument | None:
    try:
        if held is None:
            return open_first(raw)
        return open_next(held, raw, allow_loopback_http=True)
    except (PublisherError, SetupError):
        return None


async def _offers(copies: Sequence[Copy], path: str) -> AsyncIterator[tuple[str, bytes]]:
    for copy in copies:
        try:
            answer = await copy.open().get(path, limit=DEFAULTS.note_bytes)
        except (Deferred, PublisherError):
            continue
        if answer.status == OK:
            yield copy.name, answer.body
