"""The folders of one hub: where each thing lies. Start at `open_home`.

`public/` and `held/` are the hub's own feed, as at a node. `mirror/` is the truth about every unit,
verbatim; `index.sqlite` is derived from it and may be deleted; `visits.sqlite` is working memory.
`head.sqlite` remembers what was signed and must never come from a backup (feed §9).
"""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.feed_home import CONFIG, FeedHome
from fenhe_client.stored.new_folder import check_finished, claim_folder
from fenhe_protocol.errors import StoreError
from fenhe_protocol.origin import origin_hash

_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Home(FeedHome):
    """The paths under `DIR`, besides those of every feed."""

    @property
    def registry_file(self) -> Path:
        """What the operator decided for each unit and no log may say."""
        return self.path / "registry.yaml"

    @property
    def above_file(self) -> Path:
        """The hubs above this one, that may read what is held here."""
        return self.path / "above.yaml"

    @property
    def index(self) -> Path:
        """Derived from the files; `rebuild` makes it again."""
        return self.path / "index.sqlite"

    @property
    def waiting(self) -> Path:
        """What the office did and `fed` does not say yet."""
        return self.path / "waiting.sqlite"

    @property
    def casework(self) -> Path:
        """Derived from the acts in `fed`; may be deleted."""
        return self.path / "casework.sqlite"

    @property
    def rules(self) -> Path:
        """Every rule set that was used, by the SHA-256 of its bytes; findings refer to them."""
        return self.path / "rules"

    @property
    def rules_decided(self) -> Path:
        """The rule set that an authority put in force at the console, if any."""
        return self.path / "rules-decided.yaml"

    @property
    def workdays(self) -> Path:
        """Years of working days that were announced since this version was made, if any."""
        return self.path / "workdays.yaml"

    @property
    def daily(self) -> Path:
        """How things stood on each day; not to be had again, and nothing stands on it."""
        return self.path / "daily.sqlite"

    @property
    def visits(self) -> Path:
        """Working memory of the planner; may be deleted."""
        return self.path / "visits.sqlite"

    @property
    def witnesses(self) -> Path:
        """How far each witness has come with each log; may be deleted."""
        return self.path / "witnesses.sqlite"

    @property
    def scour_due(self) -> Path:
        """Lies there while something that was erased may be left in databases (`scour`)."""
        return self.path / "scour.due"

    @property
    def fed_erasing(self) -> Path:
        """Lies there while an `x` of our own log may be signed and not yet obeyed."""
        return self.path / "fed.erasing"

    @property
    def own_witness(self) -> Path:
        """The home of the witness that this hub may be as well."""
        return self.path / "witness"

    @property
    def outside(self) -> Path:
        """What was seen of the addresses that records give; may be deleted."""
        return self.path / "outside.sqlite"

    @property
    def outbox(self) -> Path:
        """Deliveries to the national platform."""
        return self.path / "outbox.sqlite"

    def mirror(self, origin: str) -> Path:
        """The mirror of a log or, for root documents, of a unit."""
        return self.mirror_of(origin_hash(origin))

    def mirror_of(self, digest: str) -> Path:
        """The same by H(origin), 64 hexadecimal digits."""
        return self.path / f"mirror/{digest}"

    def text_of_mirror(self, origin: str) -> str:
        """The same as text, for what is looked at in every visit: to make a Path takes longer."""
        return f"{self.path}/mirror/{origin_hash(origin)}"

    def inbox(self, origin: str) -> Path:
        """What was pushed of a log and is not taken in yet; may be deleted."""
        return self.path / "inbox" / origin_hash(origin)

    def evidence(self, origin: str) -> Path:
        """Notes that prove a fork of this log; the origin is quarantined while one lies here."""
        return Path(self.text_of_evidence(origin))

    @property
    def released_evidence(self) -> Path:
        """Where the notes of quarantines lie that an operator has ended."""
        return self.path / "evidence-released"

    def text_of_evidence(self, origin: str) -> str:
        """The same as text."""
        return f"{self.path}/evidence/{origin_hash(origin)}"


def open_home(path: Path) -> Home:
    """Find a finished home at `path`, or raise SetupError."""
    check_finished(path, mark=CONFIG, made_by="fenhe-hub --home DIR init")
    return Home(path)


def claim(path: Path) -> Home:
    """Make the empty folders of a new home; refuse a folder that holds anything."""
    claim_folder(path, mark=CONFIG)
    home = Home(path)
    home.public.mkdir(mode=0o755)
    for name in ("keys", "held", "mirror", "inbox", "evidence"):
        (path / name).mkdir(mode=0o700)
    return home


@contextmanager
def locked(file: Path, *, shared: bool = False, patience: float = 60.0) -> Iterator[None]:
    """Hold the lock `file` of this home against all other processes; StoreError `home.busy`.

    `serve` and a `sync --once` beside it meet here: one lock for each log, one for `fed`, and one
    for the index, which everybody shares but `rebuild`.
    """
    with _opened(file) as handle:
        deadline = time.monotonic() + patience
        while not _try_lock(handle, shared):
            _give_up_after(deadline, file)
            time.sleep(_PAUSE_SECONDS)
        yield


@asynccontextmanager
async def locked_while_waiting(file: Path | str, *, patience: float = 300.0) -> AsyncIterator[None]:
    """As `locked`, without holding up the event loop."""
    with _opened(file) as handle:
        deadline = time.monotonic() + patience
        while not _try_lock(handle, shared=False):
            _give_up_after(deadline, file)
            await asyncio.sleep(_PAUSE_SECONDS)
        yield


@contextmanager
def _opened(file: Path | str) -> Iterator[int]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _give_up_after(deadline: float, file: Path | str) -> None:
    if time.monotonic() > deadline:
        raise StoreError(
            "home.busy", where=Path(file).name, advice="另一个进程正在工作; another one is at work"
        )


def _try_lock(handle: int, shared: bool) -> bool:
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
