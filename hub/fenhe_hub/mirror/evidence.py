"""What proves a unit's fault, kept for ever. While notes of a fork lie here, its log stands still.

Only an operator ends a quarantine, and the notes are then taken elsewhere (`desk.releasing`): what
proves a fork is never deleted by a program. Files are named by what they hold, so keeping them
twice changes nothing.

    evidence/<H(log)>/<sha256>.note          the notes of a fork, as they were served
    evidence/<H(log)>/<kind>-<hex>.json      an evidence file (feed §14), made of them at once
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.home import Home
from fenhe_hub.mirror.accusing import accuse_ended, accuse_fork
from fenhe_protocol.conviction import Conviction, convict
from fenhe_protocol.errors import FenheError
from fenhe_protocol.evidence import Evidence, Kind

_LOGGER = logging.getLogger("fenhe_hub.mirror.evidence")
_ID_DIGITS = 16
_MOST_ENDED = 16  # files of one log
_MOST_ROOTS = 16  # of one unit: who has its root keys may sign one at every visit


@dataclass(frozen=True, slots=True)
class KeptEvidence:
    """An evidence file in the home, and what it proves."""

    file: Path
    conviction: Conviction

    @property
    def id(self) -> str:
        """How it is named to others."""
        return self.file.stem

    @property
    def raw(self) -> bytes:
        """The file as others judge it."""
        return self.file.read_bytes()


def keep_evidence(
    home: Home,
    origin: str,
    notes: Iterable[bytes],
    disk: Disk,
    history: tuple[bytes, ...] = (),
) -> None:
    """Keep the notes of a fork of this log, and the file that proves it to others.

    `history` is that of `Forked`; without it a fork between two sizes is shown from the mirror.
    """
    notes = tuple(notes)
    folder = home.evidence(origin)
    replace_files(disk, {folder / f"{sha256(note).hexdigest()}.note": note for note in notes})
    try:
        keep_file(home, origin, accuse_fork(home, origin, notes, history), disk)
    except (FenheError, ValueError) as error:
        # The notes alone hold the log back; what is lacking is only what shows others why.
        _LOGGER.error("no evidence file for the fork of %s: %s", origin, error)


def keep_ended(home: Home, origin: str, note: bytes, disk: Disk) -> None:
    """Keep that somebody signed a head above the end of this log; nothing stands still for it."""
    if len(list(home.evidence(origin).glob(f"{Kind.ENDED}-*.json"))) >= _MOST_ENDED:
        return  # a thief may sign one at every visit: these few say it all
    try:
        keep_file(home, origin, accuse_ended(home, origin, note), disk)
    except (FenheError, ValueError) as error:
        _LOGGER.error("no evidence file for the end of %s: %s", origin, error)


def keep_file(home: Home, origin: str, evidence: Evidence, disk: Disk) -> KeptEvidence:
    """Keep one evidence file that convicts; Refused where it does not."""
    raw = evidence.encode()
    found = convict(raw)
    name = f"{evidence.kind}-{sha256(raw).hexdigest()[:_ID_DIGITS]}"
    if not (file := home.evidence(origin) / f"{name}.json").exists():
        replace_files(disk, {file: raw})
    return KeptEvidence(file, found)


def keep_second_root(home: Home, evidence: Evidence, disk: Disk) -> None:
    """Keep that two root documents of one number are signed; the first that came stays in force."""
    if len(list(home.evidence(evidence.signer).glob("*.json"))) < _MOST_ROOTS:
        keep_file(home, evidence.signer, evidence, disk)


def kept_evidence(home: Home, origin: str) -> Iterator[KeptEvidence]:
    """The evidence files against one log; one that convicts no more is only logged."""
    for file in sorted(home.evidence(origin).glob("*.json")):
        try:
            known = file.stat()
            yield KeptEvidence(file, _judged(file, known.st_mtime_ns, known.st_size))
        except (FenheError, OSError) as error:
            _LOGGER.error("evidence file %s: %s", _shown(file), error)


@lru_cache(maxsize=1024)
def _judged(file: Path, changed_at: int, size: int) -> Conviction:
    """Judged once: every visitor asks, and who is accused may have signed 64 lines a document."""
    return convict(file.read_bytes())


def evidence_counts(home: Home) -> Counter[str]:
    """How many evidence files there are against each log, by H(origin)."""
    return Counter(file.parent.name for file in (home.path / "evidence").glob("*/*.json"))


def is_quarantined(home: Home, origin: str) -> bool:
    """Whether notes of a fork of this log lie in the home."""
    folder = home.evidence(origin)
    return folder.is_dir() and any(folder.glob("*.note"))


def _shown(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"
