"""The marks beside a mirrored log, which nobody signed: `late`, `refused`, `taken`, `let_go`.

Only their form can be checked. What cannot be read counts on the safe side until the check writes
it anew: all is announced again, what was left out is asked for and judged again, a sealed line is
kept rather than dropped. Start at `damaged_marks`.
"""

from pathlib import Path

from fenhe_client.checking.healing import HERE, Mend
from fenhe_client.stored.disk import remove_files, replace_files
from fenhe_hub.mirror.log import MirrorLog, is_late, read_left_out
from fenhe_hub.mirror.sealed_ledger import damaged_ledgers, keep_readable

LATE = "late"
LEDGERS = ("let_go", "taken")
ASIDE = ".damaged"


def damaged_marks(log: MirrorLog) -> list[str]:
    """The marks that are not as they were written, by their path beside the log."""
    late = log.folder / LATE
    found = [LATE] if late.exists() and not is_late(late.read_bytes()) else []
    found += [_path(log, file) for file in _damaged_left_out(log)]
    return found + damaged_ledgers(log.folder)


def mend_marks(log: MirrorLog) -> tuple[list[Mend], list[int]]:
    """Write them anew under the caller's lock; beside that the blocks that visits ask for again.

    Of a ledger of sealed lines the damaged file stays beside the lines that can be read.
    """
    mends: list[Mend] = []
    blocks: list[int] = []
    if (log.folder / LATE).exists() and not is_late((log.folder / LATE).read_bytes()):
        log.add_late(0)
        mends.append(Mend(LATE, HERE))
    for file in _damaged_left_out(log):
        remove_files(log.disk, [file])
        blocks.append(_block_of(log, file))
        mends.append(Mend(_path(log, file), HERE))
    for name in damaged_ledgers(log.folder):
        file = log.folder / name
        replace_files(log.disk, {file.with_name(f"{name}{ASIDE}"): file.read_bytes()})
        keep_readable(log.folder, name)
        mends.append(Mend(name))
    return mends, blocks


def _damaged_left_out(log: MirrorLog) -> list[Path]:
    return [each for each in log.left_out_files() if read_left_out(each.read_bytes()) is None]


def _path(log: MirrorLog, file: Path) -> str:
    return file.relative_to(log.folder).as_posix()


def _block_of(log: MirrorLog, file: Path) -> int:
    """The number that a path like `refused/pub/x001/234` names."""
    parts = file.relative_to(log.folder / "refused").parts[1:]
    return int("".join(part.removeprefix("x") for part in parts))
