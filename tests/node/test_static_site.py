"""The public pages as files: every link leads to a file beside it, and the old site stands until
the new one is whole."""

import json
import os
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from openpyxl import load_workbook

from fenhe_client.stored.folder_swap import replace_folder
from fenhe_node.attaching.attach import attach_photo, attach_regime
from fenhe_node.node import Node
from fenhe_node.pages.index_pages import index_pages, page_file
from fenhe_node.pages.initials import initial
from fenhe_node.pages.site import file_name
from fenhe_node.published import Published
from fenhe_node.settings.orders import OrderSettings
from fenhe_node.settings.site import SiteSettings
from fenhe_node.web.server import make_serving
from fenhe_node.web.site_jobs import site_jobs
from fenhe_node.web.static_site import export_site
from fenhe_protocol.errors import InputError, StoreError
from tests.node.homes import UNIT, Clock, instrument, new_node, publish_all, put
from tests.node.test_attaching import JPEG, PDF, hand

HOSTILE = """<script>alert(1)</script>"'&../../x"""


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    line = {"no": 1, "item": "氢谱", "charge_unit": "sample", "external_fen": 30000}
    put(
        node,
        [
            instrument("A-1", fee_standards=["F-1"], class_code="010601"),
            instrument("a-1", name_zh="扫描电子显微镜", class_code="010102"),
            instrument("X/1?#&..", name_zh=HOSTILE),
            {"unit": UNIT, "kind": "fee_standard", "id": "F-1", "name_zh": "标准", "lines": [line]},
        ],
    )
    attach_photo(node.home, node.config.address, "A-1", JPEG, hand())
    attach_regime(node.home, node.config.address, "regime_use", PDF, hand(), title="使用办法")
    publish_all(node, Clock())
    return node


def export(node: Node, folder: Path) -> int:
    return export_site(make_serving(node, dict, Clock().now), folder)


