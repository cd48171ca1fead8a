"""Where a follower of a hub stands: one small file that moves only after its lines are out.

`epoch` and `size` say how much of `fed` has been heard; a file without `epoch` means the first.
`behind` names the logs of which what it says is not told yet, each with the index to go on from:
one that could not be read holds nobody else up, and a follower killed in the middle of a large one
goes on there. `sm2` are the SM2 keys that were enrolled and stay so until others are: leaving an
option out must not mean that less is verified.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_protocol.errors import SetupError
from fenhe_protocol.position import Position


@dataclass(slots=True)
class Cursor:
    """The content of the cursor file; `fingerprint` is the hub's."""

    hub: str
    fingerprint: str
    size: int = 0
    behind: dict[str, int] = field(default_factory=dict)
    epoch: int = 1
    sm2: list[str] = field(default_factory=list)

    @property
    def place(self) -> Position:
        """How far `fed` has been heard."""
        return Position(self.epoch, self.size)

    @place.setter
    def place(self, place: Position) -> None:
        self.epoch, self.size = place

    @classmethod
    def load(cls, path: Path) -> "Cursor | None":
        """Read the file; None where there is none; SetupError `cursor.form`."""
        try:
            found = cls(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise SetupError("cursor.form", where=str(path), found=str(error)) from error
        numbers = (found.size, found.epoch)
        if (
            not all(isinstance(n, int) for n in numbers)
            or not isinstance(found.behind, dict)
            or not isinstance(found.sm2, list)
        ):
            raise SetupError("cursor.form", where=str(path))
        return found

    def save(self, path: Path, disk: Disk) -> None:
        """Replace the file durably."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        replace_files(disk, {path.absolute(): f"{text}\n".encode()})
