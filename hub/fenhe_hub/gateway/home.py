"""A gateway's folder. Start at `init_gateway` and `open_gateway`.

config.yaml     written last by `init`: a folder without it is unfinished
keys/           root and request keys, and under seal/ what opens
root-next/      the next root document while it waits for signatures
public/root/<n> its root documents: what units and web servers are given
store.sqlite    what was taken, sealed as it came
outbox.sqlite   how each service stands at the national platform; replies are sealed
cursor          how far the hub has been heard; beside it cursor.d

Nothing in it but the keys is worth stealing: no opened identity is ever written (ADR 0009).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.root_desk import RootDesk
from fenhe_client.keys.roots import stored_roots
from fenhe_client.stored.files import ROOT, FolderFiles, root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.new_folder import check_finished, claim_folder
from fenhe_hub.gateway.config import GatewayConfig, load_config, write_config
from fenhe_hub.gateway.keys import (
    GatewayKeys,
    add_seal,
    destroy_seal,
    first_root,
    load_seals,
    make_keys,
)
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.identifiers import check_uscc
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import check_origin
from fenhe_protocol.root_changes import compose_next
from fenhe_protocol.root_document import RootDocument, fingerprint, open_chain
from fenhe_protocol.root_text import read_root_text
from fenhe_protocol.seal import OpeningKey, seal_key_id


@dataclass(frozen=True, slots=True)
class Naming:
    """What a gateway is called for ever: origin, its operator's unit code, and its address."""

    origin: str
    uscc: str
    url: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """A finished home, read."""

    path: Path
    config: GatewayConfig
    keys: GatewayKeys
    desk: RootDesk  # where its root documents are made
    document: RootDocument
    fingerprint: str
    named: Mapping[str, int]  # when each key to seal to was named, by its id, the oldest first

    @property
    def origin(self) -> str:
        """Its name."""
        return self.document.origin

    @property
    def public_key(self) -> bytes:
        """The key that units seal to now."""
        assert self.document.seal is not None, "checked when it was opened"
        return self.document.seal

    @property
    def current_seal(self) -> str:
        """The id of that key."""
        return seal_key_id(self.public_key)

    def seals_after(self, id: str) -> list[str]:
        """The ids of the keys that were named after this one; of all where none names it."""
        ids = list(self.named)
        return ids[ids.index(id) + 1 :] if id in self.named else ids

    @property
    def seals(self) -> Mapping[str, OpeningKey]:
        """The keys that open, by id."""
        return self.keys.seals

    @property
    def store(self) -> Path:
        """What was taken."""
        return self.path / "store.sqlite"

    @property
    def outbox(self) -> Path:
        """How each service stands."""
        return self.path / "outbox.sqlite"

    @property
    def cursor(self) -> Path:
        """How far the hub has been heard."""
        return self.path / "cursor"

    @property
    def lock(self) -> Path:
        """Held by whoever takes or sends."""
        return self.path / "gateway.lock"


def init_gateway(path: Path, naming: Naming, config: GatewayConfig, *, now: int) -> Gateway:
    """Make a home with fresh keys and root document 1; SetupError where anything lies there."""
    _check("--origin", naming.origin, check_origin)
    _check("--uscc", naming.uscc, check_uscc)
    claim_folder(path, mark="config.yaml")
    path.chmod(0o700)
    (path / "keys").mkdir(mode=0o700)
    keys = make_keys(path / "keys")
    [seal] = keys.seals.values()
    raw = first_root(
        keys, origin=naming.origin, unit=naming.uscc, url=naming.url, seal=seal, now=now
    )
    own_roots(path).write_all({root_path(1): raw})
    given = {"hub_url": config.hub_url, "hub_fingerprint": config.hub_fingerprint}
    write_config(path / "config.yaml", {**given, "national_wsdl": config.national_wsdl})
    return open_gateway(path)


def _check(option: str, given: str, check: Callable[[str], object]) -> None:
    try:
        check(given)
    except (ValueError, Refused) as error:
        raise SetupError("setup.value", where=f"{option} {given}", found=str(error)) from error


def open_gateway(path: Path) -> Gateway:
    """Open a finished home; SetupError `home.absent`, `keys.*` or `gateway.no-seal`."""
    check_finished(path, mark="config.yaml", made_by="fenhe-hub --home DIR gateway init")
    config, seals = load_config(path / "config.yaml"), load_seals(path / "keys")
    chain = stored_roots(own_roots(path))
    if not chain:
        raise SetupError("home.root", where=str(path), expected=f"public/{root_path(1)}")
    mark = fingerprint(parse_note(chain[0]).text)
    document = open_chain(chain, fingerprint=mark, allow_loopback_http=True)
    if document.seal is None:
        raise SetupError("gateway.no-seal", where=str(path))
    own = OwnKeys(path / "keys", own_roots(path))
    own.check()
    desk = RootDesk(path / "root-next", own, own_roots(path), HeadStore(path / "head.sqlite"))
    return Gateway(
        path, config, GatewayKeys(own.request, seals), desk, document, mark, _named(chain)
    )


def _named(chain: Sequence[bytes]) -> dict[str, int]:
    found: dict[str, int] = {}
    for raw in chain:
        document = read_root_text(parse_note(raw).text, allow_loopback_http=True)
        if document.seal is not None:
            found.setdefault(seal_key_id(document.seal), document.time)
    return found


def next_seal(gateway: Gateway, *, now: int) -> bytes:
    """The text of a root document that names a fresh key to seal to; the old ones go on opening.

    A key that no document came to name, as after a kill, is used first.
    """
    left = [key for id, key in gateway.seals.items() if id not in gateway.named]
    seal = left[0] if left else add_seal(gateway.path / "keys")
    return compose_next(gateway.desk.document, time=now, seal=seal.public)


def need_old_seal(gateway: Gateway, id: str) -> None:
    """SetupError `gateway.key` unless this is a key here that was current and is no longer."""
    old = gateway.seals.keys() & gateway.named.keys() - {gateway.current_seal}
    if id not in old:
        raise SetupError("gateway.key", where=id, expected=", ".join(sorted(old)) or "-")


def drop_seal(gateway: Gateway, id: str) -> None:
    """Destroy a key that is no longer current; SetupError `gateway.key`."""
    need_old_seal(gateway, id)
    destroy_seal(gateway.path / "keys", id)


def own_roots(path: Path) -> FolderFiles:
    """Where its root documents lie."""
    return FolderFiles(path / "public", path / "public", log=ROOT)
