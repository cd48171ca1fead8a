"""What there is to know about a node, as values; times are POSIX seconds. Start at `Facts`.

Nothing here is judged and nothing here is asked: `asking` fills it, `checks` judges it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fenhe_node.runs import Run

OTHER = "other"  # `Address.trouble`: somebody answers there, and it is not us


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """Another's clock: whose, its time, and ours at the same moment."""

    who: str
    theirs: int
    ours: int


@dataclass(frozen=True, slots=True)
class Space:
    """What is free where something lies: MiB and, where the file system counts them, files."""

    what: str
    path: str
    free_mib: int
    free_files: int | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """The public address, asked from here: how it ended, and until when its certificate holds."""

    url: str
    listens: bool  # an empty `listen` is meant: nobody outside has to reach it
    trouble: str = ""  # a code of ours, empty where our own checkpoint was read
    found: str = ""
    certificate_until: int | None = None
    certificate_trouble: str = ""


@dataclass(frozen=True, slots=True)
class HubSeen:
    """One trusted hub: whether it answers, what it says of its last visit, what it holds."""

    origin: str
    url: str
    trouble: str = ""
    behind: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # log: ours, its mirror's
    visit_trouble: str = ""
    visit_advice: str = ""
    visited_at: int = 0
    schemas: tuple[str, ...] = ()  # what is to be said about versions


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of `keys/`, or that folder: its permissions, and whether this account owns it."""

    path: str
    mode: int
    own: bool


@dataclass(frozen=True, slots=True)
class BackupSeen:
    """The last backup, and whether the settings make any."""

    to: str
    at: int
    folder: str
    there: bool  # what was made is still where it was put
    failed: str


@dataclass(frozen=True, slots=True)
class MailSeen:
    """The mail server and the letters that did not go out."""

    host: str
    trouble: str = ""
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Versions:
    """What runs here."""

    program: str
    python: tuple[int, int]
    sqlite: str
    tables: int  # of the store
    known_tables: int  # of this program


@dataclass(frozen=True)
class Facts:
    """Everything; what was not asked is None or empty."""

    now: int
    versions: Versions
    served: bool
    least_free_mib: int
    unopened: str = ""  # why the node cannot be opened
    spaces: tuple[Space, ...] = ()
    clocks: tuple[ClockSeen, ...] = ()
    address: Address | None = None
    proxies: Mapping[str, str] = field(default_factory=dict)  # variables of the environment
    hubs: tuple[HubSeen, ...] | None = None  # None: not asked
    trusted: int = 0
    keys: tuple[KeyFile, ...] = ()
    backup: BackupSeen | None = None
    damaged: tuple[str, ...] = ()
    checked_at: int = 0
    alarms: tuple[str, ...] = ()
    runs: Mapping[str, Run] = field(default_factory=dict)
    mail: MailSeen | None = None
