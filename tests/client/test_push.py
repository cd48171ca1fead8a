"""A push against mirrors that answer whatever they like; `tests/federation` has the real one."""

from pathlib import Path

import pytest

from fenhe_client.pushing.push import LogToPush
from fenhe_client.stored.files import FolderFiles
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.upload import INFO_TYPE, MOST_PACKAGES
from fenhe_protocol.witness import SIZE_TYPE, parse_add_checkpoint
from tests.client.scripted_mirror import (
    COSIGNER,
    SIZE,
    Answer,
    Script,
    cosignature,
    error_of,
    info,
    log_of,
    problem,
    push,
    taken,
)
from tests.client.unit_log import CATALOGUE, Publisher, instrument


@pytest.fixture
def log(tmp_path: Path) -> LogToPush:
    return log_of(tmp_path)


async def test_a_mirror_that_has_nothing_is_sent_everything(log: LogToPush) -> None:
    answers = [info(409, SIZE, 0), info(202, SIZE, SIZE), cosignature(log)]
    lines = b"0 pub\n0 hub\n599 hub\n"
    script = Script(
        {
            "add-checkpoint": [taken()],
            "add-entries": answers,
            "missing": [(200, "text/plain", lines), (200, "text/plain", b"")],
            "000": [(204, "", b"")],
            "002": [(204, "", b"")],
        }
    )
    report = await push(script, log)
    assert (report.size, report.entries, report.lines) == (SIZE, SIZE, 3)
    assert b"hub.example/fenhe/m" in report.note
    spans = [(p.span.start, p.span.end) for _, found in script.uploads for p in found]
    assert spans == [(0, 256), (256, 512), (512, 600)]
    note = log.files.read("checkpoint")
    assert note is not None
    root = parse_checkpoint(parse_note(note).text).root
    assert all(p.proves([], size=SIZE, root=root) for _, found in script.uploads for p in found)
    starts = [(header.start, header.ticket) for header, _ in script.uploads]
    assert starts == [(SIZE, b""), (0, b"t"), (SIZE, b"t")]


async def test_it_goes_on_in_the_middle_of_a_block(log: LogToPush) -> None:
    script = Script(
        {"add-checkpoint": [taken()], "add-entries": [info(409, SIZE, 300), cosignature(log)]}
    )
    await push(script, log)
    spans = [(p.span.start, p.span.end) for _, found in script.uploads for p in found]
    assert spans == [(300, 512), (512, 600)]


async def test_no_request_has_more_packages_than_a_mirror_wants(tmp_path: Path) -> None:
    publisher, size = Publisher(tmp_path), 256 * MOST_PACKAGES + 300
    publisher.publish([instrument(n, tiers=("pub",)) for n in range(size)])
    files = FolderFiles(tmp_path / "log", tmp_path / "log", log="catalogue")
    log = LogToPush(CATALOGUE, files, [COSIGNER])
    answers = [info(409, size, 0), info(202, size, 256 * MOST_PACKAGES), cosignature(log)]
    script = Script({"add-checkpoint": [taken()], "add-entries": answers})
    assert (await push(script, log)).note
    assert [len(found) for _, found in script.uploads] == [0, MOST_PACKAGES, 2]


async def test_the_size_that_the_mirror_knows_is_proven_from(log: LogToPush) -> None:
    script = Script(
        {
            "add-checkpoint": [(409, SIZE_TYPE, b"257\n"), taken()],
            "add-entries": [cosignature(log)],
        }
    )
    await push(script, log)
    first, second = (parse_add_checkpoint(body) for name, body in script.seen[:2])
    assert (first.old, first.proof, second.old) == (0, (), 257) and second.proof


async def test_a_mirror_that_knows_more_than_we_hold_stops_us(log: LogToPush) -> None:
    script = Script({"add-checkpoint": [(409, SIZE_TYPE, b"601\n")]})
    assert (await error_of(script, log)).code == "push.ahead"


@pytest.mark.parametrize(
    "answer",
    [
        (409, "text/plain", b"257\n"),
        (409, SIZE_TYPE, b"257"),
        (409, SIZE_TYPE, b"+7\n"),
        (201, "text/plain", b""),
        (422, "text/plain", b"no"),
    ],
)
async def test_an_answer_to_a_head_that_is_none_is_refused(log: LogToPush, answer: Answer) -> None:
    error = await error_of(Script({"add-checkpoint": [answer]}), log)
    assert isinstance(error, Refused) and error.code in ("hub.answer", "push.refused")


