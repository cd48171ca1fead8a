"""Nothing personal is stored, said or served, wherever a unit put it (ADR 0003)."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.writing.feed_writer import new_record
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.tiles import index_path
from tests.hub.fake_node import instrument, service
from tests.hub.houses import served
from tests.hub.provinces import Province, founded

PHONE = "13800138000"
ID_NUMBER = "11010519491231002X"
MAIL = "zhang.san@example.org"
PLANTED = (PHONE, ID_NUMBER, MAIL)


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        yield province


def files_of(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.is_file())


def found_in(folder: Path, *texts: str) -> list[str]:
    """Every file of a folder that holds one of these texts, as bytes or as a row of a database."""
    return [
        f"{each.relative_to(folder)}: {text}"
        for each in files_of(folder)
        for text in texts
        if text.encode() in each.read_bytes()
    ]


def planted(text: str) -> list[dict[str, dict[str, Any]]]:
    """Records with this text in many places, valid ones and wrong ones."""
    return [
        instrument("P-1", service_content=f"请联系 {text}"),
        instrument("P-2", ext={"note": text}),
        instrument("P-3", ext={text: "名字里也不行"}),
        instrument("P-4", phone=text),  # no such member: SKIP schema, and quoted there
        instrument("P-5", status=f"坏 {text}"),
        instrument("P-6", accepted_on=text),
        {"pub": {"kind": "no such kind", "id": "P-7", "note": text}},
        {"hub": {"kind": "instrument", "id": "P-8", "department": text}},
    ]


@pytest.mark.parametrize("text", PLANTED)
async def test_what_is_personal_never_reaches_the_disk(province: Province, text: str) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), *planted(text), instrument("A-2"))
    node.publish(service("S-1", direction=text), service("S-2", ext={"user": text}), log="usage")
    await province.sync()
    assert found_in(province.hub.home.path, text) == []
    assert {row["code"] for row in province.rows("skip")} <= {"privacy", "schema"}
    assert {row["id"] for row in province.rows("resource") if row["pub"]} >= {"A-1", "A-2"}
    assert any(text.encode() in file.read_bytes() for file in files_of(node.folder))


@pytest.mark.parametrize("depth", [200, 1000, 2000])
async def test_what_is_nested_too_deep_to_be_looked_at_stops_nothing_and_is_left_out(
    province: Province, depth: int
) -> None:
    node = province.nodes[0]
    body = b'{"a":' * depth + b'"1380013\\u0038000"' + b"}" * depth
    node.append([new_record(f"{node.origin}/catalogue", {"pub": body})])
    node.publish(instrument("A-1"))
    reports = await province.sync()
    assert all(report.whole for report in reports), reports
    assert [row["code"] for row in province.rows("skip")] == ["json"]
    assert found_in(province.hub.home.path, "0038000") == []
    assert {row["id"] for row in province.rows("resource") if row["pub"]} == {"A-1"}


async def test_the_rest_of_the_file_is_kept_line_by_line(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("P-1", model=PHONE), instrument("A-2"))
    await province.sync()
    mirror = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    lines = node.read("catalogue", "body/pub/000").splitlines(keepends=True)
    assert mirror.files.read("body/pub/000") == lines[0] + lines[2]
    assert mirror.files.read("body/hub/000") == node.read("catalogue", "body/hub/000")


async def test_the_unit_is_told_where_and_not_what(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("P-1", model=PHONE))
    await province.sync()
    assert province.said("rej")[f"{node.origin}/catalogue#0/pub"]["code"] == "privacy"
    async with served(province.hub, province.now) as visitor:
        path = f"in/{MirrorLog(province.hub.home, node.origin).folder.name}/catalogue/rejected"
        answer = await visitor.get(path, node.request_key)
        text = await answer.text()
        assert (await visitor.get(path)).status == 401
        assert (await visitor.get(path, province.nodes[1].request_key)).status == 403
    assert answer.status == 200
    (refusal,) = json.loads(text)["rejected"]
    assert (refusal["index"], refusal["tier"], refusal["code"]) == (0, "pub", "privacy")
    assert "model" in refusal["found"]
    assert PHONE not in text


async def test_nothing_is_cosigned_until_the_unit_erases_it(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("P-1", model=PHONE))
    (report, *_) = await province.sync()
    assert (report.size, report.cosigned, report.missing) == (2, 0, 0)
    assert "P-1" not in {row["id"] for row in province.rows("resource") if row["pub"]}
    node.publish(instrument("P-1", model="干净"))
    node.erase(1, 2)
    (report, *_) = await province.sync()
    assert (report.size, report.cosigned) == (4, 4)
    mirror = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    assert not (mirror.folder / "refused" / "pub" / index_path(0)).exists()
    assert province.rows("skip") == []


async def test_a_rebuilt_index_still_knows_the_refusal(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), *planted(PHONE))
    await province.sync()
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


async def test_it_is_not_asked_for_again(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("P-1", model=PHONE))
    await province.sync()
    node.asked.clear()
    await province.sync()
    assert not [path for path in node.asked if "body" in path]


async def test_a_leaf_that_quotes_a_person_is_not_quoted(province: Province) -> None:
    node = province.nodes[0]
    node.append_unchecked([b'{"k":"r","phone":"%s","v":1}' % PHONE.encode()])
    await province.sync()
    (skip,) = province.rows("skip")
    assert (skip["tier"], skip["code"]) == ("-", "leaf-form")
    assert not any(PHONE.encode() in line for line in province.dump())
