"""What the next root document of a unit or hub says (feed §5, §11). Pure; start at `compose_next`.

`succeed_key` bounds a log's key and lists its successor, `end_log` ends a log and lists the next
epoch; both return the new list of logs for `compose_next`. Who has to sign, and who has, is told by
`lacking`: with several root keys the signatures come in one by one from other machines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.root_document import (
    LogEnd,
    LogKeys,
    RootDocument,
    check_next,
    compose_root,
    fingerprint,
)


def compose_next(
    previous: RootDocument,
    *,
    time: int,
    url: str | None = None,
    root: Sequence[bytes] | None = None,
    threshold: int | None = None,
    logs: Sequence[LogKeys] | None = None,
    request: Sequence[bytes] | None = None,
    cosign: bytes | None = None,
    seal: bytes | None = None,
) -> bytes:
    """The text of the document after `previous`; what is None stays as it is.

    Refused `root.*` where readers would not believe it, whoever signed. `time` does not step back.
    """
    kept = previous.cosign.public if previous.cosign else None
    text = compose_root(
        origin=previous.origin,
        unit=previous.unit,
        url=previous.url if url is None else url,
        time=max(time, previous.time),
        root=previous.root if root is None else root,
        threshold=previous.threshold if threshold is None else threshold,
        logs=previous.logs if logs is None else logs,
        request=previous.request if request is None else request,
        n=previous.n + 1,
        prev=fingerprint(previous.text),
        cosign=kept if cosign is None else cosign,
        seal=previous.seal if seal is None else seal,
    )
    check_next(previous, text)
    return text


def succeed_key(log: LogKeys, new: bytes, *, size: int) -> LogKeys:
    """The log with `new` in force above `size`, the last size that was or will be signed before.

    Every key without a bound gets one: the lowest that lies above `size` and above its own `from`.
    """
    open_keys = [key for key in log.keys if key.end is None]
    bound = max([size, *(key.start for key in open_keys)]) + 1
    kept = [replace(key, end=bound) if key.end is None else key for key in log.keys]
    return replace(log, keys=(*kept, KeyRange(new, bound)))


def end_log(
    logs: Sequence[LogKeys], name: str, end: LogEnd, *, successor: bytes
) -> tuple[LogKeys, ...]:
    """The logs with `name` ended at this head and its next epoch, signed by `successor`, begun.

    ValueError where the log is not listed or has ended already.
    """
    ended = next((log for log in logs if log.name == name), None)
    if ended is None or ended.end is not None:
        raise ValueError(f"no log that goes on: {name}")
    kept = tuple(replace(log, end=end) if log.name == name else log for log in logs)
    return (*kept, LogKeys(next_epoch(name), (KeyRange(successor),)))


def next_epoch(name: str) -> str:
    """`catalogue` → `catalogue.2`, `usage.2` → `usage.3`."""
    family, epoch = split_log_name(name)
    return f"{family}.{epoch + 1}"


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many more good signatures a document needs, and whose would count."""

    number: int
    keys: tuple[bytes, ...]


def lacking(
    previous: RootDocument | None, document: RootDocument, signed: Iterable[bytes]
) -> Lacking:
    """What is missing until the thresholds of `previous` and of `document` are met (feed §5)."""
    good = set(signed)
    sides = [side for side in (previous, document) if side is not None]
    short = [side for side in sides if len(good & set(side.root)) < side.threshold]
    number = max((side.threshold - len(good & set(side.root)) for side in short), default=0)
    keys = dict.fromkeys(key for side in short for key in side.root if key not in good)
    return Lacking(number, tuple(keys))