class Links(HTMLParser):
    """All that a page leads to or loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        data = tag == "script" and ("type", "application/ld+json") in attrs
        self.tags.append("data" if data else tag)
        self.found += [value or "" for name, value in attrs if name in ("href", "src", "action")]


def test_every_link_of_every_page_is_a_file_beside_it_or_leads_to_the_node(
    node: Node, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    assert export(node, site) == sum(1 for file in site.rglob("*") if file.is_file())
    led_to = set()
    for page in site.rglob("*.html"):
        links = Links(page.read_text(encoding="utf-8"))
        assert not {"script", "form", "iframe"} & set(links.tags)
        for link in links.found:
            parts = urlsplit(link)
            if parts.scheme:
                assert link.startswith(("data:,", f"{node.config.address}/"))
            elif parts.path:
                target = (page.parent / unquote(parts.path)).resolve()
                assert target.is_relative_to(site.resolve()) and target.is_file(), link
                led_to.add(target)
    unled = {file.resolve() for file in site.rglob("*") if file.is_file()} - led_to
    assert {file.name for file in unled} == {".fenhe-site"}


def test_tables_and_records_lie_beside_the_pages(node: Node, tmp_path: Path) -> None:
    site = tmp_path / "site"
    export(node, site)
    sheet = load_workbook(BytesIO((site / "export.xlsx").read_bytes())).active
    assert sheet is not None and sheet.max_row == 4
    whole = json.loads((site / "records.json").read_text(encoding="utf-8"))
    assert len(whole["records"]) == 5
    body = site / "record" / f"{file_name('instrument', 'A-1')}.json"
    assert json.loads(body.read_bytes()) in whole["records"]


def test_what_is_searched_is_found_under_its_letter_and_its_class() -> None:
    records = [
        Published("instrument", f"B-{n:03}", n, {"name_zh": f"离心机 {n:03}"}, b"")
        for n in range(250)
    ]
    fields = {"name_zh": "核磁共振波谱仪", "class_code": "010601"}
    index = index_pages([*records, Published("instrument", "A-1", 0, fields, b"")], {})
    found = {page.file: [record.id for record in page.records] for page in index.pages}
    assert list(found) == ["index", "list-2", "letter-h", "letter-l", "letter-l-2", "class-01"]
    assert found["letter-h"] == found["class-01"] == ["A-1"]
    assert found["letter-l"] + found["letter-l-2"] == [record.id for record in records]
    assert len(found["index"] + found["list-2"]) == 251
    led = {page.file: (page_file(page, 1), page_file(page, 2)) for page in index.pages}
    assert led["index"] == led["list-2"] == ("index", "list-2")
    assert led["letter-l"] == led["letter-l-2"] == ("letter-l", "letter-l-2")


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        *(("核磁共振波谱仪", "H"), ("扫描电镜", "S"), ("质谱仪", "Z"), ("安全柜", "A")),
        *(
            ("X射线衍射仪", "X"),
            ("pH计", "P"),
            ("3D打印机", "#"),
            ("鑫", "#"),
            ("", "#"),
            ("😀", "#"),
        ),
    ],
)
def test_a_name_stands_under_the_first_letter_of_its_pinyin(name: str, letter: str) -> None:
    assert initial(name) == letter


def test_ids_that_differ_by_case_alone_have_files_that_do_not() -> None:
    names = {file_name("instrument", id) for id in ("A-1", "a-1", "a/1", "../a", "核磁", "")}
    assert len({name.lower() for name in names}) == 6
    assert all(name.isascii() and "/" not in name and "%" not in name for name in names)


def test_a_folder_that_was_not_exported_is_left_alone(node: Node, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("three years")
    for folder in (mine, mine / "thesis.txt"):
        with pytest.raises(InputError, match=r"site\.folder"):
            export(node, folder)
    assert (mine / "thesis.txt").read_text() == "three years"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert export(node, empty) and export(node, empty)


def test_the_old_site_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    site = tmp_path / "site"
    replace_folder(site, {"index.html": b"old", "gone.html": b"old"}.items())
    with pytest.raises(StoreError):
        replace_folder(site, {"index.html": b"new", "x" * 300: b"no such name"}.items())
    assert (site / "index.html").read_bytes() == b"old"
    assert replace_folder(site, {"index.html": b"new", "deep/er/a": b"new"}.items()) == 2
    assert sorted(str(f.relative_to(site)) for f in site.rglob("*") if f.is_file()) == [
        "deep/er/a",
        "index.html",
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["site"]


def test_a_web_server_of_another_account_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        replace_folder(tmp_path / "site", [("deep/er/a", b"1")])
    finally:
        os.umask(before)
    modes = {each.name: each.stat().st_mode & 0o777 for each in (tmp_path / "site").rglob("*")}
    assert modes == {"deep": 0o755, "er": 0o755, "a": 0o644}
    assert (tmp_path / "site").stat().st_mode & 0o777 == 0o755


def test_a_link_to_the_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "site").symlink_to(tmp_path / "real")
    for text in (b"1", b"2", b"3"):
        replace_folder(tmp_path / "site", [("a", text)])
        assert (tmp_path / "real" / "a").read_bytes() == text
    assert sorted(each.name for each in tmp_path.iterdir()) == ["real", "site"]


@pytest.mark.parametrize("listen", ["127.0.0.1:8640", ""])
def test_a_file_takes_no_form_but_leads_to_the_node_where_it_listens(
    node: Node, tmp_path: Path, listen: str
) -> None:
    config = replace(node.config, listen=listen, orders=OrderSettings(open=True))
    export(replace(node, config=config), tmp_path / "site")
    page = tmp_path / "site/record" / f"{file_name('instrument', 'A-1')}.html"
    text = page.read_text(encoding="utf-8")
    assert ("https://u1.example/fenhe/apply?id=A-1" in text) == bool(listen)
    assert ("尚未公布预约办法" in text) != bool(listen)


async def test_the_files_follow_each_publish_by_themselves(node: Node, tmp_path: Path) -> None:
    site, clock = tmp_path / "site", Clock()
    told = replace(node, config=replace(node.config, site=SiteSettings(export_to=str(site))))
    assert [job.name for job in site_jobs(node, clock.now)] == ["calendars"]
    _, job = site_jobs(told, clock.now)
    await job.work()
    first = (site / "index.html").stat().st_ino
    await job.work()
    assert (site / "index.html").stat().st_ino == first
    put(node, [instrument("C-1", name_zh="质谱仪")])
    publish_all(node, Clock(clock.at + 60))
    await job.work()
    assert "质谱仪" in (site / "index.html").read_text(encoding="utf-8")
    clock.at += 86_400
    second = (site / "index.html").stat().st_ino
    await job.work()
    assert (site / "index.html").stat().st_ino != second  # a fee may be in force by now
