from collections.abc import Awaitable, Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from openpyxl import load_workbook

from fenhe_node.node import Node
from tests.node.homes import UNIT, Clock, instrument, lines, new_node, publish_all, put
from tests.node.serving import application

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]
HOSTILE = """<script>alert(1)</script>"'&<img src=x onerror=alert(1)>"""
PAGES = ("/fenhe/", "/fenhe/fees", "/fenhe/usage-summary", "/fenhe/unit", "/fenhe/feedback")


def record(kind: str, id: str, **fields: object) -> dict[str, object]:
    return {"unit": UNIT, "kind": kind, "id": id, **fields}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    put(
        node,
        [
            instrument(
                "A-1",
                model="EX-400",
                fee_standards=["F-1"],
                user_notice="提前一个工作日预约",
                value_yuan=3_200_000,
                booking_url="https://u1.example/booking/A-1",
            ),
            instrument("X/1?#&", name_zh=HOSTILE, function=HOSTILE, model="=1+1"),
            instrument("A-2", name_zh="扫描电子显微镜", status="awaiting_repair"),
            record(
                "fee_standard",
                "F-1",
                name_zh="核磁共振测试收费标准",
                lines=[{"no": 1, "item": "氢谱", "charge_unit": "hour", "external_fen": 30050}],
            ),
            record(
                "usage_summary",
                "A-1-2026-Q3",
                instrument="A-1",
                period="2026-Q3",
                effective_minutes=36000,
                withheld=["external_users"],
            ),
        ],
    )
    publish_all(node, Clock())
    return node


class Tags(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A block of data is no script: nothing of it runs, whatever the policy says.
        is_data = tag == "script" and ("type", "application/ld+json") in attrs
        self.tags.append("data" if is_data else tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


async def read(client: Client, path: str, status: int = 200) -> str:
    async with client.get(path, headers={"Accept": "text/html"}) as answer:
        assert answer.status == status
        assert answer.content_type == "text/html"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return await answer.text()


@pytest.mark.parametrize("path", [*PAGES, "/fenhe/record?kind=instrument&id=X%2F1%3F%23%26"])
async def test_no_text_of_a_record_becomes_markup(
    node: Node, aiohttp_client: MakeClient, path: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    found = Tags(await read(client, path))
    assert not {"script", "img", "iframe"} & set(found.tags)
    assert not found.handlers


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_loads_nothing_from_elsewhere(
    node: Node, aiohttp_client: MakeClient, path: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    text = await read(client, path)
    sheets = [a for a in Tags(text).addresses if a.endswith(".css")]
    assert sheets == ["/fenhe/style.css"]
    async with client.get(sheets[0]) as answer:
        style = await answer.text()
    assert "url(" not in style and "@import" not in style


async def test_every_link_of_the_unit_leads_somewhere(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    waiting, seen = ["/fenhe/"], set[str]()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        async with client.get(path) as answer:
            assert answer.status == 200, path
            if answer.content_type != "text/html":
                continue
            found = Tags(await answer.text()).addresses
        waiting += {a for a in found if a.startswith("/") and a not in seen}
    assert any("X%2F1%3F%23%26" in path for path in seen)
    assert any(path.startswith("/fenhe/export.xlsx") for path in seen)


async def test_the_list_is_searched_by_every_word_and_ordered_by_its_head(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    assert "扫描电子显微镜" not in await read(client, "/fenhe/?q=核磁+ex-400")
    assert "没有符合条件的记录" in await read(client, "/fenhe/?q=核磁+扫描")
    backwards = await read(client, "/fenhe/?sort=-id")
    assert backwards.index("A-2") < backwards.index("A-1")
    assert "扫描电子显微镜" not in await read(client, "/fenhe/?status=normal")


async def test_a_record_shows_terms_fees_and_use_but_nothing_of_the_hubs(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    text = await read(client, "/fenhe/record?kind=instrument&id=A-1")
    for shown in (
        "提前一个工作日预约",
        "氢谱",
        "300.50",
        "2026 年 3 季度",
        "600",
        "少",
        "示例大学签名",
    ):
        assert shown in text
    assert "3200000" not in text and "3,200,000" not in text


async def test_an_unknown_record_is_a_page_for_people_and_a_problem_for_programs(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    path = "/fenhe/record?kind=instrument&id=none"
    assert "回到仪器设备列表" in await read(client, path, status=404)
    async with client.get(path) as answer:
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["code"] == "request.absent"


async def test_the_signed_bytes_of_a_record_can_be_downloaded(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/record.json?kind=instrument&id=A-1") as answer:
        body = await answer.read()
    assert body in {line.body for line in lines(node, "catalogue", "pub", 6)}


async def test_the_export_holds_the_hits_and_no_formula(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/export.xlsx?q=alert") as answer:
        book = load_workbook(BytesIO(await answer.read()))
    [head, row] = list(book.worksheets[0].rows)
    cells = dict(zip([cell.value for cell in head], row, strict=True))
    assert cells["规格型号"].value == "=1+1"
    assert {cell.data_type for cell in row} == {"s"}
    book.close()


async def test_a_publish_by_another_process_shows_with_the_next_request(
    node: Node, aiohttp_client: MakeClient
) -> None:
    clock = Clock()
    client = await aiohttp_client(application(node, clock))
    assert "热重分析仪" not in await read(client, "/fenhe/")
    put(node, [instrument("A-9", name_zh="热重分析仪")])
    publish_all(node, clock)
    assert "热重分析仪" in await read(client, "/fenhe/")


async def test_before_the_first_publish_the_page_says_so(
    tmp_path: Path, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(new_node(tmp_path / "new"), Clock()))
    text = await read(client, "/fenhe/")
    assert "本单位尚未公开仪器设备" in text and "示例大学" in text


async def test_fees_and_use_are_searched_and_exported(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))

    async def text(path: str) -> str:
        return await (await client.get(f"/fenhe/{path}")).text()

    async def rows(path: str) -> list[list[object]]:
        answer = await client.get(f"/fenhe/{path}")
        (sheet,) = load_workbook(BytesIO(await answer.read())).worksheets
        return [list(row) for row in sheet.iter_rows(values_only=True)]

    assert "氢谱" in await text("fees?q=氢谱")
    assert "没有符合条件" in await text("fees?q=zzz")
    head, line = await rows("fees.xlsx?q=f-1")
    assert (head[2], line[2], line[5]) == ("项目", "氢谱", "300.50")
    assert "2026 年 3 季度" in await text("usage-summary?q=核磁")
    assert "没有符合条件" in await text("usage-summary?period=2025 年")
    head, line = await rows("usage-summary.xlsx?period=2026 年 3 季度")
    assert (line[0], line[2], line[3]) == ("A-1", "2026 年 3 季度", "600")
    assert len(await rows("usage-summary.xlsx?q=zzz")) == 1
