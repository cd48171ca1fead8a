"""A chain of stored root documents checked, and what is damaged had from a copy (feed §5).

A document is believed by the one before it, and the first by whoever knows whose chain it is. Of
our own chain nothing but the first document says which it is: `OwnFirst`.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from pathlib import Path

from fenhe_client.checking.copies import Copy
from fenhe_client.checking.healing import Mend
from fenhe_client.fetching.answers import OK
from fenhe_client.keys.seeds import SUFFIX, load_seed
from fenhe_client.stored.files import ROOT, FeedFiles, root_path
from fenhe_protocol.errors import Deferred, PublisherError, Refused, SetupError
from fenhe_protocol.keys import ED25519, SigningKey, VerifierKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note, signed_by
from fenhe_protocol.root_document import (
    RootDocument,
    fingerprint,
    open_first,
    open_next,
    root_key_name,
)
from fenhe_protocol.root_text import read_root_text

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


class OwnFirst:
    """Opens document 1 of our own chain, wherever it comes from; `seeds` is the folder of our keys.

    It is ours if it is of our name and signed by a root key whose seed is here, or if the second
    one that lies here says which it is. One that lists any other key of ours proves nothing: what a
    document lists is public, and anybody signs it by a root key of his own. It does for the one
    that lies here, and where somebody named who brings it.
    """

    def __init__(self, origin: str, files: FeedFiles, seeds: Path, *, named: bool = False) -> None:
        self._origin, self._files, self._seeds, self._named = origin, files, seeds, named

    def __call__(self, raw: bytes) -> RootDocument:
        """Refused `restore.not-ours` where nothing says that it is."""
        own = fingerprint(parse_note(raw).text)
        document = open_first(raw, fingerprint=own, origin=self._origin, allow_loopback_http=True)
        roots = root_keys_here(self._seeds)
        if self._is_lenient(raw, roots):
            ours = bool(_publics(self._seeds) & {*document.purposes})
        else:
            ours = signed_by_any(raw, self._origin, roots)
        if not ours and own != self._named_by_the_second():
            raise Refused("restore.not-ours", where=root_path(1))
        return document

    def _is_lenient(self, raw: bytes, roots: Collection[bytes]) -> bool:
        return raw == self._files.read(root_path(1)) or (self._named and not roots)

    def _named_by_the_second(self) -> str | None:
        """What document 2, as it lies here, says of the first: its hash, if it can be read."""
        try:
            second = parse_note(self._files.read(root_path(2)) or b"")
            return read_root_text(second.text, allow_loopback_http=True).prev
        except Refused:
            return None


def root_keys_here(seeds: Path) -> set[bytes]:
    """The public root keys of which the seed is in this folder; none where people keep it."""
    return _publics(seeds, "root")


def signed_by_any(raw: bytes, origin: str, roots: Collection[bytes]) -> bool:
    """Whether one of these root keys signed this root document, and so all before it."""
    note = parse_note(raw)
    return any(signed_by(note, VerifierKey(root_key_name(origin), ED25519, key)) for key in roots)


def _publics(folder: Path, purpose: str = "") -> set[bytes]:
    seeds = (file for file in folder.glob(f"{purpose}*{SUFFIX}") if file.exists())
    return {SigningKey.from_seed(load_seed(file)).public for file in seeds}
