"""The gateway's private keys and its root document (feed §5, §7). Start at `make_keys`.

`root` signs its root documents, `request` signs what it asks of the hub, and each key under `seal/`
opens what units sealed to it: one is current, named by the newest root document; the older ones
stay until what they open is forwarded, and are then destroyed. Units compare the fingerprint of
root document 1 and read the chain from there; no hub has a say in it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.disk import Disk, remove_files
from fenhe_hub.keys import load_seed, make_seed
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_document import RootDocument, compose_root, fingerprint, sign_root
from fenhe_protocol.seal import OpeningKey

_NEW = "new.seed"


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """The keys of one gateway; `seals` are those that open, by the id that bodies name."""

    root: SigningKey
    request: SigningKey
    seals: Mapping[str, OpeningKey]


def make_keys(folder: Path) -> GatewayKeys:
    """Write fresh keys into an empty `folder`; a file already there is never written over."""
    root, request = (make_seed(folder / f"{name}.seed") for name in ("root", "request"))
    (folder / "seal").mkdir(mode=0o700)
    seal = add_seal(folder)
    return GatewayKeys(SigningKey.from_seed(root), SigningKey.from_seed(request), {seal.id: seal})


def load_keys(folder: Path) -> GatewayKeys:
    """Read them; SetupError `keys.*` if one is absent, malformed or readable by others."""
    root, request = (load_seed(folder / f"{name}.seed") for name in ("root", "request"))
    files = sorted((folder / "seal").glob("*.seed"))
    if not files:
        raise SetupError("keys.absent", where=str(folder / "seal"))
    seals = (OpeningKey.from_seed(load_seed(file)) for file in files)
    return GatewayKeys(
        SigningKey.from_seed(root), SigningKey.from_seed(request), {key.id: key for key in seals}
    )


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
    keys: GatewayKeys, *, origin: str, unit: str, url: str, seal: OpeningKey, now: int
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


def next_root(held: RootDocument, keys: GatewayKeys, *, seal: OpeningKey, now: int) -> bytes:
    """Write and sign document n+1, which names another `seal`; all else stays as it was."""
    text = compose_root(
        origin=held.origin,
        unit=held.unit,
        url=held.url,
        time=max(now, held.time),
        root=held.root,
        threshold=held.threshold,
        logs=held.logs,
        request=held.request,
        n=held.n + 1,
        prev=fingerprint(held.text),
        seal=seal.public,
    )
    return sign_root(text, held.origin, [keys.root])
