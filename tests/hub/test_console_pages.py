"""The pages of the hub's console: every route by every role, scopes, hostile text, exports."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterator
from re import _parser as parser  # type: ignore[attr-defined]  # how a pattern is made
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook

from fenhe_client.console import passwords
from fenhe_hub.casework.book import DOMAINS
from fenhe_hub.console.act_names import ACT_NAMES
from fenhe_hub.console.app import make_app, routes
from fenhe_hub.console.asking import Reach, Route
from fenhe_hub.office.roles import PERMISSIONS, Role, may
from tests.client.browsing import Browser, before
from tests.hub import sample_records as samples
from tests.hub.consoles import Clock, console_of, department, staffed
from tests.hub.index_builder import MadeHub, build_hub
from tests.hub.index_rows import NOW

HOSTILE = '=1+1"><script>alert(1)</script><b onmouseover=x>'
OTHERS = (samples.INSTITUTE, samples.COMPANY, samples.SILENT)
_PART = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}")


@pytest.fixture(scope="module", autouse=True)
def cheap() -> Iterator[None]:
    """What a password costs is kept beside it: these cost next to nothing."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "COST", 2**4)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHub:
    """Four units whose names and ids are hostile, accounts of all roles, and a department."""
    made = build_hub(tmp_path_factory.mktemp("console"))
    with made.db as db:
        for unit_no, pub in db.execute(
            "SELECT unit_no, pub FROM resource WHERE kind = 'unit'"
        ).fetchall():
            told = orjson.dumps(orjson.loads(pub) | {"name_zh": f"{HOSTILE}{unit_no}"}).decode()
            where = "WHERE unit_no = ? AND kind = 'unit'"
            db.execute(
                f"UPDATE resource SET pub = ?, name_zh = ? {where}", [told, HOSTILE, unit_no]
            )
        for unit_no in (2, 3):
            db.execute(
                "INSERT INTO finding(unit_no, rule, kind, id, state, due, todo_zh)"
                " VALUES(?, 'D1', 'instrument', ?, 'overdue', '2026-11-01', ?)",
                [unit_no, f"{HOSTILE}-{unit_no}", HOSTILE],
            )
    db.close()
    hub = made.hub
    staffed(hub, *(role.value for role in Role), at=NOW)
    department(hub, "Z1", samples.UNIVERSITY, at=NOW)
    staffed(hub, *(f"{role}-z" for role in Role), authority="Z1", at=NOW)
    return made


@pytest.fixture
async def browser(made: MadeHub) -> AsyncIterator[Browser]:
    async with before(make_app(console_of(made.hub, Clock(NOW)))) as browser:
        yield browser


def matching(pattern: str) -> str:
    """A short text that matches: of choices the first, of repetitions the fewest."""
    return "".join(_piece(*each) for each in parser.parse(pattern))


def _piece(kind: object, told: Any) -> str:
    match str(kind):
        case "LITERAL":
            return chr(told)
        case "IN":
            return _piece(*next(each for each in told if str(each[0]) != "NEGATE"))
        case "RANGE":
            return chr(told[0])
        case "MAX_REPEAT":
            times: int = max(1, told[0])
            return "".join(_piece(*each) for each in told[2]) * times
        case "SUBPATTERN":
            return "".join(_piece(*each) for each in told[3])
        case "BRANCH":
            return "".join(_piece(*each) for each in told[1][0])
        case _:
            return "1"


def path_of(route: Route, unit: str = samples.UNIVERSITY) -> str:
    """A path that the route answers."""

    def filled(part: re.Match[str]) -> str:
        if part[1] == "unit":
            return unit
        text = matching(part[2]) if part[2] else "1"
        assert re.fullmatch(part[2] or ".", text), route.path
        return text

    return _PART.sub(filled, route.path)


async def ask(browser: Browser, route: Route, unit: str = samples.UNIVERSITY) -> tuple[int, str]:
    if route.method == "GET":
        status, text, _ = await browser.get(path_of(route, unit), follow=False)
    else:
        status, text, _ = await browser.post(path_of(route, unit), follow=False)
    return status, text


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("role", Role)
async def test_no_role_gets_what_it_is_not_permitted(browser: Browser, role: Role) -> None:
    await browser.sign_in(role)
    for route in routes():
        if not may(role, route.permission):
            assert (await ask(browser, route))[0] == 403, name_of(route)


async def test_whoever_has_not_signed_in_gets_nothing(browser: Browser) -> None:
    await browser.get("/sign-in")
    for route in routes():
        assert (await ask(browser, route))[0] == 303, name_of(route)


def first_role(route: Route) -> Role:
    return next(role for role in Role if route.permission in PERMISSIONS[role])


