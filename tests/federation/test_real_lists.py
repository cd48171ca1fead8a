"""Two lists that were not made for us, from the file to the hub's pages: nothing lost on the way.

What is to be expected is counted here from the files themselves. Skipped where they are absent.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fenhe_node.node import open_node
from tests.federation.province import DONE_IN_PART, SOMETHING_REFUSED, Province, province_in
from tests.node.homes import show_life
from tests.node.lists import DATA
from tests.node.test_national_template import COLUMNS, TEMPLATE, fill

REGISTER = DATA / "pnnl-dms" / "instrument_name.csv"
MAPPING = Path(__file__).resolve().parents[2] / "deploy" / "mappings" / "pnnl-instruments.yaml"
KNOWN = {"Active": "normal", "Offline": "standby", "Inactive": "awaiting_scrap"}
EDITED, GONE = "35", "4"  # ids of the first two rows
LABORATORY, UNIVERSITY = "121400000000000013", "121400000000000026"
FORM_ROWS = 40

pytestmark = pytest.mark.skipif(
    not (REGISTER.is_file() and TEMPLATE.is_file()),
    reason="the real lists are not here (shared/data/pnnl-dms, shared/data/nrii)",
)


@dataclass(frozen=True)
class Story:
    """What the commands answered, in the order of the story."""

    province: Province
    imports: list[dict[str, Any]]  # of the register, of the same file again, of a later edition
    form: dict[str, Any]  # import of the national template
    publishes: list[dict[str, Any]]  # after each of them
    statuses: list[dict[str, Any]]  # of the register's node, once that was synced
    standings: list[dict[tuple[str, str], dict[str, Any]]]  # of the hub, likewise


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("real")
    with province_in(folder) as province:
        province.found_hub()
        province.serve("hub")
        form = _publish_form(province)
        province.found_node("laboratory", "示例实验室", LABORATORY)
        first = _import(province, REGISTER)
        publishes = [province.node("laboratory", "publish")]
        show_life(open_node(province.home("laboratory")))
        province.serve("laboratory")
        province.enrol("laboratory")
        imports, statuses, standings = [first], [], []
        for edition in (None, REGISTER, _later_edition(folder)):
            if edition is not None:
                imports.append(_import(province, edition))
                publishes.append(province.node("laboratory", "publish"))
            province.sync()
            statuses.append(province.node("laboratory", "status"))
            standings.append(province.standing())
        yield Story(province, imports, form, publishes, statuses, standings)


def _import(province: Province, path: Path) -> dict[str, Any]:
    command = ("import", str(path), "--mapping", str(MAPPING))
    answer: dict[str, Any] = province.node("laboratory", *command, allowed=DONE_IN_PART)
    return answer


def _later_edition(folder: Path) -> Path:
    """One instrument is in use again, and one row is gone."""
    with REGISTER.open(encoding="utf-8", newline="") as file:
        names, edited, gone, *rest = csv.reader(file)
    assert (edited[0], gone[0]) == (EDITED, GONE)
    place = names.index("status")
    assert edited[place] == "Inactive"
    edited[place] = "Active"
    path = folder / REGISTER.name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, edited, *rest])
    return path


def _publish_form(province: Province) -> dict[str, Any]:
    """The national platform's own template, filled with invented rows, some of them damaged."""
    good = [COLUMNS | {"A": f"NRII-{n:04}", "B": f"S{n:07}"} for n in range(FORM_ROWS)]
    damaged = [
        COLUMNS | {"B": "S9000001", "AK": 2.2302017123456e17},
        COLUMNS | {"B": "S9000002", "K": "67.81万元"},
        COLUMNS | {"B": "S9000003", "U": "联系 138 0013 8000"},
        COLUMNS | {"B": "S0000000"},
    ]
    province.found_node("university", "示例大学", UNIVERSITY)
    path = fill(province.folder / "equipment.xls", *good, *damaged)
    answer: dict[str, Any] = province.node(
        "university", "import", str(path), allowed=SOMETHING_REFUSED
    )
    province.node("university", "publish")
    show_life(open_node(province.home("university")))
    province.serve("university")
    province.enrol("university")
    return answer


def _source() -> list[dict[str, str]]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


GOOD = 0 if not REGISTER.is_file() else sum(row["status"] in KNOWN for row in _source())


def _total(story: Story, unit: str) -> int:
    asked = story.province.fetch(f"/api/v1/resources?unit={unit}&kind=instrument&limit=1")
    total: int = json.loads(asked)["total"]
    return total


def test_most_rows_are_published_and_the_rest_named_with_their_place(story: Story) -> None:
    assert GOOD >= 250
    assert (story.imports[0]["rows"], story.imports[0]["staged"]) == (263, GOOD)
    assert story.imports[0]["refused"] == 263 - GOOD
    assert story.publishes[0]["kinds"] == {"unit": 1, "instrument": GOOD}
    wrong = {n for n, row in enumerate(_source(), 2) if row["status"] not in KNOWN}
    places = {
        (each["row"], each["column"], each["header"]) for each in story.imports[0]["problems"]
    }
    assert places == {(row, "E", "status") for row in wrong}
    assert all(each["expected_zh"] and each["found"] for each in story.imports[0]["problems"])


