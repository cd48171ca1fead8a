"""Invented users of services, sealed for the national platform: the hub holds them, and knows none.

A unit enrols a gateway and publishes users' identities under seal; the hub mirrors and cosigns them
unopened. Then its files, logs, index, answers and memory are searched; the gateway reads every one.
"""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from fenhe_hub.gateway.keys import FirstKeys, first_root, make_keys
from fenhe_protocol.body import read_body_file
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.request import sign_request
from fenhe_protocol.root_document import fingerprint
from fenhe_protocol.seal import open_body
from tests import forked
from tests.federation.crawling import crawl
from tests.federation.memory import MARKS, PERSONS, Searched, may_read, needles, search
from tests.federation.planting import id_number, mail, mobile, name
from tests.federation.province import HUB_ORIGIN, HUB_USCC, SOMETHING_REFUSED, Province, province_in
from tests.federation.scanning import marks_below, marks_in
from tests.node.lists import write_xlsx
from tests.wanting import wanting

USCC = "121400000000000013"
USAGE = "node.example/fenhe/usage"
ROWS = 300  # more than one block
USER = ("applicant", "phone", "mail", "applicant_unit", "project_name", "project_content")


@dataclass(frozen=True)
class Story:
    """What took part, and what was read and answered."""

    province: Province
    keys: FirstKeys
    published: dict[str, Any]
    opened: list[dict[str, Any]]  # what the gateway reads
    answers: dict[str, bytes]  # of the hub to a stranger, by path
    memory: Searched | None  # of the serving hub; None: not readable here
    dumps: tuple[bytes, bytes]  # of the index, and of the index made again


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with province_in(tmp_path_factory.mktemp("sealed")) as province:
        keys = make_keys(_folder(province, "gateway-keys"))
        reader = {
            "name": "gateway",
            "key": b64_encode(keys.request.public),
            "tiers": ["hub", "nat"],
        }
        province.found_hub(readers=json.dumps([reader]), interval_seconds=1)
        published = _publish(province, keys)
        province.serve("hub")
        province.serve("node")
        province.enrol("node")
        province.sync()
        province.until_cosigned("node.example/fenhe", "usage", ROWS)
        opened = _read_as_gateway(province, keys)
        answers = crawl(
            province.url("hub"), ("/", "/units", f"/u/{USCC}", "/metrics", "/api/v1/units")
        )
        memory = _memory(province)
        province.hub("check")
        province.stop("hub")
        dumps = (_dump(province), _dump(province, again=True))
        yield Story(province, keys, published, opened, answers, memory, dumps)


def _dump(province: Province, *, again: bool = False) -> bytes:
    if again:
        province.hub("rebuild")
    dumped = forked.run("fenhe-hub", "--home", str(province.home("hub")), "dump")
    dumped.check_returncode()
    return dumped.stdout


def _folder(province: Province, name: str) -> Path:
    folder = province.folder / name
    folder.mkdir()
    return folder


def _user(row: int) -> dict[str, str]:
    return {
        "applicant": name(row),
        "phone": mobile(row),
        "mail": mail(row),
        "applicant_unit": f"示例公司{name(row)}工作室",
        "project_name": f"{name(row)}的示例课题",
        "project_content": f"请联系{name(row)} {mobile(row)} {id_number(row)} {mail(row)}",
    }


def _publish(province: Province, keys: FirstKeys) -> dict[str, Any]:
    [seal] = keys.seals.values()
    root = first_root(
        keys,
        origin="gateway.example/nrii",
        unit=HUB_USCC,
        url="https://gateway.example/nrii",
        seal=seal,
        now=int(time.time()),
    )
    documents = _folder(province, "gateway-root")
    (documents / "root").mkdir()
    (documents / "root" / "1").write_bytes(root)
    province.found_node("node", "示例大学", USCC)
    mark = fingerprint(parse_note(root).text)
    province.node("node", "trust", str(documents), "--fingerprint", mark, "--gateway")
    sheet, mapping = _write_list(_folder(province, "lists"))
    province.node(
        "node", "import", str(sheet), "--mapping", str(mapping), allowed=SOMETHING_REFUSED
    )
    answer: dict[str, Any] = province.node("node", "publish", allowed=SOMETHING_REFUSED)
    return answer


