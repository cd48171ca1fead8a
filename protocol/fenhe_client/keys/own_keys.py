"""The keys that a program signs with: of the seeds in its folder, those its root documents list.

The served root documents alone say which key is in force, so there is no second place that could
disagree with them: a rotation has happened as soon as document n+1 lies there, in every process at
once. A key that no document lists signs nothing, and one whose seed is not here is named.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from fenhe_client.keys.second_signing import SecondSigner
from fenhe_client.keys.seeds import SUFFIX, load_seed
from fenhe_client.stored.files import FeedFiles, root_path
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import SetupError, StoreError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import RootDocument, fingerprint, open_first, open_next
from fenhe_protocol.root_text import read_root_text

OVERLAP_SECONDS = 2 * 86_400
"""How long requests stay signed by the old key: readers look for n+1 once a day (feed §5)."""


def _system_clock() -> int:
    return int(time.time())


class OwnKeys:
    """The seeds in `folder`, chosen by the root documents in `roots`; `clock` in POSIX seconds."""

    def __init__(
        self,
        folder: Path,
        roots: FeedFiles,
        clock: Callable[[], int] = _system_clock,
        second: SecondSigner | None = None,
    ) -> None:
        self._folder, self._roots, self._clock = folder, roots, clock
        self.second = second  # in force by configuration: no document lists it
        self._document: RootDocument | None = None
        self._listed_at: dict[bytes, int] = {}  # request keys, by the document that listed them
        self._seeds: dict[bytes, SigningKey] = {}

    def check(self) -> None:
        """SetupError where a seed is malformed or open to others, or one of daily work is absent.

        Root keys may be anywhere: nothing is signed with them from day to day.
        """
        self._read_seeds()
        document = self.document
        if document.logs:
            self._need("log", [log.keys[-1].public for log in document.logs if not log.end])
        if document.request:
            self._any("request", document.request)
        if document.cosign is not None:
            self._need("mirror", [document.cosign.public])

    @property
    def document(self) -> RootDocument:
        """The newest served root document; StoreError `home.root` without one."""
        held = self._document or self._first()
        while (raw := self._roots.read(root_path(held.n + 1))) is not None:
            held = self._noted(open_next(held, raw, allow_loopback_http=True))
        self._document = held
        return held

    def _noted(self, document: RootDocument) -> RootDocument:
        for public in document.request:
            self._listed_at.setdefault(public, document.time)
        return document

    def _first(self) -> RootDocument:
        raw = self._roots.read(root_path(1))
        if raw is None:
            raise StoreError("home.root", where=root_path(1))
        first = fingerprint(parse_note(raw).text)  # our own: what lies here is what we are
        return self._noted(open_first(raw, fingerprint=first, allow_loopback_http=True))

    def for_head(self, origin: str, size: int) -> SigningKey:
        """The key that signs the head of this size; SetupError `keys.absent`."""
        log = self.document.log(origin.rpartition("/")[2])
        if log is None:
            raise StoreError("home.root", where=origin)
        return self._any("log", [key.public for key in log.keys if key.covers(size)])

    @property
    def request(self) -> SigningKey:
        """What signs requests: the older of two listed keys until all readers know the newer."""
        document = self.document
        here = [key for each in document.request if (key := self.find(each)) is not None]
        if not here:
            return self._any("request", document.request)
        known_by_all = self._listed_at[here[-1].public] + OVERLAP_SECONDS
        return here[0] if self._clock() < known_by_all else here[-1]

    def request_listed_by(self, number: int) -> SigningKey:
        """A key that document `number` lists for requests: for a reader who knows no newer one."""
        raw = self._roots.read(root_path(number))
        text = parse_note(raw).text if raw else b""
        return self._any("request", read_root_text(text, allow_loopback_http=True).request)

    @property
    def mirror(self) -> SigningKey:
        """The key of the mirror cosigner."""
        cosign = self.document.cosign
        return self._any("mirror", [cosign.public] if cosign else [])

    @property
    def root(self) -> list[SigningKey]:
        """The listed root keys that are on this machine; maybe none."""
        return [key for each in self.document.root if (key := self.find(each)) is not None]

    def find(self, public: bytes) -> SigningKey | None:
        """The key of a public key, if its seed is here."""
        if public not in self._seeds:
            self._read_seeds()
        return self._seeds.get(public)

    def _read_seeds(self) -> None:
        for file in sorted(self._folder.glob(f"*{SUFFIX}")):
            if file.is_symlink() and not file.exists():
                continue  # on a stick that is not here now: a key that is elsewhere
            key = SigningKey.from_seed(load_seed(file))
            self._seeds[key.public] = key

    def _need(self, purpose: str, publics: Iterable[bytes]) -> None:
        for public in publics:
            self._any(purpose, [public])

    def _any(self, purpose: str, publics: Iterable[bytes]) -> SigningKey:
        wanted = list(publics)
        for public in wanted:
            if (key := self.find(public)) is not None:
                return key
        raise SetupError(
            "keys.absent",
            where=str(self._folder / f"{purpose}{SUFFIX}"),
            expected=", ".join(b64_encode(public) for public in wanted),
        )
