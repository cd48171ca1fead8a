"""The hub's console at 300 units, 60,000 instruments and 200,000 findings (`make bench-console`).

`python -m tests.bench.hub_console [--rounds 40] [--write]`: every page of the office's day over a
real socket, as an account of the whole province; p95 in milliseconds, and as a ratio to an empty
page of the same server in the same round (goal: no more than 20, none above half a second).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from statistics import median

import aiohttp
import orjson
from aiohttp.test_utils import TestServer
from yarl import URL

from deploy.demo.ports import free_port
from fenhe_hub.console.app import make_app, routes
from fenhe_hub.hub import Hub
from fenhe_hub.index.searchable import Searchable, index_resources
from fenhe_hub.index.tables import create_index, log_number
from fenhe_hub.office.roles import Role, may
from fenhe_hub.operations.setup import init_hub
from fenhe_protocol.identifiers import uscc_check_character
from tests.bench.machine import describe
from tests.bench.page import keep
from tests.client.browsing import PASSWORD
from tests.hub.consoles import Clock, console_of, staffed
from tests.hub.index_rows import NOW

UNITS, INSTRUMENTS, FINDINGS = 300, 60_000, 200_000
RULES = ("D1", "D2", "D3", "D4", "D6", "D8")
STATES = (
    ("met",) * 70
    + ("not_applicable",) * 15
    + ("due",) * 7
    + ("overdue",) * 5
    + (*("unknown", "unknown", "exempt"),)
)
EMPTY = "/password"


def code(number: int) -> str:
    """The code of an invented unit."""
    first = f"1214000000000{number:04}"
    return first + uscc_check_character(first)


UNIT_1 = code(1)
PAGES = (
    *("/", "/units", "/units?order=-overdue&page=3", "/findings", "/findings?state=all&page=2000"),
    *("/findings?state=overdue&rule=D2&order=-due", "/findings?q=%E7%A4%BA%E4%BE%8B+7&state=all"),
    *("/findings?order=unit&state=all", f"/unit/{UNIT_1}", f"/unit/{UNIT_1}/acts"),
    *(f"/finding/{UNIT_1}?rule=D1&kind=instrument&id=A-1", "/audit", "/accounts", "/settings"),
)


def build(folder: Path) -> Hub:
    """A hub whose index is full; nothing is signed, for no page looks at a signature."""
    url = f"http://127.0.0.1:{free_port()}"
    hub = init_hub(folder / "hub", "hub.example/fenhe", url, code(9999), now=NOW)
    staffed(hub, *Role, at=NOW)
    with closing(create_index(hub.home.index)) as db:
        db.execute("BEGIN")
        db.executemany("INSERT INTO unit VALUES(?,?,?,?,?,?,?,?)", units())
        db.executemany(
            "INSERT INTO log(log_no, unit_no, origin, name, epoch, size, root, indexed)"
            " VALUES(?,?,?,?,1,?,?,?)",
            logs(),
        )
        fill(db)
        db.executemany(
            "INSERT INTO finding(unit_no, rule, kind, id, state, due, since, evidence, todo_zh,"
            " todo_en, judged, ground) VALUES(?,?,?,?,?,?,?,'[]','补齐','complete',?,1)",
            findings(),
        )
        db.execute("COMMIT")
    return hub


def units() -> Iterator[tuple[object, ...]]:
    for n in range(1, UNITS + 1):
        origin = f"u{n}.example/fenhe"
        yield n, origin, code(n), "enrolled", f"https://{origin}", "0" * 64, 0, NOW - 9_000_000


def logs() -> Iterator[tuple[object, ...]]:
    for n in range(1, UNITS + 1):
        for name in ("catalogue", "usage"):
            size = INSTRUMENTS // UNITS
            origin = f"u{n}.example/fenhe/{name}"
            yield log_number(n, name, 1), n, origin, name, size, b"", size


def fill(db: sqlite3.Connection) -> None:
    """The records, and what is searched of them."""
    for n in range(1, UNITS + 1):
        told = {"unit": code(n), "kind": "unit", "id": code(n), "name_zh": f"示例 {n} 大学"}
        rows: list[tuple[int, str, str, str, str | None, str | None]] = [
            (n, "unit", code(n), orjson.dumps(told).decode(), None, None)
        ]
        for each in range(INSTRUMENTS // UNITS):
            pub = {"unit": code(n), "kind": "instrument", "id": f"A-{each}", "name_zh": "示例仪器"}
            rows.append(
                (n, "instrument", f"A-{each}", orjson.dumps(pub).decode(), "太原市", "from_50")
            )
        log_no = log_number(n, "catalogue", 1)
        db.executemany(
            "INSERT INTO resource(unit_no, kind, id, log_no, pub_idx, first_idx, pub, city,"
            f" value_band) VALUES(?,?,?,{log_no},0,0,?,?,?)",
            rows,
        )
        facets = {"city": "太原市", "class_code": None, "value_band": "from_50", "status": None}
        index_resources(
            db, [Searchable(n, kind, id_, pub, **facets) for _, kind, id_, pub, _, _ in rows[1:]]
        )


def findings() -> Iterator[tuple[object, ...]]:
    chance = random.Random(1)
    each_unit = FINDINGS // UNITS
    for n in range(1, UNITS + 1):
        for number in range(each_unit):
            rule = RULES[number % len(RULES)]
            state = chance.choice(STATES)
            due = f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
            since = due if state == "overdue" else None
            id_ = f"A-{number // len(RULES) + 1}" if number != 1 else "A-1"
            yield n, rule, "instrument", id_, state, due, since, state


def pages() -> Iterator[tuple[str, Role]]:
    """The empty page, ours with what they ask, and every other that has one address."""
    yield EMPTY, Role.ADMINISTRATOR
    yield from ((path, Role.ADMINISTRATOR) for path in PAGES)
    for route in routes():
        if route.method == "GET" and "{" not in route.path and route.path not in (EMPTY, *PAGES):
            yield route.path, next(role for role in Role if may(role, route.permission))


async def measure(hub: Hub, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each page in each round, the empty one first."""
    times: dict[str, list[float]] = {path: [] for path, _ in pages()}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(make_app(console_of(hub, Clock(NOW)))))
        base = server.make_url("/")
        sessions = {role: await _signed_in(stack, base, role) for role in Role}
        for number in range(rounds + 1):
            for path, role in pages():
                began = time.perf_counter()
                async with sessions[role].get(base.join(URL(path, encoded=True))) as answer:
                    is_page = "退出" in (await answer.read()).decode("utf-8", "replace")
                took = (time.perf_counter() - began) * 1000
                assert answer.status < 500 and (is_page or path not in PAGES), path
                if (
                    number and answer.status == 200 and is_page
                ):  # the first one compiles the templates
                    times[path].append(took)
    return {path: told for path, told in times.items() if told}  # some pages are of one thing


async def _signed_in(stack: AsyncExitStack, base: URL, name: str) -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)
    http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
    async with http.get(base / "sign-in") as answer:
        found = re.search(r'name="token" value="([^"]+)"', await answer.text())
    assert found is not None
    form = {"token": found[1], "name": name, "password": PASSWORD}
    async with http.post(base / "sign-in", data=form) as answer:
        assert answer.status == 200
    return http


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]


def told(times: dict[str, list[float]]) -> list[str]:
    """One line for each page."""
    empty = p95(times[EMPTY])
    lines = ["| page | median ms | p95 ms | p95 / empty page |", "|---|---|---|---|"]
    for path, each in times.items():
        row = (median(each), p95(each), p95(each) / empty)
        lines.append(f"| `{path}` | {row[0]:.1f} | {row[1]:.1f} | {row[2]:.1f} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        hub = build(Path(folder))
        lines = told(asyncio.run(measure(hub, options.rounds)))
    print("\n".join(lines))
    if options.write:
        keep("hub-console", "\n".join((describe(), "", *lines)))


if __name__ == "__main__":
    main()
