"""A database damaged at rest: the index is made again, the others are told with what to do."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import fenhe_hub.cli
import fenhe_node.cli
from fenhe_client.checking.result import last_result
from fenhe_node.web.server import make_serving
from fenhe_node.web.watch import reasons_against
from tests.federation.restoring_house import paired
from tests.hub.houses import new_hub
from tests.node.homes import NOW, instrument, new_node


async def test_a_changed_index_is_found_and_made_again(tmp_path: Path) -> None:
    async with paired(tmp_path) as pair:
        pair.publish(instrument("A-1"))
        await pair.sync()
        index = pair.hub.home.index
        with closing(sqlite3.connect(index)) as db, db:
            db.execute("UPDATE resource SET name_zh = '范例仪器'")
        command = ["--home", str(pair.hub.home.path), "check-files", "--index"]
        assert await asyncio.to_thread(fenhe_hub.cli.main, command) == 0
        found = [(each.path, each.healed_by) for each in last_result(pair.hub.home.path).findings]
        assert found == [("index.sqlite", "rebuild")]
        with closing(sqlite3.connect(index)) as db:
            names = {row[0] for row in db.execute("SELECT name_zh FROM resource")}
        assert "范例仪器" not in names
        assert await asyncio.to_thread(fenhe_hub.cli.main, command) == 0
        assert not last_result(pair.hub.home.path).findings


def test_a_torn_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    for file, main, home in (
        (node.home.store, fenhe_node.cli.main, node.home.path),
        (new_hub(tmp_path / "hub").home.heads, fenhe_hub.cli.main, tmp_path / "hub"),
    ):
        raw = file.read_bytes()
        file.write_bytes(raw[: len(raw) // 2])
        assert main(["--home", str(home), "check-files"]) == 4
        assert [each.path for each in last_result(home).damaged] == [file.name]
        assert all(each.advice for each in last_result(home).damaged)
    serving = make_serving(node, dict, lambda: NOW)
    assert "files: 1 damaged" in reasons_against(serving)
