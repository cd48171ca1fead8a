"""`/quarantine`: what is kept against units, what its notes say, and the end of a quarantine."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fenhe_hub.console.asking import Answer, Asked, Download, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.harvest import page_of as harvest_page
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.desk.evidence_kept import Found, all_kept
from fenhe_hub.desk.releasing import release
from fenhe_hub.home import Home
from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_hub.office.roles import Permission
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.encoding import b64_encode, date_at
from fenhe_protocol.errors import FenheError, RequestError
from fenhe_protocol.evidence import Kind
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import root_key_name

KINDS: Mapping[str, str] = {
    Kind.FORK: "两段历史",
    Kind.ENDED: "结束以后又签",
    Kind.CLOCK: "时间倒填",
    Kind.WITHHELD: "扣下正文",
    Kind.ROOTS: "两份根文档",
}
_NOW, _FORMER = "now", "former"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One file of evidence, with whose it is."""

    found: Found
    unit: str
    quarantined: bool

    @property
    def kept_on(self) -> str:
        """Since when it lies here."""
        return date_at(int(self.found.kept.file.stat().st_mtime))


@dataclass(frozen=True, slots=True)
class _Log:
    """A log, or the name by which root documents are signed, and whose it is."""

    origin: str
    uscc: str
    unit: str


_QUARANTINED = "SELECT origin FROM log WHERE quarantined ORDER BY log_no"


def page_of(origin: str) -> str:
    """The page of one log."""
    return f"/quarantine/log?{urlencode({'origin': origin})}"


COLUMNS: tuple[Column[EvidenceRow], ...] = (
    Column("unit", "单位", "unit", lambda r: r.unit, sorts=True,
           link=lambda r: page_of(r.found.origin)),
    Column("log", "日志", "log", lambda r: r.found.origin, sorts=True),
    Column("kind", "类别", "kind", lambda r: _kind(r.found), sorts=True, form="short"),
    Column("state", "现在", "state", lambda r: "已隔离" if r.quarantined else "照常收取",
           sorts=True, form="short"),
    Column("fault", "说明", "fault", lambda r: r.found.fault.zh, form="long"),
    Column("since", "存证", "kept", lambda r: r.kept_on, sorts=True, form="date"),
    Column("id", "编号", "id", lambda r: r.found.kept.id, sorts=True, form="wide"),
)  # fmt: skip
TABLE = Table(
    "/quarantine",
    "evidence",
    COLUMNS,
    "-since",
    (
        Filter("q", "单位、日志或编号"),
        Filter("kind", "类别", KINDS),
        Filter("state", "现在", {_NOW: "已隔离", _FORMER: "照常收取"}),
    ),
)
_MATCHES: Mapping[str, Callable[[EvidenceRow, str], bool]] = {
    "q": has_words(lambda r: f"{r.unit}\n{r.found.origin}\n{r.found.kept.id}\n{r.found.uscc}"),
    "kind": lambda r, text: r.found.kept.conviction.kind == text,
    "state": lambda r, text: r.quarantined == (text == _NOW),
}


def _kind(found: Found) -> str:
    kind = found.kept.conviction.kind
    return KINDS.get(kind, kind)


def show(asked: Asked) -> Answer:
    """All evidence in the account's scope."""
    rows, staff = list(_rows(asked)), staff_of(asked)
    with asked.console.index() as db:
        logs = [_log(db, origin) for (origin,) in db.execute(_QUARANTINED).fetchall()]
    held = [(page_of(log.origin), log) for log in logs if log and staff.covers(log.uscc)]
    source = Listed(COLUMNS, rows, _MATCHES)
    return answer(asked.query, TABLE, source, "console/quarantine.html", {"held": held}, asked.now)


def show_one(asked: Asked) -> Answer:
    """The evidence against one log, and the notes that keep it in quarantine."""
    log = _within(asked, asked.query.get("origin", ""))
    home, origin = asked.console.hub.home, log.origin
    rows = [row for row in _rows(asked) if row.found.origin == origin]
    quarantined = is_quarantined(home, origin)
    context = {
        "log": log,
        "quarantined": quarantined,
        "rows": [(row, _kind(row.found), _file(row.found.kept.id)) for row in rows],
        "notes": list(_notes(home, origin)),
        "harvest": harvest_page(origin),
        "may": quarantined and staff_of(asked).may(Permission.OPERATE),
    }
    return Page("console/quarantined.html", context)


def download(asked: Asked) -> Answer:
    """One file of evidence, as anybody may judge it offline."""
    wanted = asked.query.get("id", "")
    row = next((row for row in _rows(asked) if row.found.kept.id == wanted), None)
    if row is None:
        raise RequestError("register.absent", status=404, where=wanted)
    return Download(row.found.kept.raw, f"{wanted}.json", "application/json")


def let_go(asked: Asked) -> Answer:
    """End the quarantine: the unit has mended its history."""
    origin, reason = asked.form.text("origin"), asked.form.text("reason")
    _within(asked, origin)
    count = release(asked.console.office, staff_of(asked), origin, reason)
    said = f"已解除：{count} 张便笺移到 evidence-released；下次巡访继续，历史没恢复会再次隔离"
    return GoTo(page_of(origin), said)


def _file(id_: str) -> str:
    return f"/quarantine/evidence?{urlencode({'id': id_})}"


def _rows(asked: Asked) -> Iterator[EvidenceRow]:
    staff, home = staff_of(asked), asked.console.hub.home
    with asked.console.index() as db:
        names = UnitNames.read(db)
        called = {uscc: names.name(number) for number, uscc in names.codes.items()}
        kept = [each for each in all_kept(home, db) if staff.covers(each.uscc)]
    for found in kept:
        name = called.get(found.uscc, found.uscc)
        yield EvidenceRow(found, name, is_quarantined(home, found.origin))


def _within(asked: Asked, origin: str) -> _Log:
    """A log, or a root key, of a unit in scope; RequestError 404 for any other."""
    with asked.console.index() as db:
        found = _log(db, origin)
    if found is None or not staff_of(asked).covers(found.uscc):
        raise RequestError("register.absent", status=404, where=origin)
    return found


def _log(db: sqlite3.Connection, origin: str) -> _Log | None:
    row = db.execute(
        "SELECT u.unit_no, u.uscc FROM unit u LEFT JOIN log l USING(unit_no)"
        " WHERE l.origin = ? OR u.origin || ? = ?",
        [origin, root_key_name(""), origin],
    ).fetchone()
    return _Log(origin, row[1], UnitNames.read(db).name(row[0])) if row else None


def _notes(home: Home, origin: str) -> Iterator[tuple[str, int | None, str]]:
    """Each note as it was served: its text, and size and root where it says them."""
    for file in sorted(home.evidence(origin).glob("*.note")):
        raw = file.read_bytes()
        try:
            told = parse_checkpoint(parse_note(raw).text)
        except FenheError:
            yield raw.decode("utf-8", "replace"), None, ""
        else:
            yield raw.decode("utf-8", "replace"), told.size, b64_encode(told.root)


ROUTES = (
    Route("GET", "/quarantine", show, Permission.SEE, Reach.OWN),
    Route("GET", "/quarantine/log", show_one, Permission.SEE, Reach.OWN),
    Route("POST", "/quarantine/log", let_go, Permission.OPERATE, Reach.OWN),
    Route("GET", "/quarantine/evidence", download, Permission.SEE, Reach.OWN),
)
