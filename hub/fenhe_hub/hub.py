"""One hub, opened: its home, settings, keys and newest root document. Start at `open_hub`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fenhe_client.following.fed_log import FED, epochs_listed
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.roots import stored_roots
from fenhe_client.keys.second_signing import open_second
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_hub.config import HubConfig, load_config
from fenhe_hub.home import Home, open_home
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import LogKeys, RootDocument, fingerprint, open_chain
from fenhe_protocol.root_text import read_root_text

__all__ = ["FED", "Hub", "fed_files", "open_hub", "own_roots"]


@dataclass(frozen=True)
class Hub:
    """What every operation works with; holds no open file."""

    home: Home
    config: HubConfig
    keys: OwnKeys = field(compare=False)
    fingerprint: str

    @property
    def root(self) -> RootDocument:
        """The newest of its root documents, also where one was adopted since it was opened."""
        return self.keys.document

    @property
    def origin(self) -> str:
        """The hub's origin."""
        return self.config.origin

    @property
    def fed_origin(self) -> str:
        """The origin of the hub's own log, of the epoch in which it speaks now."""
        return f"{self.config.origin}/{self.fed_name}"

    @property
    def fed_name(self) -> str:
        """`fed`, or the name of its newest epoch (feed §11)."""
        return self.fed_epochs[-1].name

    @property
    def fed_epochs(self) -> list[LogKeys]:
        """All epochs of the hub's own log, the newest last."""
        return epochs_listed(self.root)

    @property
    def uscc(self) -> str:
        """The hub's own unit code, as its root document says."""
        return self.root.unit

    @property
    def rules_file(self) -> str:
        """The rule set in force: of the configuration, else as decided, empty: the shipped one."""
        decided = self.home.rules_decided
        return self.config.rules or (str(decided) if decided.is_file() else "")

    def fed_files(self, disk: Disk | None = None) -> FolderFiles:
        """Where `fed` lies, the epoch in which it speaks now."""
        return fed_files(self.home, disk, self.fed_name)


def _moved(config: HubConfig, documents: Sequence[bytes]) -> HubConfig:
    """The configuration at the address that is signed, where the file names one of before.

    A move that was killed before it changed the file is done so.
    """
    texts = (parse_note(raw).text for raw in documents)
    *former, now = [read_root_text(text, allow_loopback_http=True).url for text in texts]
    return replace(config, public_url=now) if config.public_url.rstrip("/") in former else config


def fed_files(home: Home, disk: Disk | None = None, name: str = FED) -> FolderFiles:
    """Where an epoch of the hub's own log lies."""
    return FolderFiles(home.public / name, home.held / name, log=name, disk=disk)


def own_roots(home: Home) -> FolderFiles:
    """Where the hub's own root documents lie."""
    return FolderFiles(home.public, home.held, log=ROOT)


def _believed(documents: Sequence[bytes], origin: str) -> str:
    """The fingerprint of our own chain; SetupError `home.damaged` where it is none."""
    advice = "fenhe-hub check-files --from URL"
    if not documents:
        raise SetupError("home.damaged", where="public/root/1", advice=advice)
    try:
        first = fingerprint(parse_note(documents[0]).text)
        open_chain(documents, fingerprint=first, origin=origin, allow_loopback_http=True)
    except Refused as error:
        found = f"{error.code} {error.where}"
        raise SetupError("home.damaged", where="public/root", found=found, advice=advice) from error
    return first


def open_hub(path: Path) -> Hub:
    """Open the home at `path`; SetupError names what is absent or wrong."""
    home = open_home(path)
    config = load_config(home.config_file)
    documents = list(stored_roots(own_roots(home)))
    first = _believed(documents, config.origin)
    config = _moved(config, documents)
    second = None
    if config.sm2:
        second = open_second(home.keys, config.origin, config.sm2_sign_command)
    keys = OwnKeys(home.keys, own_roots(home), second=second)
    keys.check()
    return Hub(home, config, keys, first)
