"""What a rotation needs: a fresh key, and the text that puts it in the place of the old one.

A seed is on the disk before any document names it; one that a killed rotation left is used by the
next. Start at `rotate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.keys.root_desk import RootDesk
from fenhe_client.keys.seeds import SUFFIX, free_seed_file, load_seed, make_seed
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.root_changes import compose_next, succeed_key
from fenhe_protocol.root_document import LogKeys, RootDocument

PURPOSES = ("log", "root", "request", "mirror")


@dataclass(frozen=True, slots=True)
class Rotation:
    """What to rotate. `stolen`: the old key counts no longer than it must.

    `margin`: leaves that the old log key may still sign while the document waits for signatures.
    `replaced`: which root key goes, where that is not plain.
    """

    purpose: str
    stolen: bool = False
    margin: int = 0
    replaced: bytes | None = None


def rotate(desk: RootDesk, folder: Path, rotation: Rotation, now: int) -> bytes:
    """The text of the next document, its new key made in `folder`."""
    held = desk.document
    new = fresh_key(folder, rotation.purpose, held).public
    match rotation.purpose:
        case "log":
            logs = [_followed(desk, log, new, rotation.margin) for log in held.logs]
            return compose_next(held, time=now, logs=logs)
        case "root":
            gone = rotation.replaced or _plain_choice(desk)
            return compose_next(held, time=now, root=replaced(held.root, gone, new))
        case "request":
            kept = [] if rotation.stolen else held.request[-1:]
            return compose_next(held, time=now, request=[*kept, new])
        case "mirror" if held.cosign is not None:
            return compose_next(held, time=now, cosign=new)
    raise SetupError("setup.value", where=rotation.purpose, expected=", ".join(PURPOSES))


def _followed(desk: RootDesk, log: LogKeys, new: bytes, margin: int) -> LogKeys:
    return log if log.end else succeed_key(log, new, size=desk.signed_size(log.name) + margin)


def replaced(keys: Sequence[bytes], gone: bytes, new: bytes) -> list[bytes]:
    """The root keys with one in another's place; SetupError `root.unlisted`."""
    if gone not in keys:
        raise SetupError("root.unlisted", found=b64_encode(gone))
    return [new if key == gone else key for key in keys]


def _plain_choice(desk: RootDesk) -> bytes:
    """The root key that is to go if nobody says: the one whose seed is here, or the only one."""
    here = [key.public for key in desk.keys.root] or list(desk.document.root)
    if len(here) == 1:
        return here[0]
    listed = ", ".join(map(b64_encode, desk.document.root))
    raise SetupError("setup.missing", where="--replace", expected=listed)


def fresh_key(folder: Path, purpose: str, held: RootDocument) -> SigningKey:
    """A key of this purpose that no document has ever named."""
    for file in sorted(folder.glob(f"{purpose}*{SUFFIX}")):
        key = SigningKey.from_seed(load_seed(file))
        if key.public not in held.purposes:
            return key
    return SigningKey.from_seed(make_seed(free_seed_file(folder, purpose)))