async def test_a_department_sees_nothing_of_units_that_are_not_its_own(
    made: MadeHub, browser: Browser
) -> None:
    foreign = [
        *OTHERS,
        *(unit.origin for unit in made.units[1:]),
        *(f"{HOSTILE}{n}" for n in (2, 3)),
    ]
    shown = [text for each in foreign for text in (each, each.replace("<", "&lt;"))]
    for role in Role:
        mine = [each for each in routes() if first_role(each) is role]
        if not mine:
            continue
        await browser.get("/sign-in")
        await browser.sign_in(f"{role}-z")
        for route in mine:
            if route.reach is Reach.PROVINCE:
                assert (await ask(browser, route))[0] == 403, name_of(route)
                continue
            if route.reach is Reach.UNIT:
                for unit in OTHERS:
                    assert (await ask(browser, route, unit))[0] == 403, name_of(route)
            if route.method == "GET":
                status, text = await ask(browser, route)
                assert status < 500 and "office." not in text, name_of(route)
                found = [each for each in shown if each in text]
                assert not found, (name_of(route), found)
        await browser.post("/sign-out")


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMINISTRATOR, Role.DECIDER])
async def test_hostile_text_acts_on_no_page_and_every_form_has_its_token(
    browser: Browser, role: Role
) -> None:
    await browser.sign_in(role)
    for route in routes():
        if route.method != "GET" or not may(role, route.permission):
            continue
        for unit in OTHERS[:1] if route.reach is Reach.UNIT else ("",):
            status, text = await ask(browser, route, unit)
            assert status < 500, name_of(route)
            assert "<script" not in text and "<b onmouseover" not in text, name_of(route)
            for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.S):
                assert 'name="token"' in form, name_of(route)


async def test_a_list_filters_sorts_turns_and_links_to_exactly_what_is_seen(
    made: MadeHub, browser: Browser
) -> None:
    await browser.sign_in(Role.VIEWER)
    _, text, _ = await browser.get("/findings")
    assert text.count("<tr>") == 1 + 8 and "要处理的" in text  # met ones are left out
    _, text, _ = await browser.get("/findings?state=all&order=-rule&q=A-1003&other=1")
    assert text.count("<tr>") == 1 + 1
    assert 'href="/findings?q=A-1003&amp;state=all&amp;order=-rule"' in text
    _, text, _ = await browser.get(f"/findings?unit={samples.INSTITUTE}")
    assert text.count("<tr>") == 1 + 1
    _, text, _ = await browser.get("/units?order=-overdue")
    names = re.findall(r'href="/unit/(\w+)"', text)
    assert set(names[:3]) == {samples.UNIVERSITY, samples.INSTITUTE, samples.COMPANY}
    _, text, _ = await browser.get("/units?state=never")
    assert re.findall(r'href="/unit/(\w+)"', text) == [samples.SILENT]
    _, text, _ = await browser.get("/units?page=99&order=nonsense&state=nonsense")
    assert text.count("<tr>") == 1 + 4


async def test_exports_hold_the_whole_view_with_ids_as_text_and_nothing_acts(
    made: MadeHub, browser: Browser
) -> None:
    await browser.sign_in(Role.VIEWER)
    status, _, headers = await browser.get("/findings?form=csv&state=overdue")
    assert status == 200 and "findings-2026-11-23.csv" in headers["Content-Disposition"]
    assert browser.body.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(browser.body.decode("utf-8-sig"))))
    assert len(lines) == 1 + 4
    assert all(not cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line)
    await browser.get("/findings?form=xlsx&state=overdue")
    sheet = load_workbook(io.BytesIO(browser.body)).active
    assert sheet is not None and sheet.max_row == 1 + 4
    codes = {cell.value: cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row}
    assert codes[samples.INSTITUTE] == "s" and "f" not in codes.values()
    assert (await browser.get("/findings?form=exe"))[0] == 400


async def test_a_finding_and_a_unit_tell_all_and_link_on(made: MadeHub, browser: Browser) -> None:
    await browser.sign_in(Role.VIEWER)
    path = f"/finding/{samples.UNIVERSITY}?rule=D1&kind=instrument&id=A-1003"
    status, text, _ = await browser.get(path)
    assert status == 200 and "于2026-11-20前补齐" in text and "u1.example/fenhe/catalogue#4" in text
    status, text, _ = await browser.get(path.replace("?", "/why?"))
    assert status in (200, 503), text
    assert (await browser.get(f"/finding/{samples.UNIVERSITY}?rule=D1&id=none"))[0] == 404
    status, text, _ = await browser.get(f"/unit/{samples.UNIVERSITY}")
    assert status == 200 and "回执" in text and "仪器" in text and "Z1" in text
    assert 'href="/units" aria-current="page"' in text
    assert (await browser.get("/unit/12140000000000999X"))[0] == 404


async def test_today_counts_what_waits_and_links_to_it(browser: Browser) -> None:
    await browser.sign_in(Role.OPERATOR)
    status, text, _ = await browser.get("/")
    assert status == 200 and 'href="/findings?state=overdue&amp;rule=D1"' in text
    assert 'href="/units?state=stale"' in text


async def test_the_audit_log_is_found_by_account_act_subject_and_day(browser: Browser) -> None:
    await browser.sign_in(Role.AUDITOR)
    for query, rows in (
        ("name=account.made&about=viewer", 1),
        ("by=nobody&name=account.signed_in", 0),
        ("name=account.made&until=2026-11-22", 0),
        ("name=account.made&since=2026-11-23&until=2026-11-23", 10),
        ("about=" + samples.UNIVERSITY, 1),
    ):
        _, text, _ = await browser.get(f"/audit?{query}")
        assert max(0, text.count("<tr>") - 1) == rows, query
    assert (await browser.get("/audit?since=x"))[0] == 400


def test_every_act_that_changes_a_table_has_a_name_on_pages() -> None:
    assert {name for domain in DOMAINS for name in domain.FOLDS} <= ACT_NAMES.keys()


async def test_settings_are_shown_and_secrets_are_not(browser: Browser) -> None:
    await browser.sign_in(Role.ADMINISTRATOR)
    _, text, _ = await browser.get("/settings")
    assert "publish_seconds" in text and "mail.host" in text
