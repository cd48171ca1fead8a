"""The gateway's private keys and its first root document (feed §5, §7). Start at `make_keys`.

`root` signs its root documents, `request` signs what it asks of the hub (of both the documents say
which is in force: `fenhe_client.keys.own_keys`), and each key under `seal/`
opens what units sealed to it: one is current, named by the newest root document; the older ones
stay until what they open is forwarded, and are then destroyed. Units compare the fingerprint of
root document 1 and read the chain from there; no hub has a say in it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.disk import Disk, remove_files
from fenhe_hub.keys import load_seed, make_seed
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_document import compose_root, sign_root
from fenhe_protocol.seal import OpeningKey

_NEW = "new.seed"


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """The keys of daily work; `seals` are those that open, by the id that bodies name."""

    request: SigningKey
    seals: Mapping[str, OpeningKey]


@dataclass(frozen=True, slots=True)
class FirstKeys(GatewayKeys):
    """The keys that a gateway begins with: which are in force later its root documents say."""

    root: SigningKey


def make_keys(folder: Path) -> FirstKeys:
    """Write fresh keys into an empty `folder`; a file already there is never written over."""
    root, request = (make_seed(folder / f"{name}.seed") for name in ("root", "request"))
    (folder / "seal").mkdir(mode=0o700)
    seal = add_seal(folder)
    return FirstKeys(SigningKey.from_seed(request), {seal.id: seal}, SigningKey.from_seed(root))


def load_seals(folder: Path) -> dict[str, OpeningKey]:
    """Read what opens; SetupError `keys.*` if none is here, or one malformed or open to others."""
    files = sorted((folder / "seal").glob("*.seed"))
    if not files:
        raise SetupError("keys.absent", where=str(folder / "seal"))
    seals = (OpeningKey.from_seed(load_seed(file)) for file in files)
    return {key.id: key for key in seals}


def add_seal(folder: Path) -> OpeningKey:
    """Make one more key that opens; root document n+1 then names it as the current one."""
    new = folder / "seal" / _NEW
    disk = Disk()
    disk.unlink(new)  # left by a run that was killed before anything named it
    key = OpeningKey.from_seed(make_seed(new))
    disk.rename(new, _seal_file(folder, key.id))
    disk.flush(folder / "seal")
    return key


def destroy_seal(folder: Path, id: str) -> None:
    """Write over a private key and remove it; what was sealed to it never opens again.

    A disk that copies on write or levels its wear may keep the old bytes: see the hub's manual.
    """
    file = _seal_file(folder, id)
    with file.open("r+b") as out:
        out.write(b"0" * file.stat().st_size)
        out.flush()
        os.fsync(out.fileno())
    remove_files(Disk(), [file])


def _seal_file(folder: Path, id: str) -> Path:
    return folder / "seal" / f"{id}.seed"


def first_root(
    keys: FirstKeys, *, origin: str, unit: str, url: str, seal: OpeningKey, now: int
) -> bytes:
    """Write and sign root document 1 of a gateway: no logs, no cosigner, but `seal`."""
    text = compose_root(
        origin=origin,
        unit=unit,
        url=url,
        time=now,
        root=[keys.root.public],
        logs=[],
        request=[keys.request.public],
        seal=seal.public,
    )
    return sign_root(text, origin, [keys.root])
