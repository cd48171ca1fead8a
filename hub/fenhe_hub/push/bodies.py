"""Pushed body lines: each must be the one its leaf commits to, then all are read in (feed §9).

They are stored nowhere before the visit that judges them: what a hub must not keep is never
written. Start at `take_lines`.
"""

import asyncio
from collections.abc import Iterator
from itertools import islice

from fenhe_client.stored.files import read_bundle
from fenhe_hub.ingest.gaps import missing_at
from fenhe_hub.push.reception import PushedLog, Reception
from fenhe_protocol.block import Erased
from fenhe_protocol.body import BodyLine, Committer, encode_line, read_body_file
from fenhe_protocol.errors import RequestError
from fenhe_protocol.leaves import commitments_of, parse_leaves
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.tiles import BodyFile, EntryBundle

MOST_LINES = 10_000  # of one answer to `missing`


async def take_lines(reception: Reception, pushed: PushedLog, file: BodyFile, raw: bytes) -> None:
    """Take all lines or none; durable when it returns.

    RequestError `push.leaf`, `push.erased` (409), `push.line` (422), each with the index; 503
    `push.later` where the visit could not be made.
    """
    await reception.catch_up(pushed)
    erased = reception.archive.erased(pushed.name)
    lines = await asyncio.to_thread(_judged, pushed, file, raw, erased)
    wanted = _wanted(reception, pushed, file)
    brought = [line for line in lines if line.index in wanted]
    if not brought:
        return
    content = b"".join(map(encode_line, brought))
    await reception.take_in(pushed, {file: content})
    left = _wanted(reception, pushed, file)
    if any(line.index in left for line in brought):
        raise RequestError("push.later", status=503, where=_place(pushed, brought[0].index, file))


async def missing_lines(reception: Reception, pushed: PushedLog) -> bytes:
    """The bodies still to come, `<index> <tier>`, lowest first, at most `MOST_LINES`."""
    await reception.catch_up(pushed)
    lines = islice(missing_at(reception.archive.db, pushed.name.log_no), MOST_LINES)
    return "".join(f"{index} {tier}\n" for index, tier in lines).encode()


def _wanted(reception: Reception, pushed: PushedLog, file: BodyFile) -> set[int]:
    """The indices of the block whose bodies are still to come."""
    return reception.archive.gaps(pushed.name, {file.tier: [file.index]}).indices(file.tier)


def _judged(pushed: PushedLog, file: BodyFile, raw: bytes, erased: Erased | None) -> list[BodyLine]:
    lines, ended_early = read_body_file(raw, file.index)
    if ended_early:
        after = lines[-1].index + 1 if lines else file.index * BLOCK
        raise RequestError(
            "push.line",
            status=422,
            where=_place(pushed, after, file),
            expected="<index> <salt> <json>",
        )
    commitments, size = _commitments(pushed, file), pushed.size
    for line in lines:
        if line.index >= size:
            raise _refused("push.leaf", 409, pushed, line, file)
        if erased is not None and erased(line.index, file.tier):
            raise _refused("push.erased", 409, pushed, line, file)
    fitting = Committer(pushed.origin, file.tier).fitting(lines, commitments)
    for bad in _besides(lines, fitting):
        raise _refused("push.line", 422, pushed, bad, file)
    return lines


def _commitments(pushed: PushedLog, file: BodyFile) -> dict[int, bytes]:
    start = file.index * BLOCK
    if (width := min(BLOCK, pushed.size - start)) <= 0:
        return {}
    bundle = EntryBundle(file.index, width)
    entries = read_bundle(pushed.log.files, bundle, max_entry=DEFAULTS.leaf_bytes)
    return commitments_of(parse_leaves(entries, start, pushed.log.name), file.tier, start)


def _besides(lines: list[BodyLine], fitting: list[BodyLine]) -> Iterator[BodyLine]:
    good = {line.index for line in fitting}
    return (line for line in lines if line.index not in good)


def _refused(
    code: str, status: int, pushed: PushedLog, line: BodyLine, file: BodyFile
) -> RequestError:
    return RequestError(code, status=status, where=_place(pushed, line.index, file))


def _place(pushed: PushedLog, index: int, file: BodyFile) -> str:
    return f"{pushed.origin}#{index}/{file.tier}"