async def test_what_the_hub_says_is_told(log: LogToPush) -> None:
    script = Script({"add-checkpoint": [problem(403, "request.tier")]})
    error = await error_of(script, log)
    assert (error.code, error.found) == ("push.refused", "403 request.tier")


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (422, "witness.root", "push.forked"),
        (422, "witness.proof", "push.forked"),
        (403, "log.quarantined", "push.quarantined"),
    ],
)
async def test_who_signed_another_history_is_told_what_to_do(
    log: LogToPush, status: int, said: str, code: str
) -> None:
    error = await error_of(Script({"add-checkpoint": [problem(status, said)]}), log)
    assert (error.code, error.found) == (code, f"{status} {said}")
    assert "restore" in error.advice


async def test_the_hubs_clock_is_named_beside_ours(log: LogToPush) -> None:
    script = Script(
        {
            "add-checkpoint": [taken()],
            "add-entries": [info(202, SIZE, SIZE)],
            "missing": [problem(401, "request.clock", "2026-11-23T09:00:00+08:00 ± 300 s")],
        }
    )
    error = await error_of(script, log)
    assert (error.code, error.found) == ("push.clock", "2026-11-23T08:01:05+08:00")
    assert error.expected.startswith("2026-11-23T09:00:00+08:00")


async def test_a_hub_that_is_busy_says_for_how_long(log: LogToPush) -> None:
    script = Script({"add-checkpoint": [problem(503, "push.room")]})
    error = await error_of(script, log)
    assert isinstance(error, Deferred) and error.found == "503 push.room"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([info(202, SIZE, 0)], "push.unsettled"),
        ([info(409, SIZE, 0)], "push.unsettled"),
        ([info(409, SIZE - 1, 0)], "push.unsettled"),
        ([info(409, SIZE, SIZE + 1)], "push.unsettled"),
        ([(202, INFO_TYPE, b"600\n")], "upload.info"),
        ([(200, "text/plain", b"")], "hub.answer"),
        ([(200, "text/plain", b"not a signature\n")], "note.form"),
    ],
)
async def test_a_mirror_that_never_comes_on_is_given_up(
    log: LogToPush, answers: list[Answer], code: str
) -> None:
    script = Script({"add-checkpoint": [taken()], "add-entries": answers})
    assert (await error_of(script, log)).code == code


async def test_a_stranger_s_cosignature_is_no_receipt(log: LogToPush) -> None:
    stranger = cosignature(log, SigningKey.from_seed(b"stranger".ljust(32)))
    script = Script({"add-checkpoint": [taken()], "add-entries": [stranger]})
    assert (await error_of(script, log)).code == "hub.answer"


async def test_bodies_that_are_gone_here_too_are_named(log: LogToPush) -> None:
    log.files.remove(["body/hub/000"])
    script = Script(
        {
            "add-checkpoint": [taken()],
            "add-entries": [info(202, SIZE, SIZE)],
            "missing": [(200, "text/plain", b"7 hub\n")],
        }
    )
    error = await error_of(script, log)
    assert (error.code, error.found) == ("push.lost", "1: 7 hub")


async def test_a_hub_that_has_it_all_and_does_not_sign_is_told_as_such(log: LogToPush) -> None:
    script = Script(
        {
            "add-checkpoint": [taken()],
            "add-entries": [info(202, SIZE, SIZE)],
            "missing": [(200, "text/plain", b"")],
        }
    )
    assert (await error_of(script, log)).code == "push.uncosigned"


async def test_a_hub_that_is_never_content_is_given_up(log: LogToPush) -> None:
    script = Script(
        {
            "add-checkpoint": [taken()],
            "add-entries": [info(202, SIZE, SIZE)],
            "missing": [(200, "text/plain", b"7 hub\n")],
            "000": [(204, "", b"")],
        }
    )
    assert (await error_of(script, log)).code == "push.unsettled"
    assert len([name for name, _ in script.seen if name == "000"]) < 10


@pytest.mark.parametrize("lines", [b"7\n", b"7 node\n", b"07 hub\n", "7 \u4e2d\n".encode()])
async def test_a_list_of_missing_bodies_that_makes_no_sense_is_refused(
    log: LogToPush, lines: bytes
) -> None:
    script = Script(
        {
            "add-checkpoint": [taken()],
            "add-entries": [info(202, SIZE, SIZE)],
            "missing": [(200, "text/plain", lines)],
        }
    )
    assert (await error_of(script, log)).code == "hub.answer"
