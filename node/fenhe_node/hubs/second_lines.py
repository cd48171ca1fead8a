"""The SM2 keys of trusted hubs, which a person enrolled with `trust --sm2` (feed §5).

They lie beside the hub's root documents, a verifier key a line. From then on every head of the
hub's `fed` must carry a line by one of them; one that does not is trouble with that hub.
"""

from pathlib import Path

from fenhe_client.fetching.fetch import Fetcher, required
from fenhe_client.keys.second_keys import SecondKeys
from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.files import CHECKPOINT
from fenhe_node.home import Home
from fenhe_protocol.checkpoint import open_checkpoint
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import LogKeys, RootDocument

_FILE = "second.vkeys"


def second_keys(home: Home, fingerprint: str) -> SecondKeys:
    """The keys of the hub with this fingerprint, maybe none; SetupError `setup.form`."""
    file = _file(home, fingerprint)
    try:
        return SecondKeys.parse(file.read_text(encoding="ascii").split())
    except FileNotFoundError:
        return SecondKeys()
    except (OSError, UnicodeDecodeError, Refused) as error:
        raise SetupError("setup.form", where=str(file), found=str(error)) from error


def keep_second_keys(home: Home, fingerprint: str, keys: SecondKeys) -> None:
    """Let these be the hub's, and no others."""
    file = _file(home, fingerprint)
    if keys.keys:
        replace_files(Disk(), {file: "".join(f"{text}\n" for text in keys.texts).encode()})
    else:
        remove_files(Disk(), [file])


async def check_second(
    hub: Fetcher, document: RootDocument, log: LogKeys, keys: SecondKeys
) -> None:
    """See that the hub's own head carries the line; Refused `sm2.name`, `sm2.unsigned`.

    `hub` fetches what lies below its address; `log` is the epoch in which it speaks now.
    """
    keys.check_of(document.origin)
    raw = await required(hub, f"{log.name}/{CHECKPOINT}", limit=DEFAULTS.note_bytes)
    origin = log_origin(document.origin, log.name)
    open_checkpoint(raw, origin=origin, keys=log.keys, second=keys.line_of(document.origin))


def _file(home: Home, fingerprint: str) -> Path:
    return home.trusted / fingerprint / _FILE
