"""A list in Excel looked at, its columns corrected, then taken into its register. Start at `look`.

The file waits in the home (`sheets.kept`), so that what is taken in is the very file that was
looked at. Whose register it is stands in `office.lists.taking`.
"""

import json
from functools import partial
from typing import Any

from fenhe_client.sheets import kept
from fenhe_client.sheets.kept import Kept
from fenhe_client.sheets.marking import marked_name
from fenhe_hub.api.spreadsheet import FORMATS
from fenhe_hub.console.asking import Answer, Asked, Download, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.office.entered import day
from fenhe_hub.office.lists.reading import ListRead, by_place, read_list
from fenhe_hub.office.lists.taking import LISTS
from fenhe_protocol.errors import InputError

_SHOWN = 200  # problems on one page; the marked copy has all
BACK = {
    "obliged": "/obliged",
    "authorities": "/authorities",
    "belongings": "/authorities",
    "reviews": "/reviews",
    "evaluations": "/evaluations",
}


def give(name: str, asked: Asked) -> Answer:
    """Keep a file that was sent, and look at it."""
    given, home = asked.form.upload("file"), asked.console.hub.home
    kept.sweep(home, asked.now)
    file = kept.keep(home, given.path, given.name, now=asked.now, by=asked.by)
    due = day(asked.form.text("due_on"), "due_on", optional=True)
    _remember(asked, file, name, {}, due)
    return GoTo(f"/lists/{name}/{file.sha256}")


def _remember(asked: Asked, file: Kept, name: str, chosen: dict[str, str], due: str) -> None:
    told = json.dumps({"chosen": chosen, "due": due}, ensure_ascii=False)
    kept.say(asked.console.hub.home, file, source=told, kind=name)


def look(name: str, asked: Asked) -> Answer:
    """What the file says, what is wrong where, and what taking it would do."""
    file, told = _found(name, asked)
    taking = LISTS[name]
    context: dict[str, Any] = {
        "file": file,
        "form": taking.form,
        "taking": taking,
        "base": f"/lists/{name}/{file.sha256}",
        "back": BACK[name],
        "due": told["due"],
        "read": None,
        "error": None,
        "effect": None,
    }
    try:
        read = _read(asked, name, file, told)
    except InputError as error:
        return Page("console/list_import.html", context | {"error": error}, status=422)
    if taking.foresee is not None:
        with asked.console.casework() as casework:
            context["effect"] = taking.foresee(casework, read, told["due"])
    problems = list(by_place(read.problems))
    context |= {"read": read, "problems": problems[:_SHOWN], "found": len(problems)}
    return Page("console/list_import.html", context)


def choose(name: str, asked: Asked) -> Answer:
    """Say what the columns mean, and the deadline of rows that name none."""
    file, _ = _found(name, asked)
    headers, fields = asked.form.all("header"), asked.form.all("field")
    chosen = dict(zip(headers, fields, strict=False))
    due = day(asked.form.text("due_on"), "due_on", optional=True)
    _remember(asked, file, name, chosen, due)
    return GoTo(f"/lists/{name}/{file.sha256}")


def take(name: str, asked: Asked) -> Answer:
    """Take in the rows in which nothing is wrong."""
    file, told = _found(name, asked)
    read = _read(asked, name, file, told)
    done = LISTS[name].take(asked.console.office, staff_of(asked), read, told["due"])
    said = f"新增 {len(done.new)}，改动 {len(done.changed)}，不变 {len(done.same)}"
    if read.problems:
        said += f"；退回 {read.refused} 行，下载标注的工作簿改好再导入"
        return GoTo(f"/lists/{name}/{file.sha256}", said)
    kept.drop(asked.console.hub.home, file.sha256)
    return GoTo(BACK[name], said)


def drop(name: str, asked: Asked) -> Answer:
    """Keep the file no longer."""
    file, _ = _found(name, asked)
    kept.drop(asked.console.hub.home, file.sha256)
    return GoTo(BACK[name], "已放弃这个文件")


def marked(name: str, asked: Asked) -> Answer:
    """The file with its wrong cells marked."""
    file, told = _found(name, asked)
    body = _read(asked, name, file, told).marked()
    return Download(body, marked_name(file.name), FORMATS["xlsx"])


def _found(name: str, asked: Asked) -> tuple[Kept, dict[str, Any]]:
    """The file, and what was said of it; InputError `import.gone`."""
    file = kept.find(asked.console.hub.home, asked.parts["sha256"])
    if file.kind != name:
        raise InputError("import.gone", where=file.sha256[:12])
    return file, json.loads(file.source)


def _read(asked: Asked, name: str, file: Kept, told: dict[str, Any]) -> ListRead:
    path = kept.path_of(asked.console.hub.home, file)
    return read_list(path, LISTS[name].form, told["chosen"], name=file.name)


def _routes(name: str) -> tuple[Route, ...]:
    permission, at = LISTS[name].permission, f"/lists/{name}/{{sha256}}"
    asked_for = (
        ("POST", f"/lists/{name}", give),
        ("GET", at, look),
        ("POST", f"{at}/columns", choose),
        ("POST", f"{at}/take", take),
        ("POST", f"{at}/drop", drop),
        ("GET", f"{at}/marked.xlsx", marked),
    )
    return tuple(
        Route(method, path, partial(handler, name), permission, Reach.PROVINCE)
        for method, path, handler in asked_for
    )


ROUTES = tuple(route for name in LISTS for route in _routes(name))
