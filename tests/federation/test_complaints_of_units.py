"""What those who fill such systems complain of most, each turned into a promise that is kept here.

The numbers are those of the list of complaints: 8 a schedule that stops silently, 9 publishing by
script, 14 a spreadsheet's encoding and delimiters, 15 a history of usage that is wrong or tells who
used what. Those of the hub's side are in `test_complaints`.
"""

import asyncio
import contextlib
import json
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fenhe_node.cli import main
from fenhe_node.collecting.collect import collect
from fenhe_node.collecting.jobs import source_jobs
from fenhe_node.jobs import Jobs
from fenhe_node.node import Node, open_node
from fenhe_node.runs import Run, write_runs
from fenhe_node.store import Store
from fenhe_node.usage import summarise
from tests.node import homes
from tests.node.lists import GOOD, HEADERS, SCHEMAS, write_csv
from tests.patience import until

Say = Callable[..., dict[str, Any]]
HOUR = 3600


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """A command of the terminal; its answer as JSON with the exit code."""

    def command(home: Path, *words: str) -> dict[str, Any]:
        code = main(["--home", str(home), *words, "--json"])
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return {"code": code} | told

    return command


def with_source(tmp_path: Path, text: str) -> Path:
    """A home whose configuration names one source."""
    home = homes.new_node(tmp_path / "node").home
    config = home.config_file.read_text("utf-8")
    written = re.sub(r"^sources: .*$", f"sources:\n  - {{{text}}}", config, flags=re.M)
    assert written != config
    home.config_file.write_text(written, "utf-8")
    return home.path


# 8: a schedule that was missed is flagged, and what was due is done.


async def test_a_missed_schedule_is_flagged_until_it_was_made_up_for(
    tmp_path: Path, say: Say
) -> None:
    place = write_csv(tmp_path / "台账.csv", [HEADERS, *GOOD])
    home = with_source(tmp_path, f'name: register, kind: file, place: {place}, when: "0 3 * * *"')
    node = open_node(home)
    due = int(time.time()) - HOUR
    write_runs(node.home.runs, {"source register": Run(next=due)})
    (before,) = say(home, "sources")["sources"]
    assert (before["missed"], before["began"]) == (True, 0)
    assert "source register" in say(home, "status", "--offline")["missed"]
    await _serve(node)
    (after,) = say(home, "sources")["sources"]
    assert (after["missed"], after["staged"], after["failed"]) == (False, 3, "")
    assert after["began"] > due and after["next"] > due + HOUR


async def test_a_scheduled_run_that_fails_says_so_and_when_it_tries_again(
    tmp_path: Path, say: Say
) -> None:
    home = with_source(tmp_path, 'name: register, kind: file, place: gone.csv, when: "0 3 * * *"')
    node = open_node(home)
    due = int(time.time()) - HOUR
    write_runs(node.home.runs, {"source register": Run(next=due)})
    await _serve(node)
    (told,) = say(home, "status", "--offline")["sources"]
    assert (told["code"], told["began"] > due) == ("source.unreadable", True)
    assert told["next"] > due + HOUR


async def _serve(node: Node) -> None:
    """Let the jobs of a serving node run until the source has a verdict."""

    def now() -> int:
        return int(time.time())

    jobs = Jobs(node.home.runs, source_jobs(node, now), now)
    working = asyncio.create_task(jobs.run())
    await asyncio.to_thread(until, lambda: jobs.runs["source register"].next > now())
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


# 9: whatever is clicked can be scripted, with an exit code and a report that programs read.


def test_a_script_collects_publishes_and_learns_from_exit_codes_what_came_of_it(
    tmp_path: Path, say: Say
) -> None:
    wrong = [*GOOD[0][:3], "三十五", *GOOD[0][4:]]
    place = write_csv(tmp_path / "台账.csv", [HEADERS, wrong, *GOOD[1:]])
    home = with_source(tmp_path, f"name: register, kind: file, place: {place}")
    first = say(home, "import", "--from", "register")
    assert (first["code"], first["imports"][0]["staged"]) == (4, 2)
    assert first["imports"][0]["problems"][0]["column"] == "D"
    write_csv(place, [HEADERS, *GOOD])
    assert say(home, "import", "--from", "register")["code"] == 0
    assert say(home, "publish")["code"] == 0
    place.unlink()
    assert say(home, "import", "--from", "register")["code"] == 3
    assert say(home, "import", "--from", "nobody")["code"] == 1
    assert say(home, "import")["code"] == 1


