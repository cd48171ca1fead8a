"""Which SM2 keys a home has had, and which sign now: one file, replaced as a whole (feed §5).

    keys/second.json    {"keys": [{"key", "file", "since", "until", "why"}, …]}, the oldest first

`file` is the private key beside it, empty where a token holds it; `until` and `why` are empty while
the key signs. Putting the file in place is the renewal, in every process at once: a private key
that it does not name signs nothing. A home from before it had one key, `second.key`.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.second_line import parse_second_key, second_name

REGISTER = "second.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """One key: times as in the feed; `why` it no longer signs: renewed or stolen."""

    key: str
    file: str
    since: str
    until: str = ""
    why: str = ""

    @property
    def verifier(self) -> VerifierKey:
        """The key as others enrol it."""
        return parse_second_key(self.key)

    @property
    def in_force(self) -> bool:
        """Whether it signs."""
        return not self.until


def read_register(folder: Path, origin: str) -> tuple[Kept, ...]:
    """All of them, none where there is no file; SetupError `keys.form`, `sm2.name`."""
    file = folder / REGISTER
    try:
        found = tuple(Kept(**each) for each in json.loads(file.read_bytes())["keys"])
        names = {each.verifier.name for each in found}
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, Refused) as error:
        raise SetupError("keys.form", where=str(file), found=type(error).__name__) from error
    for name in names - {second_name(origin)}:
        raise SetupError("sm2.name", where=str(file), expected=second_name(origin), found=name)
    return found


def write_register(folder: Path, keys: Iterable[Kept]) -> None:
    """Let these be the keys; StoreError `store.write`."""
    text = json.dumps({"keys": [asdict(each) for each in keys]}, indent=1)
    replace_files(Disk(), {folder / REGISTER: f"{text}\n".encode()})
