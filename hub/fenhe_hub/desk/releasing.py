"""The end of a quarantine: its notes are taken elsewhere, and never deleted. Start at `release`.

    evidence-released/<H(log)>/<time>/<sha256>.note

Where the log's history was not mended, the next visit brings the fork again and the quarantine
with it. The evidence files stay where they are.
"""

from contextlib import closing
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.home import Home, locked
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.errors import RequestError
from fenhe_protocol.fed import Act
from fenhe_protocol.origin import origin_hash


def release(office: Office, who: Staff, origin: str, reason: str) -> int:
    """Let a log be visited again; how many notes were taken away. RequestError 403, 404, 409.

    `reason` says how its unit mended the history, and stands in the hub's log.
    """
    uscc = _unit_of(office.hub.home, origin)
    who.check(Permission.OPERATE, uscc)
    said, home = entered.words(reason, "reason"), office.hub.home
    source = home.evidence(origin)
    with office.turn() as casework, locked(home.path / "evidence.lock"):
        if not is_quarantined(home, origin):
            raise RequestError("register.state", status=409, where=origin)
        notes = sorted(source.glob("*.note"))
        details = {"reason": said, "notes": [note.stem for note in notes], "log": origin}
        deed = Deed("quarantine.ended", origin, details, uscc)
        with office.doing(casework, who, Permission.OPERATE, deed) as act:
            target = _place(home, act)
            replace_files(Disk(), {target / note.name: note.read_bytes() for note in notes})
            for note in notes:  # each of them lies in its other place by now
                note.unlink()
    return len(notes)


def finish_release(hub: Hub, act: Act) -> bool:
    """Take away what is still there of a release that was begun; False where nothing was moved."""
    target, source = _place(hub.home, act), hub.home.evidence(act.subject)
    names = [f"{stem}.note" for stem in act.details["notes"]]
    with locked(hub.home.path / "evidence.lock"):
        if not all((target / name).is_file() for name in names):
            return False
        for name in names:
            (source / name).unlink(missing_ok=True)
    return True


def _place(home: Home, act: Act) -> Path:
    return home.released_evidence / origin_hash(act.subject) / str(act.at)


def _unit_of(home: Home, origin: str) -> str:
    with closing(open_index(home.index)) as db:
        row = db.execute(
            "SELECT uscc FROM log JOIN unit USING(unit_no) WHERE log.origin = ?", [origin]
        ).fetchone()
    if row is None:
        raise RequestError("register.absent", status=404, where=origin)
    return str(row[0])
