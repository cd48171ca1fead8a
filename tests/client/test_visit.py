"""Visits to a log: what is admitted, what is stored, and what a bad publisher comes to."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fenhe_client.reading.block_read import BlockRead
from fenhe_client.reading.bodies import keep_lines
from fenhe_client.reading.visit import Outcome, VisitReport
from fenhe_protocol.block import Gap
from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.record import Record, Skip
from tests.client.unit_log import (
    KEY,
    NOW,
    DictFetcher,
    Files,
    Mirror,
    Publisher,
    instrument,
)
from tests.protocol.memory_visit import key_ranges
from tests.vectors import Case, as_bytes, load_cases


async def visit(mirror: Mirror, files: Mapping[str, bytes], **options: object) -> VisitReport:
    fetcher = DictFetcher(files)
    return await mirror.reader().visit(fetcher, now=NOW, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", load_cases("consistency"))
async def test_consistency_vectors(case: Case, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path, origin=case.input["origin"])
    reader = mirror.reader(keys=key_ranges(case.input["keys"]), unit=case.input["unit"])
    files = Files()
    visits: list[dict[str, object]] = []
    quarantined = False  # as a hub remembers it: by the evidence it keeps
    for step in case.input["steps"]:
        files |= {path: as_bytes(raw) for path, raw in step["files"].items() if raw is not None}
        for path in [path for path, raw in step["files"].items() if raw is None]:
            files.pop(path, None)
        if not quarantined:
            report = await reader.visit(DictFetcher(files), now=case.now)
            quarantined = len(report.evidence) == 2
        visits.append({"outcome": report.outcome.value, "size": report.head.size})
    assert visits == case.expected["visits"]


async def test_a_visit_mirrors_a_log_byte_for_byte(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(700)])
    mirror = Mirror(tmp_path / "hub")
    report = await visit(mirror, files)
    assert (report.outcome, report.old_size, report.head.size) == (Outcome.OK, 0, 700)
    assert mirror.files() == files
    assert mirror.spooled() == {}
    assert report.missing == {}


async def test_growth_is_read_and_nothing_else(tmp_path: Path) -> None:
    unit, mirror = Publisher(tmp_path / "unit"), Mirror(tmp_path / "hub")
    await visit(mirror, unit.publish([instrument(n) for n in range(600)]))
    files = unit.publish([instrument(n) for n in range(600, 610)])
    fetcher = DictFetcher(files)
    report = await mirror.reader().visit(fetcher, now=NOW)
    assert (report.old_size, report.head.size, report.leaves) == (600, 610, 10)
    assert fetcher.asked == [
        "checkpoint",
        "tile/entries/002.p/98",
        "body/pub/002",
        "body/hub/002",
    ]
    assert mirror.files() == files


async def test_an_unchanged_log_costs_one_request(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(1)])
    mirror, fetcher = Mirror(tmp_path / "hub"), DictFetcher(files)
    first = await mirror.reader().visit(fetcher, now=NOW)
    fetcher.asked.clear()
    second = await mirror.reader().visit(fetcher, now=NOW, etag=first.etag)
    third = await mirror.reader().visit(fetcher, now=NOW)
    assert fetcher.asked == ["checkpoint", "checkpoint"]
    assert first.etag == second.etag == third.etag != ""
    assert {each.outcome for each in (first, second, third)} == {Outcome.OK}


async def test_an_empty_log_is_admitted_with_its_checkpoint(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([])
    mirror = Mirror(tmp_path / "hub")
    report = await visit(mirror, files)
    assert (report.outcome, report.head.size) == (Outcome.OK, 0)
    assert mirror.files() == files
    assert (await visit(mirror, files)).outcome is Outcome.OK


async def test_a_refused_checkpoint_gives_out_no_etag(tmp_path: Path) -> None:
    bad = sign_checkpoint(Checkpoint("u2.example/fenhe/catalogue", 0, EMPTY_ROOT), KEY)
    mirror = Mirror(tmp_path / "hub")
    report = await visit(mirror, {"checkpoint": bad})
    assert (report.outcome, report.etag) == (Outcome.REFUSE, "")
    assert report.error is not None
    assert report.error.code == "checkpoint.origin"
    assert mirror.files() == {}


async def test_an_old_copy_is_counted_and_gives_out_no_etag(tmp_path: Path) -> None:
    unit, mirror = Publisher(tmp_path / "unit"), Mirror(tmp_path / "hub")
    old = unit.publish([instrument(1)])
    await visit(mirror, unit.publish([instrument(2)]))
    report = await visit(mirror, old)
    assert (report.outcome, report.older, report.etag) == (Outcome.OK, True, "")
    assert report.head.size == 2


async def test_blocks_are_handed_on_in_order_with_leaves_and_judged_bodies(tmp_path: Path) -> None:
    entries = [instrument(n) for n in range(256)]
    entries += [plain_entry(HeartbeatLeaf(NOW)), instrument(5, name_zh=7), instrument(6)]
    files = Publisher(tmp_path / "unit").publish(entries)
    seen: list[BlockRead] = []

    def take(read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
        seen.append(read)
        return keep_lines(read, fetched)

    await visit(Mirror(tmp_path / "hub"), files, take=take)
    assert [(read.start, read.stop) for read in seen] == [(0, 256), (256, 259)]
    last = seen[1].tiers["pub"].verdicts
    assert set(last) == {257, 258}
    assert isinstance(last[257], Skip)
    assert last[257].code == "schema"
    assert isinstance(last[258], Record)
    assert last[258].identity.id == "A-6"


async def test_what_take_leaves_out_is_not_stored(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(3)])
    mirror = Mirror(tmp_path / "hub")
    await visit(mirror, files, take=lambda read, fetched: {"pub": fetched["pub"]})
    assert set(files) - set(mirror.files()) == {"body/hub/000"}


async def test_a_missing_line_is_asked_for_once_more_past_every_cache(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(3)])
    whole = files["body/pub/000"]
    files["body/pub/000"] = b"".join(whole.splitlines(keepends=True)[:2])
    fetcher, mirror = DictFetcher(files), Mirror(tmp_path / "hub")
    report = await mirror.reader().visit(fetcher, now=NOW)
    assert fetcher.fresh == ["body/pub/000"]
    assert report.head.size == 3
    assert report.missing == {"pub": {0}}
    assert mirror.files() == files


async def test_missing_lines_are_asked_for_at_every_visit_until_they_come(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(300)])
    whole = dict(files)
    del files["body/hub/000"]
    mirror = Mirror(tmp_path / "hub")
    seen: list[BlockRead] = []
    report = await visit(mirror, files)
    assert report.missing == {"hub": {0}}

    def take(read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
        seen.append(read)
        return keep_lines(read, fetched)

    fetcher = DictFetcher(files)
    report = await mirror.reader().visit(fetcher, now=NOW, wanted=report.missing, take=take)
    assert (fetcher.asked, fetcher.fresh) == (["checkpoint"], ["body/hub/000"])
    assert report.missing == {"hub": {0}}
    assert seen == []
    report = await visit(mirror, whole, wanted=report.missing, take=take)
    assert report.missing == {}
    assert [read.block for read in seen] == [0]
    assert set(seen[0].tiers) == {"pub", "hub"}
    assert mirror.files() == whole


async def test_a_line_that_a_publisher_drops_stays_ours(tmp_path: Path) -> None:
    unit, mirror = Publisher(tmp_path / "unit"), Mirror(tmp_path / "hub")
    first = unit.publish([instrument(1), instrument(2)])
    await visit(mirror, first)
    files = unit.publish([instrument(3)])
    whole = files["body/pub/000"]
    files["body/pub/000"] = b"".join(whole.splitlines(keepends=True)[1:])
    report = await visit(mirror, files)
    assert report.missing == {}
    assert mirror.files()["body/pub/000"] == whole


async def test_lines_above_the_head_or_without_a_commitment_are_not_stored(tmp_path: Path) -> None:
    unit, mirror = Publisher(tmp_path / "unit"), Mirror(tmp_path / "hub")
    files = unit.publish([instrument(1), plain_entry(HeartbeatLeaf(NOW))])
    whole = files["body/pub/000"]
    line = whole.split(b" ", 1)[1]
    await visit(mirror, files | {"body/pub/000": whole + b"1 " + line + b"2 " + line})
    assert mirror.files()["body/pub/000"] == whole


async def test_a_line_of_another_hash_is_missing(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(3)])
    mirror = Mirror(tmp_path / "hub")
    seen: list[BlockRead] = []
    whole = files["body/pub/000"]
    files["body/pub/000"] = whole.replace("示例仪器 1".encode(), "示例仪器 9".encode())

    def take(read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
        seen.append(read)
        return {}

    report = await visit(mirror, files, take=take)
    assert report.outcome is Outcome.OK
    assert seen[0].tiers["pub"].verdicts[1] is Gap.MISSING
    assert isinstance(seen[0].tiers["hub"].verdicts[1], Record)


@pytest.mark.parametrize("error", [Refused("fetch.size"), Deferred("fetch.busy")])
async def test_a_body_file_that_fails_concerns_only_itself(
    error: FenheError, tmp_path: Path
) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(600)])
    fetcher = DictFetcher(files, lambda path: error if path == "body/pub/001" else None)
    mirror = Mirror(tmp_path / "hub")
    report = await mirror.reader().visit(fetcher, now=NOW)
    assert (report.outcome, report.body_error) == (Outcome.OK, error)
    assert report.missing == {"pub": {1}}
    assert set(files) - set(mirror.files()) == {"body/pub/001"}


async def test_a_tier_that_is_denied_is_not_asked_for_without_end(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(2560)])
    denied = Deferred("fetch.denied")
    fetcher = DictFetcher(files, lambda path: denied if path.startswith("body/hub/") else None)
    report = await Mirror(tmp_path / "hub").reader().visit(fetcher, now=NOW)
    assert len([path for path in fetcher.asked if path.startswith("body/hub/")]) < 20
    assert report.missing == {"hub": set(range(10))}


async def test_a_head_is_admitted_when_the_share_ends_among_the_bodies(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(2560)])
    spent = Deferred("visit.bytes")
    left = [7]

    def before(path: str) -> FenheError | None:
        left[0] -= path.startswith("body/")
        return spent if left[0] < 0 else None

    mirror = Mirror(tmp_path / "hub")
    report = await mirror.reader().visit(DictFetcher(files, before), now=NOW)
    assert (report.outcome, report.head.size, report.more) == (Outcome.OK, 2560, True)
    report = await visit(mirror, files, wanted=report.missing)
    assert (report.missing, report.more) == ({}, False)
    assert mirror.files() == files


async def test_an_erased_line_is_never_stored(tmp_path: Path) -> None:
    entries = [instrument(n) for n in range(300)]
    erase = EraseLeaf(((1, 3),), ("hub",), "law")
    files = Publisher(tmp_path / "unit").publish([*entries, plain_entry(erase)])
    mirror = Mirror(tmp_path / "hub")
    report = await visit(mirror, files)
    assert report.erasures == {"hub": ((1, 3),)}
    assert report.missing == {}
    kept = mirror.files()["body/hub/000"].splitlines()
    assert [int(line.split()[0]) for line in kept[:3]] == [0, 3, 4]
    assert mirror.files()["body/pub/000"] == files["body/pub/000"]


async def test_only_the_tiers_allowed_are_asked_for(tmp_path: Path) -> None:
    files = Publisher(tmp_path / "unit").publish([instrument(n) for n in range(3)])
    fetcher, mirror = DictFetcher(files), Mirror(tmp_path / "hub")
    await mirror.reader(tiers=("pub",)).visit(fetcher, now=NOW)
    assert not any(path.startswith("body/hub") for path in fetcher.asked)
