"""A home with keys, root documents and heads, and a desk at which the next document is made."""

import argparse
from pathlib import Path
from typing import Any

from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.root_commands import Office, Told, root_document, rotate_key
from fenhe_client.keys.root_desk import RootDesk, signature_line
from fenhe_client.keys.roots import stored_roots
from fenhe_client.keys.seeds import free_seed_file, make_seed
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import ROOT, FolderFiles, root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import (
    LogKeys,
    RootDocument,
    compose_root,
    fingerprint,
    open_chain,
    sign_root,
)

ORIGIN = "u1.example/fenhe"
NOW = 1_795_392_065


class DeskHouse:
    """One home; `away` are root keys whose seeds are not in it."""

    def __init__(self, folder: Path, *, away: tuple[SigningKey, ...] = (), threshold: int = 1):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.seeds = folder / "keys"
        self.seeds.mkdir()
        self.roots = FolderFiles(folder / "public", folder / "held", log=ROOT, disk=Disk())
        self.heads = HeadStore(folder / "head.sqlite")
        log, request, mirror = (self.make(purpose) for purpose in ("log", "request", "mirror"))
        here = () if away else (self.make("root"),)
        text = compose_root(
            origin=ORIGIN,
            unit="12140000000000019W",
            url="https://u1.example/fenhe",
            time=NOW,
            root=[key.public for key in (*here, *away)],
            threshold=threshold,
            logs=[LogKeys(name, (KeyRange(log.public),)) for name in ("catalogue", "usage")],
            request=[request.public],
            cosign=mirror.public,
        )
        self.roots.write_all({root_path(1): sign_root(text, ORIGIN, [*here, *away])})

    def make(self, purpose: str) -> SigningKey:
        return SigningKey.from_seed(make_seed(free_seed_file(self.seeds, purpose)))

    def desk(self, command: str = "") -> RootDesk:
        keys = OwnKeys(self.seeds, self.roots, lambda: NOW)
        return RootDesk(self.folder / "root-next", keys, self.roots, self.heads, command)

    def office(self, command: str = "") -> Office:
        return Office(self.desk(command), self.seeds, NOW)

    def signed(self, log: str, size: int) -> None:
        """Say that a head of this size was signed; the root does not matter here."""
        name = f"{ORIGIN}/{log}"
        self.heads.advance(name, self.heads.get(name), size=size, root=EMPTY_ROOT, now=NOW)

    def rotate(self, purpose: str, **options: Any) -> Told:
        given = {"purpose": purpose, "stolen": False, "margin": None, "replace": None} | options
        return rotate_key(argparse.Namespace(**given), self.office())

    @property
    def believed(self) -> RootDocument:
        """What a reader believes of the documents that are served."""
        served = stored_roots(self.roots)
        first = fingerprint(parse_note(served[0]).text)
        return open_chain(served, fingerprint=first, allow_loopback_http=True)


def step(house: DeskHouse, action: str, *files: Path, command: str = "", **options: Any) -> Told:
    given = {"add_root": [], "drop_root": [], "threshold": None} | options
    names = [str(file) for file in files]
    namespace = argparse.Namespace(action=action, files=names, **given)
    return root_document(namespace, house.office(command))


def line_by(house: DeskHouse, key: SigningKey, file: Path) -> Path:
    """What `fenhe sign-root` writes on the machine where the key is."""
    (text,) = (house.folder / "root-next").glob("*.txt")
    file.write_text(signature_line(ORIGIN, text.read_bytes(), key))
    return file
