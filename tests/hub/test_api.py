from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.api.operations import OPERATIONS
from fenhe_hub.restoring.rebuild import rebuild
from tests.hub.index_builder import MadeHub, build_hub
from tests.hub.index_rows import NOW
from tests.hub.mouth import API, Client, ask, fetch, refuse, serving
from tests.hub.sample_records import COMPANY, INSTITUTE, SILENT, UNIVERSITY

SECRETS = (
    "不外传",
    "机密",
    "secret",
    "value_yuan",
    "3200000",
    "1234567",
    "leak",
    "泄漏",
    "812",
    'usage"',
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHub:
    return build_hub(tmp_path_factory.mktemp("hub"))


@pytest.fixture
async def client(made: MadeHub) -> AsyncIterator[Client]:
    async with serving(made.reading) as client:
        yield client


async def walk(client: Client, path: str, **query: Any) -> list[Any]:
    """All items of a list, page by page."""
    items: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await ask(client, path, **query, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
    return items


async def test_units_carry_the_state_and_age_of_their_source(client: Client) -> None:
    page = await ask(client, "/units")
    sources = {unit["uscc"]: unit["source"] for unit in page["items"]}
    assert sources[UNIVERSITY]["state"] == "ok"
    assert sources[UNIVERSITY]["age_seconds"] == 180
    assert sources[UNIVERSITY]["heard_at"] == "2026-11-23T09:57:00+08:00"
    assert sources[INSTITUTE]["state"] == "stale"
    assert sources[COMPANY]["state"] == "refused"
    assert sources[COMPANY]["code"] == "note.signature"
    assert sources[SILENT]["state"] == "never"
    assert sources[SILENT]["age_seconds"] is None


async def test_a_good_source_grows_stale_with_time_alone(made: MadeHub) -> None:
    later = replace(made.reading, now=lambda: NOW + 86_400)
    async with serving(later) as client:
        unit = await ask(client, f"/units/{UNIVERSITY}")
    assert unit["unit"]["source"]["state"] == "stale"
    assert unit["unit"]["source"]["age_seconds"] == 86_580


async def test_a_forked_source_is_quarantined_and_still_shown(tmp_path: Path) -> None:
    made = build_hub(tmp_path)
    db = made.db
    db.execute("UPDATE log SET quarantined = 1 WHERE name = 'catalogue' AND unit_no = 1")
    db.close()
    async with serving(made.reading) as client:
        record = await ask(client, f"/resources/{UNIVERSITY}/instrument/A-1001")
    assert record["source"]["state"] == "quarantined"
    assert record["record"]["name_zh"] == "核磁共振波谱仪"


async def test_an_index_made_again_from_the_files_gives_the_same_answers(tmp_path: Path) -> None:
    made = build_hub(tmp_path)
    db = made.db
    db.execute("DELETE FROM finding")
    db.close()
    questions: list[tuple[str, dict[str, Any]]] = [
        ("/units", {}), ("/resources", {"limit": 100}), ("/resources", {"q": "显微 激光"}),
        (f"/resources/{UNIVERSITY}/instrument/A-1004", {}), ("/changes", {"limit": 100}),
        (f"/resources/{UNIVERSITY}/instrument/A-1038", {}), ("/records", {"unit": UNIVERSITY}),
        (f"/units/{UNIVERSITY}", {}),
    ]  # fmt: skip
    async with serving(made.reading) as client:
        before = [await ask(client, path, **query) for path, query in questions]
        rebuild(made.hub)
        after = [await ask(client, path, **query) for path, query in questions]
    assert after == before


async def test_units_are_searched_filtered_and_sorted(client: Client) -> None:
    assert [u["uscc"] for u in (await ask(client, "/units", q="研究"))["items"]] == [INSTITUTE]
    assert (await ask(client, "/units", state="refused"))["total"] == 1
    by_age = [u["uscc"] for u in await walk(client, "/units", sort="age", limit=1)]
    assert by_age == [SILENT, INSTITUTE, COMPANY, UNIVERSITY]
    by_size = [u["uscc"] for u in (await ask(client, "/units", sort="instruments"))["items"]]
    assert by_size[0] == UNIVERSITY


async def test_resources_are_found_by_words_and_narrowed_by_filters(client: Client) -> None:
    page = await ask(client, "/resources", q="显微 激光", limit=100)
    assert {item["name_zh"] for item in page["items"]} == {"激光共聚焦显微镜", "显微激光拉曼光谱仪"}
    assert page["total"] == len(page["items"])
    there = await ask(client, "/resources", q="显微", city="长治市")
    assert {item["city"] for item in there["items"]} == {"长治市"}
    assert {v["value"] for v in there["facets"]["city"]} == {"长治市"}
    assert (await ask(client, "/resources", class_code="0101"))["total"] == 6
    assert (await ask(client, "/resources", unit=COMPANY))["total"] == 2
    assert (await ask(client, "/resources", kind="fee_standard"))["total"] == 1
    assert (await ask(client, "/resources", q="FS-1"))["total"] == 0


async def test_facets_say_what_codes_mean(client: Client) -> None:
    facets = (await ask(client, "/resources"))["facets"]
    bands = {value["value"]: value["label_zh"] for value in facets["value_band"]}
    assert bands["from_200"] == "200 万元及以上"
    assert facets["unit"][0]["label_zh"] == "示例大学"
    assert sum(value["count"] for value in facets["kind"]) == 45
    assert (await ask(client, "/resources", facets=False))["facets"] == {}


@pytest.mark.parametrize("sort", ["relevance", "name", "unit", "class", "value"])
@pytest.mark.parametrize("query", ["", "仪"])
async def test_pages_joined_are_the_whole_list(client: Client, sort: str, query: str) -> None:
    items = await walk(client, "/resources", q=query, sort=sort, limit=7)
    total = (await ask(client, "/resources", q=query))["total"]
    assert len({(item["unit"], item["id"]) for item in items}) == len(items) == total


async def test_a_record_says_where_it_stands(client: Client) -> None:
    record = await ask(client, f"/resources/{UNIVERSITY}/instrument/A-1004")
    assert record["provenance"]["index"] == 42
    assert record["provenance"]["received_at"] == "2026-11-23T08:51:05+08:00"
    assert record["provenance"]["received_on"] == "2026-11-23"
    assert [entry["index"] for entry in record["history"]] == [5, 42]
    assert record["record"]["id"] == "A-1004"


async def test_a_number_with_slash_and_percent_is_an_address(client: Client) -> None:
    found = (await ask(client, "/resources", q="斜线编号"))["items"][0]
    assert found["page"].endswith("/instrument/a%2Fb1%25")
    _, body = await fetch(client, found["page"].removeprefix("https://hub.example"))
    assert "斜线编号仪器" in body.decode()


async def test_a_deleted_record_says_so_and_shows_nothing(client: Client) -> None:
    record = await ask(client, f"/resources/{UNIVERSITY}/instrument/A-1038")
    assert record["deleted_on"] == "2026-11-20"
    assert record["record"] == {}
    assert [entry["deleted"] for entry in record["history"]] == [False, True]
    assert "A-1038" not in {item["id"] for item in await walk(client, "/resources", limit=100)}


@pytest.mark.parametrize(
    "path",
    [
        f"/resources/{UNIVERSITY}/instrument/none",
        f"/resources/{UNIVERSITY}/instrument/H-1",
        f"/resources/{SILENT}/instrument/A-1001",
        "/units/121400000000009999",
        "/nowhere",
    ],
)
async def test_what_is_not_here_and_what_is_not_public_are_told_alike(
    client: Client, path: str
) -> None:
    status, problem = await refuse(client, path)
    assert status == problem["status"] == 404
    assert problem["code"] in ("api.not-found", "api.no-operation")


@pytest.mark.parametrize(
    ("path", "query", "code", "where"),
    [
        ("/resources", {"limit": 101}, "api.parameter", "limit"),
        ("/resources", {"limit": "１"}, "api.parameter", "limit"),
        ("/resources", {"sort": "price"}, "api.parameter", "sort"),
        ("/resources", {"class_code": "010"}, "api.parameter", "class_code"),
        ("/resources", {"q": "仪" * 201}, "api.parameter", "q"),
        ("/resources", {"uint": UNIVERSITY}, "api.unknown", "uint"),
        ("/findings", {"state": "late"}, "api.parameter", "state"),
        ("/changes", {"cursor": "-1"}, "api.parameter", "cursor"),
        ("/proof", {"index": 1}, "api.parameter", "origin"),
        ("/units/short", {}, "api.parameter", "uscc"),
    ],
)
async def test_a_wrong_question_is_told_what_is_wrong(
    client: Client, path: str, query: dict[str, Any], code: str, where: str
) -> None:
    status, problem = await refuse(client, path, **query)
    assert (status, problem["code"], problem["where"]) == (400, code, where)
    assert problem["type"] == f"urn:fenhe:error:{code}"


async def test_a_cursor_belongs_to_its_order(client: Client) -> None:
    cursor = (await ask(client, "/resources", sort="name", limit=1))["next"]
    status, problem = await refuse(client, "/resources", sort="class", cursor=cursor)
    assert (status, problem["code"]) == (404, "api.cursor")


async def test_the_tag_holds_while_only_time_passes(made: MadeHub, client: Client) -> None:
    path = f"{API}/units/{UNIVERSITY}"
    first, _ = await fetch(client, path)
    async with client.get(path, headers={"If-None-Match": first.headers["ETag"]}) as again:
        assert again.status == 304
    async with serving(replace(made.reading, now=lambda: NOW + 60)) as later:
        second, _ = await fetch(later, path)
    assert second.headers["ETag"] == first.headers["ETag"]
    async with serving(replace(made.reading, now=lambda: NOW + 86_400)) as stale:
        third, _ = await fetch(stale, path)
    assert third.headers["ETag"] != first.headers["ETag"]


async def test_answers_may_be_read_from_any_page_and_nothing_can_be_written(
    client: Client,
) -> None:
    answer, _ = await fetch(client, f"{API}/stats")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    async with client.head(f"{API}/stats") as head:
        assert head.status == 200
        assert head.headers["ETag"] == answer.headers["ETag"]
    async with client.post(f"{API}/stats") as posted:
        assert posted.status == 405
        assert posted.headers["Allow"] == "GET, HEAD"
        assert (await posted.json())["code"] == "api.method"
    async with client.options(f"{API}/stats", headers={"Origin": "https://x.example"}) as asked:
        assert asked.status == 204
        assert "If-None-Match" in asked.headers["Access-Control-Allow-Headers"]


async def test_the_figures(client: Client) -> None:
    stats = await ask(client, "/stats")
    assert stats["units"] == 4
    assert stats["instruments"] == 45
    assert stats["records"]["fee_standard"] == 1
    assert stats["received_today"] == 45 + 3
    assert stats["oldest"]["unit"] == INSTITUTE
    assert stats["cities"]["大同市"] == 9


async def test_findings_are_filtered_sorted_and_counted(client: Client) -> None:
    page = await ask(client, "/findings")
    assert [(f["rule"], f["id"], f["state"]) for f in page["items"]] == [
        ("D1", "A-1003", "overdue"),
        ("D2", UNIVERSITY, "due"),
        ("D2", "A-1006", "unknown"),
    ]
    assert page["counts"] == {"D1": {"overdue": 1}, "D2": {"due": 1, "unknown": 1}}
    assert (await ask(client, "/findings", state="all"))["total"] == 6
    assert (await ask(client, "/findings", due_before="2026-12-01"))["total"] == 1
    assert (await ask(client, "/findings", q="研究所", state="all"))["total"] == 0
    assert (await ask(client, "/findings", q="a-1003"))["total"] == 0
    assert (await ask(client, "/findings", q="A-1003"))["total"] == 1
    for sort in ("due", "unit", "rule", "state"):
        items = await walk(client, "/findings", state="all", sort=sort, limit=1)
        assert len({(item["rule"], item["kind"], item["id"]) for item in items}) == 6


async def test_a_ground_in_a_usage_log_is_not_told(client: Client) -> None:
    page = await ask(client, "/findings", rule="D12", state="all")
    assert [finding["evidence"] for finding in page["items"] if finding["kind"] == "unit"] == [[]]


async def test_refusals_tell_place_and_code_only(client: Client) -> None:
    page = await ask(client, f"/units/{COMPANY}/refusals")
    assert [(item["index"], item["tier"], item["code"]) for item in page["items"]] == [
        (3, "pub", "schema"),
        (4, "pub", "privacy"),
    ]
    assert len(await walk(client, f"/units/{COMPANY}/refusals", limit=1)) == 2
    assert (await ask(client, f"/units/{UNIVERSITY}/refusals"))["total"] == 0


async def test_nothing_but_the_public_tier_leaves(client: Client) -> None:
    questions: dict[str, dict[str, Any]] = {
        "resources": {"limit": 100}, "records": {"unit": UNIVERSITY, "limit": 100},
        "findings": {"state": "all"}, "changes": {"limit": 100},
        "proof": {"origin": "u1.example/fenhe/catalogue", "index": 2},
        "verify": {"origin": "u1.example/fenhe/catalogue", "index": 2},
    }  # fmt: skip
    names = {
        "uscc": UNIVERSITY, "kind": "instrument", "id": "A-1001", "rule": "D1",
        "evidence": "fork-fedcba9876543210", "number": "M-2026-0001",
    }  # fmt: skip
    for operation in OPERATIONS:
        path = operation.path.format(**names)
        answer, body = await fetch(client, API + path, **questions.get(operation.name, {}))
        absent = operation.name in ("evidence_file", "finding_proof", "measure")
        assert answer.status == (404 if absent else 200), operation.name
        found = [secret for secret in SECRETS if secret in body.decode()]
        assert not found, (operation.name, found)
