"""Every kind of record from a unit's file to the hub's API: nothing is lost or told to the wrong.

The files are the templates' columns with the contract's own examples, as CSV with Chinese headers
and, of what a unit says of itself, as a file of fields.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest

from deploy.demo.programs import read, wait_until_up
from deploy.nrii_receiver.server import SERVICE
from fenhe_hub.api.labels import RESOURCE_KINDS
from fenhe_node.importing.template import columns
from fenhe_node.mapping.suggestion import KINDS
from fenhe_node.node import open_node
from fenhe_protocol.schema import SchemaSet
from tests.federation.province import Province, province_in
from tests.node.homes import show_life
from tests.node.test_template import rows_of, whole

SCHEMAS = SchemaSet.load()
USCC = "12140000000000019W"
CATALOGUE = tuple(kind for kind in KINDS if SCHEMAS.kind(kind).log == "catalogue")
_YAML = """name_zh: {name_zh}
type: 高等院校
nrii_ins_code: {nrii_ins_code}
service_office:
  landline: 0351-0000000
"""


@dataclass(frozen=True)
class Story:
    """What the commands answered, by kind; and the province, still serving."""

    province: Province
    imports: dict[str, dict[str, Any]]
    published: dict[str, int]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("kinds")
    with province_in(folder) as province:
        platform = province.url("platform")
        settings = {"national_wsdl": f"{platform}{SERVICE}?wsdl", "national_approval": "false"}
        province.found_hub(**settings)
        province.start(
            *("platform", "deploy.nrii_receiver"),
            *("--listen", platform.removeprefix("http://")),
        )
        wait_until_up(f"{platform}/received")
        province.serve("hub")
        province.found_node("unit", "示例大学", USCC)
        imports = {
            kind: province.node("unit", "import", str(_file(folder, kind)), "--kind", kind)
            for kind in KINDS
        }
        published = province.node("unit", "publish")["kinds"]
        show_life(open_node(province.home("unit")))
        province.serve("unit")
        province.enrol("unit")
        province.sync()
        yield Story(province, imports, published)


def _file(folder: Path, kind: str) -> Path:
    """The example of a kind as a unit would write it."""
    if kind == "unit":
        path = folder / "单位.yaml"
        path.write_text(_YAML.format(**whole("unit")), "utf-8")
        return path
    listed = columns(SCHEMAS.kind(kind))
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.header for column in listed])
    writer.writerows(rows_of(whole(kind), listed))
    path = folder / f"{SCHEMAS.kind(kind).title_zh}.csv"
    path.write_bytes(text.getvalue().encode("gb18030"))
    return path


def shown(story: Story, kind: str) -> dict[str, Any]:
    id = quote(whole(kind)["id"], safe="")
    answer: dict[str, Any] = json.loads(
        story.province.fetch(f"/api/v1/resources/{USCC}/{kind}/{id}")
    )
    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken_in_and_signed(story: Story, kind: str) -> None:
    done = story.imports[kind]
    assert (done["kind"], done["problems"], done["refused"]) == (kind, [], 0)
    assert story.published[kind] == 1


@pytest.mark.parametrize("kind", CATALOGUE)
def test_the_hub_answers_with_what_is_public_of_it_and_no_more(story: Story, kind: str) -> None:
    schema = SCHEMAS.kind(kind)
    text = json.dumps(shown(story, kind), ensure_ascii=False)
    expected = whole(kind)
    if kind != "unit":
        for field in schema.of_tier("pub"):
            if field.name in expected and field.type == "text":
                assert expected[field.name] in text, field.name
    for tier in ("hub", "nat", "node"):
        for field in schema.of_tier(tier):
            assert f'"{field.name}"' not in text, field.name


@pytest.mark.parametrize("kind", CATALOGUE)
def test_the_portal_and_the_units_own_pages_show_it(story: Story, kind: str) -> None:
    found = whole(kind)
    id = quote(found["id"], safe="")
    name = str(found.get("name_zh") or found.get("title") or found["id"])
    assert name in story.province.fetch(f"/r/{USCC}/{kind}/{id}").decode()
    if kind == "unit":
        return
    page = _of_node(story, f"/record?kind={kind}&id={id}")
    assert name in page


def _of_node(story: Story, path: str) -> str:
    return read(story.province.url("unit") + path).decode()


def test_what_is_searched_is_exported_with_its_kind_in_words(story: Story) -> None:
    raw = story.province.fetch("/api/v1/resources?format=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(raw)).worksheets[0]
    kinds = {str(row[2]) for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert {SCHEMAS.kind(kind).title_zh for kind in RESOURCE_KINDS} <= kinds


def test_services_reach_the_hub_and_not_its_pages(story: Story) -> None:
    standing = story.province.standing()["unit.example/fenhe", "usage"]
    assert standing["size"] == standing["cosigned"] == 1


def test_the_hub_forwards_what_the_national_platform_asks_for(story: Story) -> None:
    answer = story.province.hub("forward", allowed=(0, 4))
    raw = read(story.province.url("platform") + "/received")
    calls = [(call["instru_type"], call["reasons"]) for call in json.loads(raw)["calls"]]
    assert calls == [(1, []), (2, []), (4, []), (5, []), (7, [])]
    assert (answer["forwarded"], answer["to_mend"]) == (5, [])


def test_a_page_writes_years_and_things_in_words_and_offers_what_one_can_use(story: Story) -> None:
    def page(kind: str) -> str:
        id = quote(whole(kind)["id"], safe="")
        return story.province.fetch(f"/r/{USCC}/{kind}/{id}").decode()

    assert "2,025" not in page("unit_year")
    assert "<h1>示例论文题目" in page("outcome")
    assert "科学仪器设备 A-1001" in page("outcome")
    assert "ld+json" in page("centre")
    assert "ld+json" not in page("outcome")
