"""Named sources: what comes from where, with which verdict, and what never happens."""

import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from fenhe_node.collecting import verdicts
from fenhe_node.collecting.collect import collect
from fenhe_node.collecting.overview import overview
from fenhe_node.collecting.sql import run_query
from fenhe_node.collecting.verdicts import Collected
from fenhe_node.node import Node
from fenhe_node.runs import Run
from fenhe_node.settings.sources import SourceSettings
from fenhe_node.sources.nemo import fixture_tables
from fenhe_node.store import Store, imports, records
from fenhe_protocol.errors import Deferred, FenheError, InputError, SetupError
from fenhe_protocol.settings import read_settings
from tests.node import homes
from tests.node.lists import DATA, GOOD, HEADERS, write_csv
from tests.node.nemo_house import TOKEN, Nemo, event, laboratory

MAPPINGS = Path(__file__).resolve().parents[2] / "deploy" / "mappings"
FIXTURE = DATA / "nemo" / "splash_pad.json"


def source(name: str = "s", **settings: Any) -> SourceSettings:
    return SourceSettings(name=name, **settings)


def with_sources(path: Path, *sources: SourceSettings) -> Node:
    node = homes.new_node(path / "node")
    for each in MAPPINGS.glob("*.yaml"):
        shutil.copy(each, node.home.path)
    return replace(node, config=replace(node.config, sources=sources))


async def run(node: Node, name: str = "s", at: int = homes.NOW, **options: Any) -> Collected:
    return await collect(node, name, lambda: at, **options)


def ids(node: Node, kind: str) -> list[str]:
    with Store.open(node.home.store) as store:
        return sorted(records.ids(store, kind))


def found(node: Node, kind: str, id: str) -> dict[str, Any]:
    with Store.open(node.home.store) as store:
        record = records.find(store, kind, id)
    assert record is not None
    return dict(record.record)


def last(node: Node, name: str = "s") -> verdicts.Verdict:
    with Store.open(node.home.store) as store:
        verdict = verdicts.last(store, name)
    assert verdict is not None
    return verdict


async def test_a_file_comes_by_its_name(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD])
    node = with_sources(tmp_path, source(kind="file", place=str(path)))
    done = await run(node)
    assert done.reports[0].new == ("20150001", "20150002", "20150003")
    assert last(node) == done.verdict
    assert done.verdict.good


async def test_an_unknown_source_is_named(tmp_path: Path) -> None:
    node = with_sources(tmp_path, source(kind="file", place="a.csv"))
    with pytest.raises(SetupError, match=r"source\.unknown.*: t;"):
        await run(node, "t")


async def test_what_ends_a_run_is_kept_and_shown(tmp_path: Path) -> None:
    node = with_sources(tmp_path, source(kind="file", place="none.csv", when="0 3 * * *"))
    with pytest.raises(InputError, match=r"source\.unreadable"):
        await run(node)
    assert last(node).code == "source.unreadable"
    runs = {"source s": Run(next=homes.NOW - 3600)}
    with Store.open(node.home.store) as store:
        (told,) = overview(store, node.config.sources, runs, homes.NOW)
    assert (told.code, told.missed, told.began) == ("source.unreadable", True, homes.NOW)


# SQL


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "booking.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            """
            CREATE TABLE instrument(no TEXT, name TEXT, price REAL, state TEXT);
            INSERT INTO instrument VALUES
              ('A-1', '扫描电子显微镜', 35.5, '正常'), ('A-2', '核磁共振波谱仪', NULL, '坏');
            """
        )
    return path


REGISTER = """
kind: instrument
source: register
columns:
  no: id
  name: name_zh
  price: {field: value_yuan, unit: 万元}
  state: {field: status, values: {正常: normal}}
