"""`/imports`: a file given, looked at, its mapping mended, taken in; what was imported before.

The file waits in the home (`sheets.kept`) and is worked on by one thread (`import_work`): the
page of a file shows how far that is, and is asked again by the browser until it has ended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from fenhe_client.sheets import kept
from fenhe_client.sheets.kept import Kept
from fenhe_client.sheets.marking import marked_name
from fenhe_client.sheets.watching import Progress
from fenhe_node.console import mending
from fenhe_node.console.asking import Answer, Asked, Console, Download, GoTo, Page, Routes
from fenhe_node.console.import_view import kinds, show_found
from fenhe_node.importing.annotation import marked_stagings
from fenhe_node.importing.file import ImportReport
from fenhe_node.importing.looking import Book, look_at, look_whole
from fenhe_node.importing.sheets_chosen import Wish
from fenhe_node.importing.workbook import To, import_workbook
from fenhe_node.mapping.model import check_mapping
from fenhe_node.mapping.rendering import render_mapping
from fenhe_node.staging.judging import check_fixed
from fenhe_node.store import Store, imports, own_words
from fenhe_protocol.errors import InputError, SetupError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PATIENCE = 1.5  # seconds in which a short list is done, without a page that says how far


@dataclass(frozen=True)
class Taken:
    """What taking a file in came to, list by list."""

    reports: tuple[ImportReport, ...]


def show(asked: Asked) -> Answer:
    """What waits, what was imported, and where to give a file."""
    console = asked.console
    waiting = kept.sweep(console.home, asked.now)
    with Store.open(console.home.store) as store:
        runs = imports.runs(store)
    return Page(
        "console/imports.html",
        {
            "waiting": sorted(waiting, key=lambda each: -each.at),
            "runs": runs[:100],
            "sources": list(dict.fromkeys(run.source for run in runs)),
            "latest": _latest(runs),
            "kinds": kinds(console),
            "working": console.works.running(),
        },
    )


def _latest(runs: tuple[imports.Run, ...]) -> set[int]:
    """The runs of which rows and problems are kept."""
    newest: dict[tuple[str, str], int] = {}
    for run in runs:
        newest.setdefault((run.source, run.kind), run.number)
    return set(newest.values())


def upload(asked: Asked) -> Answer:
    """Keep the file and look at it."""
    given = asked.form.upload("file")
    home = asked.console.home
    new = kept.keep(home, given.path, given.name, now=asked.now, by=asked.by)
    new = kept.say(home, new, source=asked.form.text("source"), kind=asked.form.text("kind"))
    return _look(asked, new)


def _look(asked: Asked, file: Kept) -> Answer:
    return _begin(asked, file, "look", partial(_looked, asked.console, file, asked))


def _wish(file: Kept) -> Wish:
    return Wish(None, file.kind or None, file.source, file.sheets)


def _looked(console: Console, file: Kept, asked: Asked, progress: Progress) -> Book:
    to = To(console.schemas, console.node.root.unit, asked.now, asked.by, progress)
    with Store.open(console.home.store) as store:
        return look_at(store, kept.path_of(console.home, file), to, _wish(file))


def _taken(console: Console, file: Kept, asked: Asked, progress: Progress) -> Taken:
    to = To(console.schemas, console.node.root.unit, asked.now, asked.by, progress)
    with Store.open(console.home.store) as store:
        path = kept.path_of(console.home, file)
        reports = import_workbook(store, path, _wish(file), to)
    kept.drop(console.home, file.sha256)
    return Taken(reports)


def _begin(asked: Asked, file: Kept, doing: str, run: Callable[[Progress], Any]) -> Answer:
    work = asked.console.works.begin(file.sha256, doing, run)
    work.ended.wait(_PATIENCE)
    return GoTo(_page(file.sha256))


def _page(sha256: str) -> str:
    return f"/imports/file/{sha256}"


def show_file(asked: Asked) -> Answer:
    """One file: how far it is, or what was found in it."""
    console, sha256 = asked.console, asked.parts["sha256"]
    work = console.works.of(sha256)
    if work is not None and not work.ended.is_set():
        return Page("console/import_wait.html", {"work": work, "name": _name(console, sha256)})
    if work is not None and isinstance(work.result, Taken):
        console.works.forget()
        said = "; ".join(map(_said, work.result.reports))
        return GoTo(f"/imports/run/{work.result.reports[0].number}", said)
    file = kept.find(console.home, sha256)
    if work is None:
        return _look(asked, file)
    return show_found(asked, file, work)


def _name(console: Console, sha256: str) -> str:
    try:
        return kept.find(console.home, sha256).name
    except InputError:
        return ""


def _said(report: ImportReport) -> str:
    named = " · ".join(filter(None, (report.file, report.sheet)))
    return (
        f"{named}: 收下 {report.staged} 行, 退回 {report.refused} 行;"
        f" 新 {len(report.new)}, 变 {len(report.changed)}, 不变 {len(report.unchanged)}."
        f" {report.staged} taken, {report.refused} refused"
    )


def settle(asked: Asked) -> Answer:
    """Say which list the file is an edition of, what is in it, which sheets count; look again."""
    file = kept.find(asked.console.home, asked.parts["sha256"])
    source = asked.form.text("source")
    kind = asked.form.text("kind")
    source = "" if source == file.name else source
    home, sheets = asked.console.home, [each for each in asked.form.all("sheet") if each]
    return _look(asked, kept.say(home, file, source=source, kind=kind, sheets=sheets))


def mend(asked: Asked) -> Answer:
    """Save the mapping as the form says, for this list and its next editions; look again."""
    console = asked.console
    file = kept.find(console.home, asked.parts["sha256"])
    work = console.works.of(file.sha256)
    if work is None or not isinstance(work.result, Book):
        return GoTo(_page(file.sha256))
    several = len(work.result.parts) > 1 or bool(file.sheets)
    seen = work.result.part(asked.form.text("sheet"))
    kind = console.schemas.kind(seen.mapping.kind)
    mapping = mending.mended(seen, kind, asked.form)
    source = seen.mapping.source or file.source or file.name
    try:
        check_mapping(mapping, kind, source)
        check_fixed(mapping, console.schemas, source)
    except SetupError as error:
        return GoTo(_page(file.sha256), str(error), bad=True)
    with Store.open(console.home.store) as store:
        text = render_mapping(mapping, kind)
        own_words.save_mapping(store, source, kind.kind, text, now=asked.now, by=asked.by)
    said = file.kind if several else kind.kind
    kept_so = kept.say(console.home, file, source=file.source, kind=said, sheets=file.sheets)
    return _look(asked, kept_so)


def guess(asked: Asked) -> Answer:
    """Forget what was saved for this list, and guess again."""
    console = asked.console
    file = kept.find(console.home, asked.parts["sha256"])
    work = console.works.of(file.sha256)
    sources = {file.source or file.name}
    if work is not None and isinstance(work.result, Book):
        sources |= {seen.mapping.source for seen in work.result.parts}
    with Store.open(console.home.store) as store:
        for source in sources:
            own_words.forget_mapping(store, source)
    home = console.home
    return _look(asked, kept.say(home, file, source=file.source, kind="", sheets=file.sheets))


def take(asked: Asked) -> Answer:
    """Take in the very file that was looked at."""
    file = kept.find(asked.console.home, asked.parts["sha256"])
    return _begin(asked, file, "take", partial(_taken, asked.console, file, asked))


def stop(asked: Asked) -> Answer:
    """Break off what is being done with the file; nothing of it stays, if it has not ended yet."""
    work = asked.console.works.of(asked.parts["sha256"])
    if work is None:
        return GoTo("/imports")
    work.stop.set()
    work.ended.wait(_PATIENCE)
    if work.error is not None and work.error.code == "import.stopped":
        return GoTo("/imports", "已停止, 什么也没有改变; stopped, nothing was changed")
    return GoTo(_page(work.sha256))


def drop(asked: Asked) -> Answer:
    """Keep the file no longer."""
    file = kept.find(asked.console.home, asked.parts["sha256"])
    kept.drop(asked.console.home, file.sha256)
    asked.console.works.forget()
    return GoTo("/imports", f"已放弃 {file.name}; dropped")


def marked(asked: Asked) -> Answer:
    """The copy with the wrong cells marked, before anything is taken in."""
    console = asked.console
    file = kept.find(console.home, asked.parts["sha256"])
    to = To(console.schemas, console.node.root.unit, asked.now)
    with Store.open(console.home.store) as store:
        looks = look_whole(store, kept.path_of(console.home, file), to, _wish(file))
    book = marked_stagings([looked.staging for looked in looks])
    return Download(book, marked_name(file.name), XLSX)


_FILE = "/imports/file/{sha256}"
ROUTES: Routes = (
    ("GET", "/imports", show),
    ("POST", "/imports", upload),
    ("GET", _FILE, show_file),
    ("POST", f"{_FILE}/list", settle),
    ("POST", f"{_FILE}/mapping", mend),
    ("POST", f"{_FILE}/guess", guess),
    ("POST", f"{_FILE}/take", take),
    ("POST", f"{_FILE}/stop", stop),
    ("POST", f"{_FILE}/drop", drop),
    ("GET", f"{_FILE}/marked.xlsx", marked),
)
