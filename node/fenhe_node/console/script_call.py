"""`POST /api/import`: a script sends a file or JSON records and gets the report of `import --json`.

It has a token of its own and no session: no page of a browser can send it, for a browser asks
before it sends such a header to another place, and nobody answers that. Start at `import_call`.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from fenhe_node.collecting.folder import shown
from fenhe_node.collecting.script_token import is_token
from fenhe_node.console.asking import CONSOLE, Console
from fenhe_node.importing.by_script import Place, Sent, import_sent
from fenhe_node.importing.facts import import_facts_of
from fenhe_node.importing.file import ImportReport
from fenhe_node.report import Exit
from fenhe_node.store import Store
from fenhe_protocol.errors import FenheError, InputError, PublisherError, RequestError, SetupError

PATH = "/api/import"
_PROBLEM = "application/problem+json"
_MAPPING = re.compile(r"[^/\\\0]{1,100}\.ya?ml")
_KNOWN = frozenset(("name", "kind", "mapping", "list", "part"))
_STATUS = {Exit.DONE: 200, Exit.IN_PART: 207, Exit.REFUSED: 422}


async def import_call(request: web.Request) -> web.Response:
    """Answer one call; problem+json where nothing could be taken."""
    console = request.app[CONSOLE]
    try:
        _admit(request, console)
        sent = _sent(request, console, await _body(request))
        done = await asyncio.to_thread(_import, sent, console)
    except FenheError as error:
        return _answer(error.problem(), _status(error), _PROBLEM)
    code = _exit(done)
    return _answer({**import_facts_of(done), "exit": int(code)}, _STATUS[code], "application/json")


def _admit(request: web.Request, console: Console) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not is_token(console.home.path, token.strip()):
        raise RequestError("source.token", status=401, where=PATH)


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise RequestError("source.size", status=413, where=PATH) from error


def _sent(request: web.Request, console: Console, raw: bytes) -> Sent:
    query = request.query
    for name in query:
        if name not in _KNOWN:
            raise _wrong(name, ", ".join(sorted(_KNOWN)))
    as_json = request.content_type == "application/json"
    if not query.get("name") and not (as_json and query.get("list")):
        raise _wrong("name", "文件名 the file's name")
    if query.get("part", "0") not in ("0", "1"):
        raise _wrong("part", "0, 1")
    return Sent(
        raw,
        shown(query.get("name") or query["list"]),
        as_json,
        query.get("kind"),
        _mapping(query.get("mapping", ""), console.home.path),
        query.get("part") == "1",
        query.get("list", ""),
    )


def _mapping(name: str, home: Path) -> Path | None:
    if not name:
        return None
    if not _MAPPING.fullmatch(name) or name.startswith("."):
        raise _wrong("mapping", "本目录中的 .yaml 文件名 a .yaml file of the node's folder")
    return home / name


def _wrong(name: str, expected: str) -> RequestError:
    return RequestError("request.parameter", status=400, where=name, expected=expected)


def _import(sent: Sent, console: Console) -> tuple[ImportReport, ...]:
    with Store.open(console.home.store) as store:
        unit, path = console.node.root.unit, console.home.path
        place = Place(path, store, console.schemas, unit, console.now(), "script")
        return import_sent(sent, place)


def _exit(done: Sequence[ImportReport]) -> Exit:
    if not any(report.refused for report in done):
        return Exit.DONE
    return Exit.IN_PART if any(report.staged for report in done) else Exit.REFUSED


def _status(error: FenheError) -> int:
    if isinstance(error, RequestError):
        return error.status
    if isinstance(error, InputError | PublisherError):
        return 422
    return 400 if isinstance(error, SetupError) else 503


def _answer(value: dict[str, Any], status: int, content_type: str) -> web.Response:
    text = json.dumps(value, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type=content_type)