# 14: whatever encoding and delimiter a spreadsheet was saved in, it is the same list, or it is
# refused with its line.


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_a_list_is_the_same_in_every_encoding_and_delimiter(
    encoding: str, delimiter: str, tmp_path: Path, say: Say
) -> None:
    path = write_csv(
        tmp_path / "台账.csv", [HEADERS, *GOOD], encoding=encoding, delimiter=delimiter
    )
    told = say(homes.new_node(tmp_path / "node").home.path, "import", str(path))
    assert (told["code"], told["new"]) == (0, ["20150001", "20150002", "20150003"])


def test_an_encoding_that_cannot_be_told_for_certain_is_refused_with_its_line(
    tmp_path: Path, say: Say
) -> None:
    home = homes.new_node(tmp_path / "node").home.path
    for encoding, name in (("big5", "掃描電子顯微鏡"), ("cp1252", "Müller")):
        rows = [["no", "name"], ["1", "plain"], ["2", name]]
        told = say(home, "import", str(write_csv(tmp_path / "a.csv", rows, encoding=encoding)))
        assert (told["code"], told["error"]["code"]) == (3, "source.encoding")
        assert "第 3 行" in told["error"]["where"]
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "kind: instrument\nencoding: cp1252\ncolumns: {no: id, name: name_zh}\n"
        "fixed: {status: normal}\n",
        "utf-8",
    )
    told = say(home, "import", str(tmp_path / "a.csv"), "--mapping", str(mapping))
    assert (told["code"], told["new"]) == (0, ["1", "2"])


# 15: late and corrected usage is a correction, implausible usage is refused, nobody is named.

RECORDS = """
CREATE TABLE use_log(no INT, instrument TEXT, began TEXT, ended TEXT, who TEXT, kind TEXT);
INSERT INTO use_log VALUES
  (1, 'A-1', '2026-07-01 09:00', '2026-07-01 11:00', '示例甲', 'use'),
  (2, 'A-1', '2026-07-02 09:00', '2026-07-02 08:00', '示例乙', 'use'),
  (3, 'A-1', '2026-07-03 09:00', NULL, '示例乙', 'use'),
  (4, 'A-1', '2026-07-04 09:00', '2026-07-04 10:00', '示例乙', 'maintenance');
"""
USAGE = """
kind: service_record
source: use-log
columns:
  no: {field: id, prefix: "u-"}
  instrument: instrument
  began: started_at
  ended: ended_at
  who: applicant
  kind: {ignore: 见 skip_where}
minutes: {start: began, end: ended}
wait_for: [ended]
skip_where: {kind: [maintenance]}
fixed: {capture: automatic, user_class: internal}
persons: [who]
"""


async def test_usage_is_corrected_under_its_number_and_tells_nobody_who_it_was(
    tmp_path: Path,
) -> None:
    database = tmp_path / "log.db"
    _write(database, RECORDS)
    query = "SELECT * FROM use_log ORDER BY no"
    home = with_source(
        tmp_path,
        f'name: log, kind: sql, place: "sqlite:{database}", query: "{query}", mapping: u.yaml',
    )
    (home / "u.yaml").write_text(USAGE, "utf-8")
    node = open_node(home)
    homes.put(node, [homes.instrument("A-1")])
    (report,) = (await collect(node, "log", lambda: homes.NOW)).reports
    assert (report.new, [problem.code for problem in report.problems][:1]) == (
        ("u-1",),
        ["value.span"],
    )
    assert len(report.skipped) == 2
    clock = homes.Clock()
    homes.publish_all(node, clock)
    # Half a year later an hour too much is taken back, and a late one comes in.
    _write(database, "UPDATE use_log SET ended = '2026-07-01 10:00' WHERE no = 1")
    _write(database, "UPDATE use_log SET ended = '2026-07-03 12:00' WHERE no = 3")
    clock.at += 180 * 86_400
    (report,) = (await collect(node, "log", clock.now)).reports
    assert (report.new, report.changed) == (("u-3",), ("u-1",))
    homes.publish_all(node, clock)
    bodies = homes.bodies(node, "usage", "hub", 3)
    told = [(body["id"], body["effective_minutes"]) for body in bodies]
    # What was said first stays in the log beside its correction.
    assert told == [("u-1", 120), ("u-1", 60), ("u-3", 180)]
    assert {body["capture"] for body in bodies} == {"automatic"}
    assert "示例" not in json.dumps(bodies, ensure_ascii=False)
    with Store.open(node.home.store) as store:
        done = summarise(
            store, "2026-Q3", schemas=SCHEMAS, unit=homes.UNIT, now=clock.at, anyway=True
        )
    assert done.withheld["A-1/2026-Q3"]


def _write(database: Path, script: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(script)
