"""Units that a witness knows by their root documents: taken up once, looked at again every day.

`roots/<H(unit origin)>/source` says where a unit's documents lie and by which fingerprint they are
believed; a key that the unit changed is so known within a day, as to any other reader (feed §5).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_client.keys.second_root import keep_second, second_of
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.witness.home import WitnessHome
from fenhe_client.witness.known_logs import KnownLog, KnownLogs, logs_of
from fenhe_protocol.errors import FenheError, Refused, SetupError, StoreError

_SOURCE = "source"


@dataclass(frozen=True, slots=True)
class UnitSource:
    """Where a unit's root documents lie; `usage`: its usage logs are witnessed too."""

    url: str
    fingerprint: str
    usage: bool = False
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class UnitKnown:
    """The unit's logs as they are known now, and why no further root document was believed."""

    origin: str
    logs: tuple[KnownLog, ...]
    refused: FenheError | None = None


async def know_unit(home: WitnessHome, web: Web, source: UnitSource) -> UnitKnown:
    """Read a unit's root documents and know its logs by them; Refused `root.*`, Deferred."""
    read = await read_roots(
        web.open(source.url, reach=PRIVATE_TOO if source.allow_private else PUBLIC_ONLY),
        (),
        fingerprint=source.fingerprint,
        allow_loopback_http=source.allow_private,
    )
    document, files = read.document, home.roots(read.document.origin)
    if document.n < (stored := len(stored_roots(files))):
        raise Refused("root.chain", where=source.url, expected=f"root/{stored}")
    _check_same(home, document.origin, [each.raw for each in read.added])
    logs = tuple(logs_of(document, usage=source.usage))
    know_logs(home, logs)
    keep_roots(files, read.added)
    kept = home.roots_folder(document.origin) / _SOURCE
    replace_files(Disk(), {kept: json.dumps(asdict(source)).encode()})
    return UnitKnown(document.origin, logs, read.refused)


def _check_same(home: WitnessHome, origin: str, shown: Sequence[bytes]) -> None:
    """Refused `root.second` where the chain that is shown is not the one that was met first."""
    for n, known in enumerate(stored_roots(home.roots(origin)), 1):
        second = second_of(shown[:n], known)
        if second is not None:
            file = keep_second(home.roots_folder(origin), second)
            raise Refused("root.second", where=f"{origin} root/{n}", found=str(file))


def know_logs(home: WitnessHome, logs: tuple[KnownLog, ...]) -> None:
    """Know these logs from now on; SetupError `enrol.origin` where one has the witness's name."""
    if any(log.origin == home.name for log in logs):
        raise SetupError("enrol.origin", where=home.name)
    known = KnownLogs(home.logs)
    for log in logs:
        if known.get(log.origin) != log:
            known.put(log)


def _source_files(home: WitnessHome) -> list[Path]:
    return sorted((home.path / "roots").glob(f"*/{_SOURCE}"))


def _read(file: Path) -> UnitSource:
    try:
        return UnitSource(**json.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise StoreError("store.damaged", where=str(file), found=str(error)) from error


async def look_again(home: WitnessHome, web: Web) -> list[FenheError]:
    """Read on all units' root documents; what went wrong with any of them changes nothing else."""
    problems: list[FenheError] = []
    for file in _source_files(home):
        try:
            known = await know_unit(home, web, _read(file))
        except FenheError as error:
            problems.append(error)
        else:
            problems += [known.refused] if known.refused else []
    return problems