"""


def sql(**settings: Any) -> SourceSettings:
    given = {"query": "SELECT no, name, price, state FROM instrument ORDER BY no"} | settings
    return source(kind="sql", mapping="register.yaml", **{"place": "sqlite:b.db"} | given)


def sqlite_node(tmp_path: Path, database: Path, **settings: Any) -> Node:
    node = with_sources(tmp_path, sql(place=f"sqlite:{database}", **settings))
    (node.home.path / "register.yaml").write_text(REGISTER, "utf-8")
    return node


async def test_a_query_gives_records_and_its_faults_name_table_and_key(
    tmp_path: Path, database: Path
) -> None:
    node = sqlite_node(tmp_path, database)
    (report,) = (await run(node)).reports
    assert report.new == ("A-1",)
    assert found(node, "instrument", "A-1")["value_yuan"] == 355000
    (problem,) = report.problems
    assert str(problem.place) == "booking.db · query · no=A-2"
    assert problem.line().startswith('booking.db · query · no=A-2  state  "坏"  应为下列之一')
    with Store.open(node.home.store) as store:
        assert imports.problems(store, report.number) == (problem,)
        assert [row.key for row in imports.rows(store, report.number)] == ["no=A-1", "no=A-2"]


async def test_the_same_answer_again_changes_nothing(tmp_path: Path, database: Path) -> None:
    node = sqlite_node(tmp_path, database)
    await run(node)
    (report,) = (await run(node, at=homes.NOW + 60)).reports
    assert (report.new, report.changed, report.unchanged) == ((), (), ("A-1",))


async def test_a_row_that_vanished_is_listed(tmp_path: Path, database: Path) -> None:
    node = sqlite_node(tmp_path, database)
    await run(node)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM instrument")
    (report,) = (await run(node)).reports
    assert (report.rows, report.vanished, report.deleted) == (0, ("A-1",), ())


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM instrument",
        "SELECT no FROM instrument; DELETE FROM instrument",
        "PRAGMA table_info(instrument)",
        "ATTACH 'other.db' AS other",
        "SELECT no, no FROM instrument",
        "/* SELECT */ DROP TABLE instrument",
        "WITH x AS (SELECT 1) DELETE FROM instrument",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_table_info('instrument')",
        "SELECT broken FROM nowhere",
    ],
)
def test_a_query_that_is_not_one_reading_select_is_refused(
    query: str, tmp_path: Path, database: Path
) -> None:
    before = database.read_bytes()
    with pytest.raises(FenheError, match=r"source\.(query|unreached)"):
        run_query(f"sqlite:{database}", query, "", home=tmp_path, where="booking.db")
    assert database.read_bytes() == before


@pytest.mark.parametrize("how", ["INTO OUTFILE '/tmp/x'", "/*!50000 into dumpfile '/tmp/x' */"])
def test_no_query_writes_a_file_on_the_server(how: str, tmp_path: Path) -> None:
    # MySQL lets it, in a transaction that only reads too.
    place = "mysql://reader@127.0.0.1:9/lims"
    with pytest.raises(SetupError, match=r"source\.query"):
        run_query(place, f"SELECT * {how} FROM t", "", home=tmp_path, where="lims")


async def test_a_semicolon_inside_a_text_is_no_second_query(tmp_path: Path, database: Path) -> None:
    query = "SELECT no, name, price, '正常' AS state FROM instrument -- ; \n WHERE name <> 'a;b'"
    node = sqlite_node(tmp_path, database, query=query)
    assert (await run(node)).reports[0].staged == 2


async def test_a_text_in_another_encoding_is_refused_at_its_cell_and_not_quoted(
    tmp_path: Path, database: Path
) -> None:
    query = "SELECT no, CAST(x'c9a8c3e8' AS TEXT) AS name, price, '正常' AS state FROM instrument"
    node = sqlite_node(tmp_path, database, query=query)
    (report,) = (await run(node)).reports
    assert {problem.code for problem in report.problems} == {"cell.garbled"}
    assert str(report.problems[0].place) == "booking.db · query · no=A-1"


async def test_too_many_rows_are_refused_not_cut(tmp_path: Path, database: Path) -> None:
    many = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200001)"
        " SELECT i AS no, i AS name, i AS price, i AS state FROM n"
    )
    node = sqlite_node(tmp_path, database, query=many)
    with pytest.raises(InputError, match=r"source\.size"):
        await run(node)


async def test_a_driver_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    node = with_sources(tmp_path, sql(place="postgresql://u@127.0.0.1:1/d"))
    with pytest.raises(SetupError, match=r"source\.driver.*fenhe\[postgresql\]"):
        await run(node)


# NEMO


def nemo_source(nemo: Nemo, table: str = "usage_events", **settings: Any) -> SourceSettings:
    mapping = "nemo-usage.yaml" if table == "usage_events" else "nemo-tools.yaml"
    given: dict[str, Any] = {"mapping": mapping, "table": table, "secret_env": "NEMO_TOKEN"}
    return source(kind="nemo", place=nemo.url, **given | {"allow_private": True} | settings)


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_TOKEN", TOKEN)


async def test_usage_events_of_nemo_become_services_of_its_tools(tmp_path: Path) -> None:
    async with laboratory() as nemo:
        tools = replace(nemo_source(nemo, "tools"), name="tools")
        node = with_sources(tmp_path, nemo_source(nemo), tools)
        await run(node, "tools")
        (report,) = (await run(node)).reports
    assert ids(node, "instrument") == ["nemo-7", "nemo-8"]
    assert report.new == ("nemo-1", "nemo-2")
    assert found(node, "service_record", "nemo-1") == {
        "unit": homes.UNIT,
        "kind": "service_record",
        "id": "nemo-1",
        "instrument": "nemo-7",
        "started_at": "2026-07-01T09:00:00+08:00",
        "ended_at": "2026-07-01T11:00:00+08:00",
        "effective_minutes": 150,
        "user_class": "internal",
        "applicant": "示例 甲",
        "applicant_unit": "示例课题组",
        "project_name": "示例课题",
        "way": 1,
        "capture": "automatic",
    }
    assert found(node, "service_record", "nemo-2")["effective_minutes"] == 75
    why = {skipped.place.key: skipped.why_en for skipped in report.skipped}
    assert why == {
        "id=3": "held back until end is filled",
        "id=4": "skipped by the mapping: training TRUE",
    }
    # The next page is counted, never followed to where the answer says.
    assert sum("usage_events/?page=" in asked for asked in nemo.asked) == 2


async def test_a_running_use_comes_when_it_has_ended_and_a_late_correction_too(
    tmp_path: Path,
) -> None:
    async with laboratory() as nemo:
        node = with_sources(tmp_path, nemo_source(nemo))
        await run(node)
        events = nemo.tables["usage_events"]
        events[0]["end"] = "2026-07-01T02:30:00Z"
        events[2]["end"] = "2026-11-22T10:00:00+08:00"
        events.append(event(5, "2026-05-01T09:00:00+08:00", "2026-05-01T10:00:00+08:00"))
        (late,) = (await run(node, at=homes.NOW + 3600)).reports
        assert [url for url in nemo.asked if "end__gte=2026-08-23" in url]
        assert (late.new, late.changed, late.vanished) == (("nemo-3",), (), ())
        (all_of_it,) = (await run(node, at=homes.NOW + 7200, everything=True)).reports
    assert (all_of_it.new, all_of_it.changed) == (("nemo-5",), ("nemo-1",))
    assert found(node, "service_record", "nemo-1")["effective_minutes"] == 90


async def test_persons_named_before_are_sought_after_a_run_that_brought_only_what_is_new(
    tmp_path: Path,
) -> None:
    async with laboratory() as nemo:
        node = with_sources(tmp_path, nemo_source(nemo))
        await run(node)
        nemo.tables["usage_events"].clear()
        await run(node, at=homes.NOW + 3600)
    with Store.open(node.home.store) as store:
        assert "示例 甲" in imports.persons(store)


async def test_a_wrong_token_is_said_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "a-wrong-token")
    async with laboratory() as nemo:
        node = with_sources(tmp_path, nemo_source(nemo))
        with pytest.raises(Deferred, match=r"fetch\.denied") as caught:
            await run(node)
    assert "a-wrong-token" not in str(caught.value) + last(node).failed


async def test_a_local_address_has_to_be_allowed(tmp_path: Path) -> None:
    async with laboratory() as nemo:
        node = with_sources(tmp_path, nemo_source(nemo, allow_private=False))
        with pytest.raises(FenheError, match=r"fetch\.(url|address)"):
            await run(node)
    assert nemo.asked == []


async def test_pages_that_shift_are_not_half_taken(tmp_path: Path) -> None:
    async with laboratory() as nemo:
        nemo.count = 99
        node = with_sources(tmp_path, nemo_source(nemo))
        with pytest.raises(Deferred, match=r"source\.shifting"):
            await run(node)
    assert ids(node, "service_record") == []


@pytest.mark.parametrize("raw", [b"<html>", b"[1]", b'{"results": 3}', b"[" * 100_000])
async def test_an_answer_that_is_no_page_is_refused(raw: bytes, tmp_path: Path) -> None:
    async with laboratory() as nemo:
        nemo.raw = raw
        node = with_sources(tmp_path, nemo_source(nemo))
        with pytest.raises(InputError, match=r"source\.json"):
            await run(node)


async def test_the_fixture_of_nemo_gives_its_tools_and_what_was_used_of_them(
    tmp_path: Path,
) -> None:
    if not FIXTURE.exists():
        pytest.skip("../shared/data is not here")
    place = str(FIXTURE)
    tools = source("t", kind="nemo-file", place=place, mapping="nemo-tools.yaml", table="tools")
    usage = replace(tools, name="u", mapping="nemo-usage.yaml", table="usage_events")
    node = with_sources(tmp_path, tools, usage)
    (report,) = (await run(node, "t")).reports
    assert (report.rows, report.refused) == (137, 0)
    (report,) = (await run(node, "u")).reports
    assert (report.rows, report.new, len(report.skipped)) == (4, ("nemo-2", "nemo-3", "nemo-4"), 1)
    assert set(ids(node, "instrument")) >= {
        found(node, "service_record", id)["instrument"] for id in report.new
    }


def test_a_fixture_that_is_none_is_refused(tmp_path: Path) -> None:
    for raw in (b"{", b"{}", b'[{"model": 1}]', json.dumps([{"model": "NEMO.tool"}]).encode()):
        with pytest.raises(InputError, match=r"source\.json"):
            fixture_tables(raw, "a.json")


# Secrets


async def test_a_secret_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    async with laboratory() as nemo:
        settings = nemo_source(nemo, secret_env="", secret_file="token")
        node = with_sources(tmp_path, settings)
        path = node.home.path / "token"
        path.write_text(f"{TOKEN}\n", "utf-8")
        path.chmod(0o644)
        with pytest.raises(SetupError, match=r"source\.secret.*chmod 600"):
            await run(node)
        path.chmod(0o600)
        assert (await run(node)).reports[0].staged == 2


@pytest.mark.parametrize("text", ["", "two\nlines", "x" * 5000])
async def test_a_secret_that_is_no_line_of_text_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "NEMO_TOKEN", text)
    async with laboratory() as nemo:
        with pytest.raises(SetupError, match=r"source\.secret"):
            await run(with_sources(tmp_path, nemo_source(nemo)))


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"name": "A b", "kind": "file", "place": "a"}, "name"),
        ({"kind": "file", "place": ""}, "place"),
        ({"kind": "file", "place": "a", "when": "daily"}, "when"),
        ({"kind": "file", "place": "a", "query": "SELECT 1"}, "query"),
        ({"kind": "folder", "place": "a", "when": "0 0 * * *"}, "when"),
        ({"kind": "folder", "place": "a", "still_seconds": 0}, "still_seconds"),
        ({"kind": "nemo", "place": "https://a", "mapping": "m"}, "table"),
        ({"kind": "nemo-file", "place": "a", "table": "tools"}, "mapping"),
        ({"kind": "sql", "place": "sqlite:a", "mapping": "m"}, "query"),
        ({"kind": "sql", "place": "oracle:a", "mapping": "m", "query": "SELECT 1"}, "place"),
        (
            {"kind": "sql", "place": "mysql://u:p@h/d", "mapping": "m", "query": "SELECT 1"},
            "place",
        ),
        ({"kind": "file", "place": "a", "secret_file": "f", "secret_env": "E"}, "secret_env"),
        ({"kind": "file", "place": "a", "look_back_days": -1}, "look_back_days"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_named(settings: dict[str, Any], key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key}: ") as caught:
        SourceSettings(**{"name": "s"} | settings)
    assert "u:p@" not in str(caught.value)


def test_the_sources_that_the_manual_shows_can_be_written_so() -> None:
    papers = (MAPPINGS.parents[1] / "docs/zh-CN").glob("unit*.md")
    manual = "".join(paper.read_text("utf-8") for paper in papers)
    section = manual.partition("\n### 自动取数")[2]
    shown = section.partition("```yaml\n")[2].partition("```")[0]
    sources = [read_settings(SourceSettings, each) for each in yaml.safe_load(shown)["sources"]]
    assert [each.kind for each in sources] == ["sql", "nemo", "folder"]
