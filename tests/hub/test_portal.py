import json
import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from fenhe_hub.index.tables import create_index
from fenhe_hub.rules.finding import STATE_LABELS, State
from tests.hub.index_builder import MadeHub, build_hub
from tests.hub.mouth import BASE, Client, serving
from tests.hub.pages import HTML, Page, get, linked
from tests.hub.sample_records import COMPANY, INSTITUTE, SILENT, UNIVERSITY

RECORD = f"{BASE}/r/{UNIVERSITY}/instrument/A-1001"
SECRETS = ("不外传", "机密", "泄漏", "leak", "812", "3200000", "1234567", "value_yuan")
PAGES = [
    *("/", "/search", "/search?q=%E6%98%BE%E5%BE%AE", "/search?q=nothing-like-it"),
    *("/units", "/units?state=stale&q=", "/findings", "/findings?state=all&rule="),
    *("/feedback", "/feedback/case", "/feedback/register?state=closed"),
    *("/developers", "/about", "/rules", f"/u/{UNIVERSITY}", f"/u/{INSTITUTE}", f"/u/{COMPANY}"),
    *(f"/u/{SILENT}", f"/r/{UNIVERSITY}/instrument/A-1001", f"/r/{UNIVERSITY}/fee_standard/FS-1"),
    *(f"/r/{UNIVERSITY}/instrument/A-1001?verify=1", f"/r/{UNIVERSITY}/instrument/A-1038"),
    *(f"/r/{UNIVERSITY}/unit/{UNIVERSITY}", f"/r/{UNIVERSITY}/usage_summary/A-1001-2026-Q3"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHub:
    return build_hub(tmp_path_factory.mktemp("hub"))


@pytest.fixture
async def client(made: MadeHub) -> AsyncIterator[Client]:
    async with serving(made.reading) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_whole_plain_and_loads_nothing_from_elsewhere(
    client: Client, path: str
) -> None:
    async with client.get(BASE + path, headers=HTML) as answer:
        assert answer.status == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        page = Page(await answer.text())
    assert page.all("html") == [{"lang": "zh-CN"}]
    assert len(page.all("h1")) == 1
    assert not page.all("style")
    assert not [tag for tag, attributes in page.tags if "style" in attributes]
    assert {each.get("type") for each in page.all("script")} <= {"application/ld+json"}
    loaded = [str(each["href"]) for each in page.all("link") if each["rel"] != "alternate"]
    assert all(href.startswith(f"{BASE}/static/") for href in loaded)
    assert not page.all("img")


@pytest.mark.parametrize("path", PAGES)
async def test_every_field_has_a_label_and_headings_go_down_in_steps(
    client: Client, path: str
) -> None:
    page = await get(client, BASE + path)
    labels = {each["for"] for each in page.all("label")}
    shown = [e for e in page.all("input") if e.get("type") != "hidden"] + page.all("select")
    assert all(each["id"] in labels for each in shown)
    ids = [each["id"] for _, each in page.tags if "id" in each]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_shows_more_than_the_public_tier(client: Client, path: str) -> None:
    page = await get(client, BASE + path)
    told = re.sub("[0-9A-Za-z+/_-]{22,}", "", page.source)  # in a digest any digits may stand
    assert [secret for secret in SECRETS if secret in told] == []


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/developers"])
async def test_codes_are_shown_as_words(client: Client, path: str) -> None:
    words = (await get(client, BASE + path)).words()
    codes = ("from_200", "from_50", "occasional_fault", "standby", "not_applicable")
    assert [code for code in codes if re.search(rf"\b{code}\b", words)] == []


async def test_no_link_leads_nowhere(client: Client) -> None:
    waiting, seen = [f"{BASE}/"], set[str]()
    while waiting and len(seen) < 250:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        async with client.get(path, headers=HTML) as answer:
            assert answer.status == 200, path
            if answer.content_type != "text/html":
                continue
            page = Page(await answer.text())
        ids = {each["id"] for _, each in page.tags if "id" in each}
        for href in (str(each["href"]) for each in page.all("a") + page.all("link")):
            if href.startswith("#"):
                assert href[1:] in ids, (path, href)
                continue
            target = urljoin(path, href.removeprefix("https://hub.example")).partition("#")[0]
            if target.startswith("/"):
                waiting.append(target)
    assert len(seen) > 60


async def test_the_front_page_has_its_four_numbers_and_the_cities(client: Client) -> None:
    page = await get(client, f"{BASE}/")
    words = page.words()
    for expected in (
        "管理单位 Units 4",
        "仪器设备 Instruments 45",
        "今日收到的记录 Records received today 48",
    ):
        assert expected in words
    assert "1 天前" in words
    assert "太原市 26" in words
    assert any("/search?city=" in str(each["href"]) for each in page.all("a"))


async def test_search_narrows_sorts_and_turns_its_pages_by_links_alone(client: Client) -> None:
    page = await get(client, f"{BASE}/search?q=%E4%BB%AA&limit=10")
    links = [str(each["href"]) for each in page.all("a")]
    (following,) = [str(e["href"]) for e in page.all("a") if e.get("rel") == "next"]
    second = await get(client, urljoin(f"{BASE}/search", following))
    assert "回到第一页" in second.words()
    city = next(link for link in links if "city=" in link)
    assert "q=%E4%BB%AA" in city
    narrowed = await get(client, urljoin(f"{BASE}/search", city))
    assert "所在市：太原市" in narrowed.words()
    assert [e for e in narrowed.all("input") if e.get("name") == "city"]


async def test_search_finds_units_by_their_name_too(client: Client) -> None:
    page = await get(client, f"{BASE}/search?q=%E7%A4%BA%E4%BE%8B%E5%A4%A7%E5%AD%A6")
    assert "示例大学" in page.words()
    assert f"{BASE}/u/{UNIVERSITY}" in {e["href"] for e in page.all("a")}


async def test_empty_fields_and_strangers_names_do_no_harm(client: Client) -> None:
    await get(client, f"{BASE}/search?q=&city=&kind=&utm_source=x&q=again")
    page = await get(client, f"{BASE}/search?sort=price", status=400)
    assert "api.parameter" in page.words()


async def test_a_record_shows_terms_prices_and_use(client: Client) -> None:
    words = (await get(client, RECORD)).words()
    assert "核磁共振波谱仪" in words
    assert "200 万元及以上" in words
    assert "化学、材料科学" in words
    assert "氢谱测定 样 100 300 240" in words
    assert "上机（自主操作） 30 分钟 50 150 —" in words
    assert "单位外部 自 10 起 按 80% 收" in words
    assert "谱图解析 次 — 免费 —" in words
    assert "运行机时 （小时） Running time 855 700" in words
    assert "服务收入区间 Income band 隐去 隐去" in words


async def test_a_record_shows_where_it_comes_from(client: Client) -> None:
    words = (await get(client, RECORD)).words()
    assert "示例大学签名" in words
    assert "省平台回执 2026-11-23 08:51" in words
    assert "第 3 条 / 共 47 条" in words
    assert "数据 3 分钟前 确认" in words
    verified = await get(client, f"{RECORD}?verify=1")
    assert verified.words().count("✔") >= 7
    assert "✘" not in verified.words()


async def test_a_record_of_a_broken_source_says_so(client: Client) -> None:
    words = (await get(client, f"{BASE}/r/{COMPANY}/instrument/A-1016")).words()
    assert "最近一次未通过验证" in words
    assert "1 小时前" in words


async def test_a_deleted_record_keeps_its_page(client: Client) -> None:
    words = (await get(client, f"{BASE}/r/{UNIVERSITY}/instrument/A-1038")).words()
    assert "已于 2026-11-20 由单位删除" in words


async def test_machines_read_the_record_too(client: Client) -> None:
    told = json.loads((await get(client, RECORD)).data)
    assert told["@type"] == "IndividualProduct"
    assert told["name"] == "核磁共振波谱仪"
    assert told["url"] == f"https://hub.example{RECORD}"


async def test_a_unit_shows_what_is_due_and_what_to_do(client: Client) -> None:
    words = (await get(client, f"{BASE}/u/{UNIVERSITY}")).words()
    assert (
        "D1 新购新建及时报送 A-1003 科学仪器设备 逾期 2026-11-20 于2026-11-20前补齐：功能" in words
    )
    assert "D2 公开完整 单位整体 待办 2026-12-31 公开运行制度、维护制度" in words
    assert "示例大学大型仪器设备开放共享管理办法" in words
    refused = (await get(client, f"{BASE}/u/{COMPANY}")).words()
    assert "第 4 条 公开 pub schema 有字段不合数据规范" in refused
    assert "note.signature" in refused


async def test_unknown_addresses_get_a_page_or_a_problem(client: Client) -> None:
    for path in ("/nowhere", f"/u/{UNIVERSITY}/x", f"/r/{UNIVERSITY}/instrument/H-1"):
        page = await get(client, BASE + path, status=404)
        assert "没有" in page.words()
    async with client.get(f"{BASE}/nowhere") as answer:
        assert answer.status == 404
        assert answer.content_type != "text/html"
    async with client.get(BASE, allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"{BASE}/"


async def test_before_anything_was_received_pages_and_answers_say_so(tmp_path: Path) -> None:
    made = build_hub(tmp_path)
    made.hub.home.index.unlink()
    async with serving(made.reading) as client:
        page = await get(client, f"{BASE}/search", status=503)
        assert "还没有收到任何数据" in page.words()
        async with client.get(f"{BASE}/api/v1/units") as answer:
            assert (answer.status, (await answer.json())["code"]) == (503, "index.absent")


async def test_a_fault_of_ours_is_a_plain_page_without_its_inside(tmp_path: Path) -> None:
    made = build_hub(tmp_path)
    made.hub.home.index.write_bytes(b"no database")
    async with serving(made.reading) as client:
        page = await get(client, f"{BASE}/units", status=500)
        assert "sqlite" not in page.source
        async with client.get(f"{BASE}/api/v1/units") as answer:
            assert (answer.status, (await answer.json())["code"]) == (500, "api.internal")


HOSTILE = "</script><img src=x onerror=alert(1)>\"'{{7*7}}"


async def test_what_a_unit_writes_is_never_markup(tmp_path: Path) -> None:
    made = build_hub(tmp_path)
    body: dict[str, Any] = {"name_zh": HOSTILE, "function": HOSTILE, "booking_url": "javascript:x"}
    db = create_index(made.hub.home.index)
    db.execute("UPDATE resource SET pub = ? WHERE id = 'A-1001'", (json.dumps(body),))
    db.execute("UPDATE finding SET todo_zh = ?", (HOSTILE,))
    db.close()
    async with serving(made.reading) as client:
        paths = (RECORD, f"{BASE}/u/{UNIVERSITY}", f"{BASE}/search?q=%3Cimg%3E&city=%3Cimg%3E")
        for path in paths:
            page = await get(client, path)
            assert not page.all("img")
            assert not [e for e in page.all("a") if str(e["href"]).startswith("javascript")]
        assert HOSTILE in (await get(client, RECORD)).words()
        assert json.loads((await get(client, RECORD)).data)["name"] == HOSTILE


async def test_static_files_last_only_under_their_digest(client: Client) -> None:
    async with client.get(f"{BASE}/static/style.css") as plain:
        assert plain.headers["Cache-Control"] == "no-cache"
    page = await get(client, f"{BASE}/")
    href = next(str(e["href"]) for e in page.all("link") if e["rel"] == "stylesheet")
    async with client.get(href) as lasting:
        assert "immutable" in lasting.headers["Cache-Control"]
    async with client.get(f"{BASE}/static/base.html") as other:
        assert other.status == 404


async def test_a_record_its_prices_and_its_use_lead_to_each_other(client: Client) -> None:
    page = await get(client, RECORD)
    (fees,) = linked(page, "/fee_standard/")
    newest, _ = linked(page, "/usage_summary/")
    assert "FS-1" in (await get(client, fees)).words()
    use = await get(client, newest)
    assert "核磁共振波谱仪 2026-Q3" in use.words()
    assert RECORD in linked(use, "/instrument/")
    assert "隐去的项" not in use.words()


async def test_a_class_is_named_beside_its_code(client: Client) -> None:
    record = (await get(client, RECORD)).words()
    assert re.search(r"设备分类编码 Class code \S+（\d{6}）", record)


async def test_what_was_never_judged_is_not_called_done(client: Client) -> None:
    assert "还没有检查过" in (await get(client, f"{BASE}/u/{SILENT}")).words()
    assert "还没有检查过" not in (await get(client, f"{BASE}/u/{UNIVERSITY}")).words()


async def test_every_detail_of_a_verification_has_a_chinese_name(client: Client) -> None:
    steps = (await get(client, f"{RECORD}?verify=1")).words()
    for name in ("指纹 fingerprint", "条数 size", "联署人 cosigner", "承诺 commitment"):
        assert name in steps


async def test_every_state_of_a_finding_is_explained(client: Client) -> None:
    about = (await get(client, f"{BASE}/about")).words()
    for state in State:
        assert STATE_LABELS[state][0] in about
