"""An `x` in the hub's own log: bodies of words that no longer stand are erased (feed §2, §4).

What stands is not erased. The last word on a subject has an effect that would go with it, or it
would be owed again at once; and a unit's first `reg` says since when its duties count. A notice and
the sealed words of a complaint may go though they stand: nothing follows from them. Start at
`take_back`; what a kill cuts off behind the signature, the next turn at `fed` ends (`finish`).
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from fenhe_client.keys.log_end import former_files
from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.erasing import erase_lines, erased_in, obey
from fenhe_hub.casework.complaint_acts import WORDS
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.fed.index import catch_up_fed
from fenhe_hub.fed.log import FedLog
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, fed_files
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.said import Saying, put_said
from fenhe_hub.index.tables import open_index
from fenhe_protocol.errors import Refused
from fenhe_protocol.fed import Act, Place, Registration
from fenhe_protocol.leaf import EraseLeaf, merge_ranges, split_log_name
from fenhe_protocol.notice import Notice
from fenhe_protocol.position import Position
from fenhe_protocol.strict_json import loads

_Subject = tuple[str, str]
_Told = dict[_Subject, list[tuple[Position, Saying]]]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How much `fed` says after it, and how many lines left its files."""

    size: int
    lines: int


def take_back(hub: Hub, places: Sequence[Place], reason: str, now: int) -> TakenBack | int:
    """Erase what these leaves of our own log say; else the seconds until a publish is allowed.

    Refused `erase.unknown` where nothing is said there, `erase.stands` where it still stands:
    then nothing is erased.
    """
    with (
        locked(hub.home.path / "fed.lock"),
        locked(hub.home.path / "index.lock", shared=True),
        closing(open_index(hub.home.index)) as db,
    ):
        fed = FedLog(hub, hub.fed_files(), HeadStore(hub.home.heads))
        fed.recover(now)
        catch_up_fed(db, fed)
        _let_go_of_said(hub, db)
        finish(hub, db, fed)
        _check(_told(fed), places)
        if wait := fed.wait(now):
            return wait
        replace_files(Disk(), {hub.home.fed_erasing: b""})
        fed.erase(_leaves(hub, places, reason), now)
        lines = finish(hub, db, fed)
    return TakenBack(fed.head().size, lines)


def _let_go_of_said(hub: Hub, db: sqlite3.Connection) -> None:
    """Before a word is erased: one that still waited, for a publish was cut, would be said anew."""
    with Waiting.open(hub.home) as waiting:
        waiting.settle(db)


def finish(hub: Hub, db: sqlite3.Connection, fed: FedLog) -> int:
    """Take out of files and index what our own `x` erase, if that is due; how many lines went."""
    if not hub.home.fed_erasing.exists():
        return 0
    files = {log.name: fed_files(hub.home, name=log.name) for log in hub.fed_epochs}
    lines = obey(files)
    for log in files:
        for former in former_files(hub.home.path, log):
            lines += erase_lines(former, erased_in(log, files))
    _follow(db, _told(fed))
    catch_up_fed(db, fed)
    replace_files(Disk(), {hub.home.scour_due: b""})  # the index had them once
    remove_files(Disk(), [hub.home.fed_erasing])
    return lines


def _follow(db: sqlite3.Connection, left: _Told) -> None:
    """Let the index hold the last word that is left on each subject."""
    rows = db.execute("SELECT kind, id, epoch, idx FROM said").fetchall()
    with transaction(db):
        for kind, id_, *at in rows:
            last = left[kind, id_][-1] if (kind, id_) in left else None
            if last is None or last[0] != Position(*at):
                put_said(db, kind, id_, last)


def _told(fed: FedLog) -> _Told:
    """Every word, by its subject, in their order."""
    told: _Told = {}
    for block in fed.blocks():
        for said in block.sayings:
            at = Position(block.stop.epoch, said.index)
            told.setdefault((said.kind, said.id), []).append((at, said))
    return told


def _check(told: _Told, places: Sequence[Place]) -> None:
    said = {at: (subject, words) for subject, words in told.items() for at, _ in words}
    for place in places:
        at = Position(split_log_name(place.origin.rpartition("/")[2])[1], place.index)
        if at not in said:
            raise Refused("erase.unknown", where=place.text)
        (kind, id_), words = said[at]
        first, last = words[0][0] == at, words[-1][0] == at
        if (last and not _may_go(words[-1][1])) or (first and kind == Registration.kind):
            raise Refused("erase.stands", where=place.text, found=f"{kind} {id_}")


def _may_go(said: Saying) -> bool:
    """Whether nothing else stands on it: a notice, or the sealed words of a case."""
    if said.kind == Act.kind:
        return bool(loads(said.body.encode()).get("name") == WORDS)
    return said.kind == Notice.kind


def _leaves(hub: Hub, places: Sequence[Place], reason: str) -> list[EraseLeaf]:
    """One `x` for each epoch that is meant; they all stand in the newest."""
    by_log: dict[str, list[tuple[int, int]]] = {}
    for place in places:
        log = place.origin.rpartition("/")[2]
        by_log.setdefault(log, []).append((place.index, place.index + 1))
    return [
        EraseLeaf(tuple(merge_ranges(ranges)), None, reason, None if log == hub.fed_name else log)
        for log, ranges in by_log.items()
    ]
