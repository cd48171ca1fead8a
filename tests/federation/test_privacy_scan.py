"""Invented persons in every field of every list: none of them is ever stored or served by the hub.

One story: a unit imports planted lists through the real commands, and a foreign node publishes what
ours would never sign. Then every file, database, log, page and answer is searched.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import yaml

from fenhe_node.publishing.changes import changes
from fenhe_node.publishing.drafts import draft_all
from fenhe_node.store import Store
from fenhe_protocol.schema import SchemaSet
from tests import forked
from tests.federation.crawling import crawl
from tests.federation.foreign_notes import root_members, spelled
from tests.federation.foreign_server import serving
from tests.federation.foreign_unit import ForeignUnit
from tests.federation.planting import (
    CLEAN,
    LEAST,
    columns,
    id_number,
    mail,
    mobile,
    numbered,
    planted_examples,
    spellings,
    write_list,
    write_notes,
    write_register,
)
from tests.federation.province import SOMETHING_REFUSED, Province, province_in
from tests.federation.scanning import marks_below, marks_in
from tests.node.lists import UNIT, take, write_xlsx

SCHEMAS = SchemaSet.load()
USCC = "121400000000000013"


@dataclass(frozen=True)
class Story:
    """What took part, what the commands answered, and what a stranger was given."""

    province: Province
    imports: dict[str, dict[str, Any]]
    published: dict[str, Any]
    foreign: ForeignUnit
    planted: list[tuple[str, int, str]]  # log, index, tier of every planted body
    answers: dict[str, dict[str, bytes]]  # of `hub` and `node`, by path
    dump: bytes
    checked: dict[str, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    foreign = ForeignUnit(1)
    with serving([foreign]), province_in(tmp_path_factory.mktemp("scan")) as province:
        province.found_hub()
        imports, published = _publish_lists(province)
        province.serve("hub")
        province.serve("node")
        province.enrol("node")
        planted = _publish_foreign(province, foreign)
        province.sync()
        province.hub("check")
        province.stop("hub")
        province.hub("rebuild")
        checked = province.hub("check")
        dump = _dump(province)
        province.serve("hub")
        answers = {
            "hub": crawl(province.url("hub"), _starts(USCC, foreign.uscc)),
            "node": crawl(province.url("node"), ("/", "/healthz", "/metrics")),
        }
        yield Story(province, imports, published, foreign, planted, answers, dump, checked)


def _publish_lists(province: Province) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    numbers, folder = numbered(), province.folder / "lists"
    folder.mkdir()
    province.found_node("node", "示例大学", USCC)
    imports = {}
    for kind in LEAST:
        path, mapping = write_list(folder, kind, SCHEMAS, numbers)
        command = ("import", str(path), "--mapping", str(mapping))
        imports[kind] = province.node("node", *command, allowed=SOMETHING_REFUSED)
    register = write_register(folder / "台账.xlsx", numbers)
    imports["register"] = province.node("node", "import", str(register), allowed=SOMETHING_REFUSED)
    notes = write_notes(folder / "说明.xlsx")
    imports["notes"] = province.node("node", "import", str(notes), allowed=SOMETHING_REFUSED)
    province.node("node", "check", allowed=SOMETHING_REFUSED)
    return imports, province.node("node", "publish", allowed=SOMETHING_REFUSED)


def _publish_foreign(province: Province, unit: ForeignUnit) -> list[tuple[str, int, str]]:
    """Every text of every example of the contract, with a person in it."""
    members = root_members((province.home("hub") / "public/root/1").read_bytes())
    unit.trusted += [base64.b64decode(key) for key in members["request"]]
    unit.begin(CLEAN)
    planted, spelling = [], cycle((json_line, spelled))
    for kind, tier, body in planted_examples(SCHEMAS, unit.uscc):
        log = unit.usage if SCHEMAS.kind(kind).log == "usage" else unit.catalogue
        index = log.record({tier: next(spelling)(body)})
        planted.append((log.origin, index, tier))
    unit.publish()
    province.hub("enrol", unit.url, "--fingerprint", unit.fingerprint, "--allow-private")
    return planted


def json_line(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _starts(*units: str) -> Iterator[str]:
    yield from ("/", "/search", "/units", "/findings", "/developers", "/about")
    yield from ("/healthz", "/metrics", "/root/1", "/fed/checkpoint", "/fed/body/pub/000")
    for path in ("stats", "units", "resources", "findings", "changes", "openapi.json"):
        yield f"/api/v1/{path}"
    for uscc in units:
        yield f"/u/{uscc}"
        for path in ("units/{}", "units/{}/refusals", "records?unit={}", "findings?unit={}"):
            yield f"/api/v1/{path}".format(uscc)
        for form in ("csv", "xlsx"):
            for path in ("units/{}/refusals?", "resources?unit={}&", "findings?unit={}&"):
                yield f"/api/v1/{path}format={form}".format(uscc)


def _dump(province: Province) -> bytes:
    dumped = forked.run("fenhe-hub", "--home", str(province.home("hub")), "dump")
    dumped.check_returncode()
    return dumped.stdout


def test_the_good_rows_of_every_list_are_published(story: Story) -> None:
    assert story.published["refused"] == []
    kinds = story.published["kinds"]
    assert {kind: kinds[kind] for kind in LEAST if kind != "instrument"} == dict.fromkeys(
        [kind for kind in LEAST if kind != "instrument"], CLEAN
    )
    assert [story.imports[name]["staged"] for name in ("register", "notes")] == [10, 1]
    assert kinds["instrument"] == CLEAN + 10 + 1
    found = json.loads(story.province.fetch(f"/api/v1/resources?unit={USCC}&kind=instrument"))
    assert found["total"] == kinds["instrument"]


@pytest.mark.parametrize("kind", LEAST)
def test_every_planted_row_is_refused_and_never_quoted(story: Story, kind: str) -> None:
    answer = story.imports[kind]
    assert (answer["staged"], answer["rows"]) == (CLEAN, CLEAN + answer["refused"])
    hits = [each for each in answer["problems"] if each["code"].startswith("privacy.")]
    assert len(hits) > 100
    assert {each["found"] for each in hits} == {""}


def test_the_scanner_finds_what_is_there(story: Story) -> None:
    lists = marks_below(story.province.folder / "lists")
    assert {path for path in lists if path.endswith(".xlsx")} == {
        *(f"{kind}.xlsx" for kind in LEAST), "台账.xlsx", "说明.xlsx"
    }  # fmt: skip
    # What is refused stays in the unit's own store, to be shown with its place.
    assert len(marks_below(story.province.home("node"))["store.sqlite"]) > 100
    for log in (story.foreign.catalogue, story.foreign.usage):
        assert all(marks_in(body) for _, body in _planted_bodies(story, log.origin))


def _planted_bodies(story: Story, origin: str) -> Iterator[tuple[int, bytes]]:
    log = story.foreign.usage if origin.endswith("usage") else story.foreign.catalogue
    for planted, index, tier in story.planted:
        if planted == origin:
            yield index, log.lines[tier][index]


def test_nothing_personal_is_in_what_the_hub_stores(story: Story) -> None:
    files = {path.name for path in story.province.home("hub").rglob("*") if path.is_file()}
    assert {"index.sqlite", "visits.sqlite", "head.sqlite", "verified"} <= files
    assert marks_below(story.province.home("hub")) == {}


def test_nothing_personal_is_in_what_the_node_signed(story: Story) -> None:
    assert marks_below(story.province.home("node") / "public") == {}
    assert marks_below(story.province.home("node") / "held") == {}


@pytest.mark.parametrize("name", ["hub", "node"])
def test_nothing_personal_is_in_the_logs(story: Story, name: str) -> None:
    raw = (story.province.folder / f"{name}.log").read_bytes()
    assert marks_in(raw) == set()


@pytest.mark.parametrize("name", ["hub", "node"])
def test_nothing_personal_is_answered(story: Story, name: str) -> None:
    answers = story.answers[name]
    assert len(answers) > {"hub": 100, "node": 10}[name]
    assert {path: marks for path, raw in answers.items() if (marks := marks_in(raw))} == {}


def test_nothing_personal_is_dumped(story: Story) -> None:
    assert story.dump.count(b"\n") > len(story.planted)
    assert marks_in(story.dump) == set()


@pytest.mark.parametrize("make", [mobile, id_number, mail])
def test_nobody_is_found_by_searching(story: Story, make: Any) -> None:
    for number in (1, 50, 500):
        found = json.loads(story.province.fetch(f"/api/v1/resources?q={make(number)}"))
        assert found["total"] == 0


def _rows(story: Story, table: str) -> list[dict[str, Any]]:
    rows = map(json.loads, story.dump.splitlines())
    return [row for row in rows if row["table"] == table]


def test_every_planted_body_of_a_foreign_node_is_refused(story: Story) -> None:
    said = {
        row["id"]: json.loads(row["body"])["code"]
        for row in _rows(story, "said")
        if row["kind"] == "rej"
    }
    wanted = {f"{origin}#{index}/{tier}" for origin, index, tier in story.planted}
    assert wanted <= said.keys()
    codes = [said[place] for place in wanted]
    assert set(codes) == {"privacy", "schema"}  # a text of a fixed form is no place for a person
    assert codes.count("privacy") > len(codes) // 3


def test_there_is_a_finding_for_each_and_none_of_it_is_public(story: Story) -> None:
    # Where it stands would lead whoever reads the unit's own files to the person.
    hits = [row for row in _rows(story, "skip") if row["code"] == "privacy"]
    assert story.checked["findings"]["D5"] == {"met": 1, "overdue": len(hits)}
    public = json.loads(story.province.fetch("/api/v1/findings?rule=D5&state=all"))
    assert public["items"] == []


@pytest.mark.parametrize("path", columns("unit", SCHEMAS)[1:])
def test_what_a_unit_says_of_itself_is_watched_field_by_field(tmp_path: Path, path: str) -> None:
    mapping = tmp_path / "unit.yaml"
    spec = {"kind": "unit", "columns": {"甲": "name_zh", "乙": path}}
    mapping.write_text(yaml.safe_dump(spec, allow_unicode=True), "utf-8")
    for number, text in enumerate(spellings(1)):
        with Store.open(tmp_path / f"{number}.sqlite") as store:
            row = ["示例大学", text] if path != "name_zh" else ["", text]
            sheet = write_xlsx(tmp_path / "单位.xlsx", [["甲", "乙"], row])
            take(store, sheet, mapping_path=mapping)
            drafts, _ = draft_all(changes(store), schemas=SCHEMAS, unit=UNIT)
            assert not any(marks_in(raw) for draft in drafts for raw in draft.bodies.values())
