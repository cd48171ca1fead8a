"""A process is killed before each of its writes in turn, and the next one goes on.

Writes are those of `tests.federation.dying`: what goes to the disk, promised heads, transactions.
Each process is forked from a parent that has everything imported, so thousands fit. `make kills`
kills at every write, goes through all of them again and again, and says how often; else it is every
eighth.
"""

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from fenhe_client.stored.files import CHECKPOINT, FeedFiles, stored_hashes
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_node.publishing.heads import LOGS, log_files, verify_head
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note
from tests.federation import dying
from tests.federation.dying import killed_at
from tests.federation.restoring_house import Pair, paired
from tests.node.homes import bodies, instrument, new_node, service

pytestmark = pytest.mark.no_cover


def passes() -> range:
    """How often the writes are gone through."""
    return range(max(1, settings().max_examples // 100))


def writes(turn: int) -> range:
    """At which of its writes a process is killed, up to more than it has."""
    return range(10_000) if len(passes()) > 1 else range(turn, 10_000, 8)


def head_in(files: FeedFiles) -> Checkpoint | None:
    raw = files.read(CHECKPOINT)
    return parse_checkpoint(parse_note(raw).text) if raw else None


def assert_prefix(files: FeedFiles, head: Checkpoint) -> None:
    root = root_at(head.size, stored_hashes(files, head.size)) if head.size else EMPTY_ROOT
    assert root == head.root, head


@pytest.mark.hypothesis
async def test_a_publish_killed_before_each_write_loses_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    node, seen, put = new_node(tmp_path / "home"), set[Checkpoint](), set[str]()
    home, kills = node.home.path, 0
    for turn in passes():
        for write in writes(turn):
            names = (f"A-{turn}-{write}", f"S-{turn}-{write}")
            put |= {*names}
            records = [instrument(names[0], value_yuan=write), service(names[1])]
            died = await killed_at(write, dying.publish_records, home, records)
            seen |= {h for log in LOGS if (h := head_in(log_files(node.home, log)))}
            if not died:
                break
            kills += 1
        assert write > 20
    print(f"kills at the node: {kills}")
    heads = {log: verify_head(node.home, node.root, log) for log in LOGS}
    for head in seen:
        assert_prefix(log_files(node.home, head.origin.rpartition("/")[2]), head)
    said = [
        body["id"]
        for log, tier in (("catalogue", "pub"), ("usage", "hub"))
        for body in bodies(node, log, tier, heads[log].size)
    ]
    # One that was killed before its records were put has none to publish.
    assert len(said) == len({*said}) and {*said} - {node.root.unit} <= put
    assert {name for name in put if name.endswith(f"-{write}")} <= {*said}


@pytest.mark.hypothesis
async def test_a_sync_killed_before_each_write_loses_nothing_and_takes_no_head_back(
    tmp_path: Path,
) -> None:
    async with paired(tmp_path) as pair:
        files, seen, kills = logs_of(pair), set[Checkpoint](), 0
        async with pair.served():
            for turn in passes():
                for write in writes(turn):
                    pair.publish(instrument(f"A-{turn}-{write}"), service(f"S-{turn}-{write}"))
                    died = await killed_at(write, dying.sync_hub, pair.hub.home.path, 0)
                    seen |= {head for each in files.values() if (head := head_in(each))}
                    # A visit may also be put off, as on a machine that is too busy to answer.
                    if not died and is_level(pair):
                        break
                    kills += died
                assert write > 40
        print(f"kills at the hub: {kills}")
        for head in seen:
            assert_prefix(files[head.origin], head)
        assert is_level(pair)
        before = dump(pair)
        assert not [line for line in before if b'"gap"' in line]
        rebuild(pair.hub)
        assert dump(pair) == before


def is_level(pair: Pair) -> bool:
    """Whether the mirror shows all that the node has signed."""
    node, files = pair.node, logs_of(pair)
    return all(
        head_in(files[f"{node.root.origin}/{log}"]) == verify_head(node.home, node.root, log)
        for log in LOGS
    )


def logs_of(pair: Pair) -> dict[str, FeedFiles]:
    names = [f"{pair.node.root.origin}/{log}" for log in LOGS]
    files: dict[str, FeedFiles] = {n: MirrorLog(pair.hub.home, n).files for n in names}
    return files | {pair.hub.fed_origin: pair.hub.fed_files()}


def dump(pair: Pair) -> list[bytes]:
    with closing(open_index(pair.hub.home.index)) as db:
        return list(dump_index(db))
