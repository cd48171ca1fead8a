"""What a node's and a hub's `new-epoch` share: a log ended in the next root document (feed §11).

Whoever ends a log first lets its files be those of the head at which it ends: `set_aside` puts away
what does not fit, which may be evidence. Then `propose_end`; until all have signed that, the log is
kept from growing by `check_goes_on`.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from fenhe_client.keys.key_rotation import fresh_key
from fenhe_client.keys.root_desk import RootDesk, waiting_document
from fenhe_client.stored.files import FolderFiles
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import SetupError
from fenhe_protocol.root_changes import compose_next, end_log
from fenhe_protocol.root_document import LogEnd, LogKeys, RootDocument

_FIRST = (
    "root-document adopt, 再 new-epoch; 或 root-document discard; "
    "bring the signatures and give new-epoch once more, or discard it"
)


def add_end_options(command: argparse.ArgumentParser, logs: str) -> None:
    """`LOG --confirm SIZE --new-key`."""
    command.add_argument("log", metavar="LOG", help=logs)
    command.add_argument(
        "--confirm", type=int, metavar="SIZE", help="确认终止处 where it ends, as shown before"
    )
    command.add_argument(
        "--new-key",
        action="store_true",
        help="换新密钥 (旧的被盗时) a fresh key, if one was stolen",
    )


def propose_end(
    desk: RootDesk, seeds: Path, log: LogKeys, head: Checkpoint, *, new_key: bool, now: int
) -> bool:
    """End the log there and list the next epoch; False while the document lacks signatures.

    A new key lies in the folder `seeds`.
    """
    successor = log.keys[-1].public
    if new_key:
        successor = fresh_key(seeds, "log", desk.document).public
    end = LogEnd(head.size, head.root)
    logs = end_log(desk.document.logs, log.name, end, successor=successor)
    return desk.propose(compose_next(desk.document, time=now, logs=logs)) is None


def check_goes_on(log: str, waiting: Path, held: RootDocument) -> None:
    """SetupError `epoch.waiting` where a document in the folder `waiting` is to end this log.

    What were signed now would lie above its end, and count for nobody.
    """
    document, now = waiting_document(waiting, held), held.log(log)
    next_ = document.log(log) if document is not None else None
    if next_ is not None and next_.end is not None and (now is None or now.end is None):
        raise SetupError("epoch.waiting", where=log, found=str(waiting), advice=_FIRST)


def aside(home: Path, name: str, now: int) -> Path:
    """Where the former files of a log are put at this time (POSIX seconds)."""
    return home / "aside" / f"{name}-{now}"


def former_files(home: Path, name: str) -> list[FolderFiles]:
    """The files of a log that were put there, the oldest first."""
    folders = sorted((home / "aside").glob(f"{name}-*"))
    return [FolderFiles(each / "public", each / "held", log=name) for each in folders]


def set_aside(home: Path, trees: Sequence[Path], name: str, now: int) -> None:
    """Move the files of a log there, from each tree; done again after a kill, the rest follows."""
    target = aside(home, name, now)
    target.mkdir(parents=True, mode=0o700, exist_ok=True)
    for tree in trees:
        if (tree / name).is_dir():
            shutil.move(tree / name, target / tree.name)