def test_source_node_and_hub_agree(story: Story) -> None:
    status, leaves = story.statuses[0], GOOD + 2  # the unit itself, and a heartbeat
    assert (status["source_rows"], status["source_refused"]) == (263, 263 - GOOD)
    assert status["published"] == {"unit": 1, "instrument": GOOD}
    assert status["pending"] == 0
    mirrored = status["hubs"][0]["mirrored"]["catalogue"]
    hub = story.standings[0]["laboratory.example/fenhe", "catalogue"]
    assert (status["sizes"]["catalogue"], mirrored["size"], hub["size"]) == (leaves,) * 3
    assert mirrored["cosigned_at"] is not None
    assert (hub["cosigned"], hub["missing"], hub["refused"]) == (leaves, 0, 0)
    assert _total(story, LABORATORY) == GOOD


def test_each_record_says_what_its_row_says(story: Story) -> None:
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        path = f"/api/v1/resources?unit={LABORATORY}&kind=instrument&limit=100{cursor}"
        page = json.loads(story.province.fetch(path))
        found |= {item["id"]: item for item in page["items"]}
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    rows = {row["instrument_id"]: row for row in _source() if row["status"] in KNOWN}
    assert found.keys() == rows.keys()
    for id_, row in rows.items():
        now = "normal" if id_ == EDITED else KNOWN[row["status"]]
        assert (found[id_]["name_zh"], found[id_]["status"]) == (row["instrument"].strip(), now)


def test_the_same_file_again_changes_nothing(story: Story) -> None:
    assert (story.imports[1]["new"], story.imports[1]["changed"], story.imports[1]["vanished"]) == (
        [],
        [],
        [],
    )
    assert len(story.imports[1]["unchanged"]) == GOOD
    assert story.publishes[1]["leaves"] == {"catalogue": 0, "usage": 0}
    assert story.statuses[1]["sizes"] == story.statuses[0]["sizes"]
    assert story.standings[1] == _but_when(story.standings[0], story.standings[1])


def _but_when(one: Any, other: Any) -> Any:
    """The same standing, as of the other's last look."""
    return {
        log: row | {name: other[log][name] for name in ("outcome", "seen_at")}
        for log, row in one.items()
    }


def test_an_edited_row_is_one_new_leaf(story: Story) -> None:
    assert (story.imports[2]["new"], story.imports[2]["changed"]) == ([], [EDITED])
    assert story.publishes[2]["leaves"] == {"catalogue": 1, "usage": 0}
    sizes = [status["sizes"]["catalogue"] for status in story.statuses]
    assert sizes == [GOOD + 2, GOOD + 2, GOOD + 3]
    path = f"/api/v1/resources/{LABORATORY}/instrument/{EDITED}"
    record = json.loads(story.province.fetch(path))
    assert record["record"]["status"] == "normal"
    assert [leaf["index"] for leaf in record["history"]].count(GOOD + 2) == 1
    assert len(record["history"]) == 2


def test_a_row_that_vanished_is_told_and_nothing_is_deleted(story: Story) -> None:
    assert story.imports[2]["vanished"] == [GONE]
    assert story.imports[2]["deleted"] == []
    assert story.statuses[2]["vanished"] == 1
    assert story.statuses[2]["published"]["instrument"] == GOOD
    path = f"/api/v1/resources/{LABORATORY}/instrument/{GONE}"
    assert json.loads(story.province.fetch(path))["deleted_on"] is None


def test_the_national_template_comes_through_as_it_is(story: Story) -> None:
    # The last row takes the number of the first: nobody can say which of the two is meant.
    assert story.form["rows"] == FORM_ROWS + 4
    assert story.form["refused"] == 5
    codes = {(each["row"], each["code"]) for each in story.form["problems"]}
    first, last = 3, FORM_ROWS + 3
    assert codes == {
        (last, "cell.scientific"),
        (last + 1, "value.number"),
        (last + 2, "privacy.mobile"),
        (first, "id.doubled"),
        (last + 3, "id.doubled"),
    }
    hub = story.standings[0]["university.example/fenhe", "catalogue"]
    size = FORM_ROWS + 1  # one is for two rows of one number, one is a heartbeat
    assert (hub["size"], hub["cosigned"]) == (size, size)
    assert _total(story, UNIVERSITY) == FORM_ROWS - 1
    path = f"/api/v1/resources/{UNIVERSITY}/instrument/S{FORM_ROWS - 1:07}"
    record = json.loads(story.province.fetch(path))["record"]
    assert (record["name_zh"], record["class_code"]) == (COLUMNS["C"], COLUMNS["H"])
    assert record["value_band"] == "from_50"


def test_the_public_tree_holds_no_byte_of_another_tier(story: Story) -> None:
    home = story.province.home("university")
    public, held = (
        b"".join(path.read_bytes() for path in (home / tree).rglob("*") if path.is_file())
        for tree in ("public", "held")
    )
    assert COLUMNS["C"].encode() in public
    for supervised in (COLUMNS["G"], "678100", "own"):  # department, value, funds
        assert supervised.encode() in held
        assert f'"{supervised}"'.encode() not in public and f":{supervised}".encode() not in public


@pytest.mark.parametrize("name", ["hub", "laboratory", "university"])
def test_no_program_complains_of_anything(story: Story, name: str) -> None:
    log = (story.province.folder / f"{name}.log").read_text("utf-8")
    assert "ERROR" not in log
    assert "Traceback" not in log
