"""A script imports by one call: its own token, the report of `import --json`, nothing half done."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from fenhe_node.cli import main
from fenhe_node.collecting.script_token import FILE, is_token, new_token
from fenhe_node.console.app import make_app
from fenhe_node.node import Node
from fenhe_node.store import Store, records
from tests.node import homes
from tests.node.consoles import console_of
from tests.node.lists import GOOD, HEADERS, write_csv

WRONG = [*GOOD[0][:3], "三十五", *GOOD[0][4:]]
SEM = {
    "记录编号": "S-1",
    "仪器编号": "A-1",
    "有效机时（小时）": 1.5,
    "开始时间": "2026-07-01 09:00",
}


class Script:
    """A script with a token, before a unit's console."""

    def __init__(self, node: Node, server: BaseTestServer, token: str) -> None:
        self.node, self.token = node, token
        self.url = str(server.make_url("/api/import"))

    async def send(
        self,
        body: bytes | list[Any],
        query: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if not isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.url, data=raw, headers=headers, params=query or {}) as answer,
        ):
            return answer.status, await answer.json(content_type=None)

    def ids(self, kind: str = "instrument") -> list[str]:
        with Store.open(self.node.home.store) as store:
            return sorted(records.ids(store, kind))


@asynccontextmanager
async def scripting(path: Path) -> AsyncIterator[Script]:
    node = homes.new_node(path / "node")
    async with TestServer(make_app(console_of(node))) as server:
        yield Script(node, server, new_token(node.home.path))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def table(tmp_path: Path, *rows: list[str]) -> bytes:
    return write_csv(tmp_path / "a.csv", [HEADERS, *rows]).read_bytes()


async def test_a_file_is_answered_with_the_report_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = table(tmp_path, WRONG, *GOOD[1:])
    async with scripting(tmp_path) as script:
        status, told = await script.send(raw, {"name": "设备.csv"})
    assert (status, told["exit"], told["staged"], told["refused"]) == (207, 4, 2, 1)
    other = homes.new_node(tmp_path / "other")
    (tmp_path / "设备.csv").write_bytes(raw)
    arguments = ["--home", str(other.home.path), "import", str(tmp_path / "设备.csv"), "--json"]
    assert main(arguments) == told["exit"]
    assert json.loads(capsys.readouterr().out) == told


async def test_the_status_says_whether_all_was_taken(tmp_path: Path) -> None:
    async with scripting(tmp_path) as script:
        status, told = await script.send(table(tmp_path, *GOOD), {"name": "a.csv"})
        assert (status, told["exit"]) == (200, 0)
        status, told = await script.send(table(tmp_path, WRONG), {"name": "b.csv"})
        assert (status, told["exit"]) == (422, 3)
        status, told = await script.send(b"<html></html>", {"name": "c.xls"})
        assert (status, told["code"]) == (422, "source.markup")


async def test_records_in_json_keep_their_numbers_as_their_place(tmp_path: Path) -> None:
    records = [SEM, SEM | {"记录编号": "S-2", "有效机时（小时）": "长"}]
    async with scripting(tmp_path) as script:
        status, told = await script.send(records, {"list": "机时", "kind": "service_record"})
        assert (status, told["new"]) == (207, ["S-1"])
        (problem,) = told["problems"]
        assert (problem["key"], problem["header"]) == ("第 2 条 record 2", "有效机时（小时）")
        part = {"list": "机时", "kind": "service_record", "part": "1"}
        status, told = await script.send([SEM | {"记录编号": "S-3"}], part)
        assert (status, told["new"], told["vanished"]) == (200, ["S-3"], [])
        status, told = await script.send([SEM], part | {"part": "0"})
        assert (status, told["vanished"]) == (200, ["S-3"])


async def test_records_in_json_by_a_mapping_of_the_nodes_folder(tmp_path: Path) -> None:
    mapping = "kind: instrument\ncolumns:\n  no: id\n  about.name: name_zh\n  up: status\n"
    async with scripting(tmp_path) as script:
        (script.node.home.path / "m.yaml").write_text(mapping, "utf-8")
        sent = [{"no": "A-1", "about": {"name": "示例仪器"}, "up": "normal"}]
        status, told = await script.send(sent, {"list": "register", "mapping": "m.yaml"})
        assert (status, told["new"], script.ids()) == (200, ["A-1"], ["A-1"])


async def test_nobody_comes_without_the_token(tmp_path: Path) -> None:
    async with scripting(tmp_path) as script:
        former = script.token
        for token in ("", "wrong", "示例"):
            status, told = await script.send(b"", {"name": "a.csv"}, token=token)
            assert (status, told["code"]) == (401, "source.token")
        new_token(script.node.home.path)
        assert (await script.send(b"", {"name": "a.csv"}, token=former))[0] == 401
        (script.node.home.path / FILE).unlink()
        assert (await script.send(b"", {"name": "a.csv"}))[0] == 401


def test_only_the_hash_of_the_token_is_kept_and_for_its_owner(tmp_path: Path) -> None:
    token = new_token(tmp_path)
    assert is_token(tmp_path, token)
    assert token not in (tmp_path / FILE).read_text("ascii")
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({}, "name"),
        ({"name": "a.csv", "colour": "red"}, "colour"),
        ({"name": "a.csv", "part": "yes"}, "part"),
        ({"name": "a.csv", "mapping": "../a.yaml"}, "mapping"),
        ({"name": "a.csv", "mapping": "/etc/passwd"}, "mapping"),
        ({"name": "a.csv", "mapping": "config"}, "mapping"),
    ],
)
async def test_a_parameter_that_cannot_be_meant_is_named(
    query: dict[str, str], where: str, tmp_path: Path
) -> None:
    async with scripting(tmp_path) as script:
        status, told = await script.send(b"a", query)
    assert (status, told["code"], told["where"]) == (400, "request.parameter", where)


@pytest.mark.parametrize("raw", [b"{}", b"[1]", b"[", b"[]"])
async def test_json_that_is_no_list_of_records_is_refused(raw: bytes, tmp_path: Path) -> None:
    async with scripting(tmp_path) as script, aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {script.token}", "Content-Type": "application/json"}
        async with http.post(f"{script.url}?list=a", data=raw, headers=headers) as answer:
            assert answer.status == 422
            assert (await answer.json(content_type=None))["code"].startswith("source.")


async def test_a_name_is_a_strangers_text(tmp_path: Path) -> None:
    async with scripting(tmp_path) as script:
        query = {"name": "../../\u202ea\n.csv"}
        status, told = await script.send(table(tmp_path, *GOOD), query)
        assert (status, told["file"].isprintable(), "/" in told["file"]) == (200, True, False)
    assert names(tmp_path) == ["a.csv", "node"]


async def test_curl_does_it_as_the_manual_says(tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("no curl here: apt install curl")
    table(tmp_path, *GOOD)
    async with scripting(tmp_path) as script:
        done = await asyncio.to_thread(
            subprocess.run,
            ["curl", "-sS", "--fail-with-body", "-H", f"Authorization: Bearer {script.token}",
             "--data-binary", f"@{tmp_path / 'a.csv'}", f"{script.url}?name=a.csv"],
            capture_output=True, check=True,
        )  # fmt: skip
    assert json.loads(done.stdout)["staged"] == 3