def _write_list(folder: Path) -> tuple[Path, Path]:
    least = {
        "instrument": "A-1",
        "started_at": "2026-11-02 09:00",
        "ended_at": "2026-11-02 11:00",
        "effective_minutes": "110",
    }
    columns = ["id", *least, *USER]
    rows = [[f"S-{n}", *least.values(), *_user(n).values()] for n in range(ROWS)]
    mapping = folder / "services.yaml"
    spec = {"kind": "service_record", "columns": {f"列 {each}": each for each in columns}}
    mapping.write_text(yaml.safe_dump(spec, allow_unicode=True), "utf-8")
    headers = [f"列 {each}" for each in columns]
    return write_xlsx(folder / "services.xlsx", [headers, *rows]), mapping


def _read_as_gateway(province: Province, keys: FirstKeys) -> list[dict[str, Any]]:
    opened = []
    for block in range(-(-ROWS // 256)):
        uri = f"{province.url('hub')}/m/{origin_hash(USAGE)}/body/nat/{block:03}"
        headers = sign_request(
            method="GET", uri=uri, body=None, key=keys.request, now=int(time.time()),
            nonce=os.urandom(16),
        )  # fmt: skip
        request = urllib.request.Request(uri, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            lines, ended_early = read_body_file(answer.read(), block)
        assert not ended_early
        opened += [open_body(e.body, origin=USAGE, keys=keys.seals).value for e in lines]
    return opened


def _memory(province: Province) -> Searched | None:
    pid = province.process("hub").pid
    if not may_read(pid):
        return None
    return search(pid, needles(*PERSONS, HUB_ORIGIN))


def test_every_user_is_sealed_and_the_gateway_reads_them(story: Story) -> None:
    assert story.published["kinds"]["service_record"] == ROWS
    assert (story.published["refused"], story.published["unsealed"]) == ([], 0)
    read = [{field: each[field] for field in USER} for each in story.opened]
    assert read == [_user(row) for row in range(ROWS)]
    assert all(marks_in(json.dumps(each).encode()) for each in read[:9])


def test_the_hub_holds_them_in_full(story: Story) -> None:
    held = sorted((story.province.home("hub") / "mirror").glob("*/held/body/nat/*"))
    assert sum(file.read_bytes().count(b"\n") for file in held) == ROWS
    standing = story.province.standing()["node.example/fenhe", "usage"]
    assert (standing["missing"], standing["refused"], standing["sealed"]) == (0, 0, ROWS)


def test_no_user_is_in_what_the_hub_stores(story: Story) -> None:
    files = {path.name for path in story.province.home("hub").rglob("*") if path.is_file()}
    assert {"index.sqlite", "visits.sqlite", "head.sqlite", "verified"} <= files
    assert marks_below(story.province.home("hub")) == {}


def test_no_user_is_in_what_the_node_signed(story: Story) -> None:
    assert len(marks_below(story.province.home("node"))["store.sqlite"]) > 100
    for tree in ("public", "held"):
        assert marks_below(story.province.home("node") / tree) == {}


@pytest.mark.parametrize("file", ["hub.log", "node.log", "commands.log"])
def test_no_user_is_in_the_logs(story: Story, file: str) -> None:
    assert marks_in((story.province.folder / file).read_bytes()) == set()


def test_no_user_is_answered_to_a_stranger(story: Story) -> None:
    assert len(story.answers) > 10
    assert {path: marks for path, raw in story.answers.items() if (marks := marks_in(raw))} == {}


def test_no_user_is_in_the_index_and_it_can_be_made_again(story: Story) -> None:
    before, after = story.dumps
    assert before.count(b'"table":"sealed"') == ROWS
    assert marks_in(before) == set()
    assert after == before


def test_no_user_is_in_the_memory_of_the_hub(story: Story) -> None:
    if story.memory is None:
        wanting("memory", "nobody may read another process's memory here: ptrace_scope")
    assert story.memory.whole and story.memory.like(needles(HUB_ORIGIN))
    assert story.memory.like(MARKS) == set()
