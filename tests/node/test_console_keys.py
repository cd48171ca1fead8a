"""Backups read again and lost records brought up to what is published: on the console."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from fenhe_node.backing_up.making import back_up_as_set
from fenhe_node.backing_up.memory import last_backup
from fenhe_node.store import Store, records
from tests.node.consoles import browsing
from tests.node.homes import Clock, instrument, new_node, publish_all, put


@contextmanager
def copied(file: Path, aside: Path) -> Iterator[None]:
    """Afterwards the database is what it was before."""
    with closing(sqlite3.connect(file)) as db, closing(sqlite3.connect(aside)) as copy:
        db.backup(copy)
    yield
    with closing(sqlite3.connect(file)) as db, closing(sqlite3.connect(aside)) as copy:
        copy.backup(db)


async def test_a_backup_is_read_again_and_records_that_were_lost_come_back(tmp_path: Path) -> None:
    clock = Clock()
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    backup = replace(node.config.backup, to=str(tmp_path / "backups"))
    node = replace(node, config=replace(node.config, backup=backup))
    back_up_as_set(node, clock.now)
    with copied(node.home.store, tmp_path / "older"):
        clock.at += 60
        put(node, [instrument("A-2")])
        publish_all(node, clock)
    async with browsing(node, clock) as browser:
        await browser.get("/keys")
        _, text, _ = await browser.post("/keys/verify")
        assert "完好，可以恢复" in text
        (Path(last_backup(node.home).folder) / "config.yaml").write_text("x")
        _, text, _ = await browser.post("/keys/verify")
        assert "备份已损坏：config.yaml" in text
        for said in ("补齐 1 条记录", "没有要补的"):
            _, text, _ = await browser.post("/keys/refill")
            assert said in text
    with Store.open(node.home.store) as store:
        assert records.find(store, "instrument", "A-2") is not None
