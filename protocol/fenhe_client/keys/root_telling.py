"""What a root document says and changes, in words for those who sign it or serve it."""

from collections.abc import Iterator, Sequence

from fenhe_client.keys.root_desk import Draft
from fenhe_protocol.encoding import b64_encode, format_time
from fenhe_protocol.root_document import LogKeys, RootDocument, fingerprint


def told_document(document: RootDocument) -> Iterator[tuple[str, str]]:
    """Everything it says, as pairs of a label and a value."""
    yield "第几份 number", str(document.n)
    yield "名称 origin", document.origin
    yield "单位 unit", document.unit
    yield "网址 address", document.url
    yield "时间 time", format_time(document.time)
    yield "前一份 previous", document.prev or "—"
    yield "本份摘要 digest", fingerprint(document.text)
    yield "须签 threshold", f"{document.threshold} / {len(document.root)}"
    for key in document.root:
        yield "根密钥 root key", b64_encode(key)
    for log in document.logs:
        yield from _told_log(log)
    for key in document.request:
        yield "请求密钥 request key", b64_encode(key)
    if document.cosign is not None:
        yield "联署密钥 cosigner", b64_encode(document.cosign.public)
    if document.seal is not None:
        yield "密封密钥 seal key", b64_encode(document.seal)


def _told_log(log: LogKeys) -> Iterator[tuple[str, str]]:
    if not log.keys:
        yield f"日志 log {log.name}", "—"
    for key in log.keys:
        bound = "" if key.end is None else str(key.end)
        yield f"日志 log {log.name}", f"{b64_encode(key.public)} [{key.start}, {bound})"
    if log.end is not None:
        yield f"日志已结束 ended {log.name}", f"{log.end.size} {b64_encode(log.end.root)}"


def told_changes(before: RootDocument, after: RootDocument) -> list[str]:
    """What is new in `after`, a line each."""
    lines = [*_keys("根密钥 root key", before.root, after.root)]
    if before.threshold != after.threshold:
        lines.append(f"须签 threshold {before.threshold} → {after.threshold}")
    lines += [line for log in after.logs for line in _log_changes(before.log(log.name), log)]
    lines += _keys("请求密钥 request key", before.request, after.request)
    cosigners = [each.text if each else "—" for each in (before.cosign, after.cosign)]
    lines += _replaced("联署密钥 cosigner", *cosigners)
    seals = [b64_encode(each) if each else "—" for each in (before.seal, after.seal)]
    lines += _replaced("密封密钥 seal key", *seals)
    if before.url != after.url:
        lines.append(f"网址 address {before.url} → {after.url}")
    return lines


def _replaced(label: str, before: str, after: str) -> Iterator[str]:
    if before != after:
        yield f"{label} → {after}"


def _keys(label: str, before: Sequence[bytes], after: Sequence[bytes]) -> Iterator[str]:
    for key in before:
        if key not in after:
            yield f"{label} − {b64_encode(key)}"
    for key in after:
        if key not in before:
            yield f"{label} + {b64_encode(key)}"


def _log_changes(before: LogKeys | None, after: LogKeys) -> Iterator[str]:
    if before is None and not after.keys:
        yield f"日志 log {after.name}: 没有密钥 listed without a key"
    known = {key.public: key for key in before.keys} if before else {}
    for key in after.keys:
        if key.public not in known:
            yield f"日志 log {after.name}: + {b64_encode(key.public)} 从大小 from {key.start}"
        elif known[key.public].end != key.end:
            yield f"日志 log {after.name}: {b64_encode(key.public)} 到此前 below {key.end}"
    if after.end is not None and (before is None or before.end is None):
        yield f"日志 log {after.name}: 结束于 ended at {after.end.size}"


def told_lacking(draft: Draft) -> list[str]:
    """Who has still to sign, and how."""
    return [
        f"还缺 {draft.lacking.number} 个签名 signatures lacking, 下列密钥之一 by any of:",
        *(f"  {b64_encode(key)}" for key in draft.lacking.keys),
        f"要签的文件 to be signed: {draft.file}",
        "在保管根密钥的机器上 where the key is: fenhe sign-root FILE --seed-file KEY --out LINE",
        "再在这里 then here: root-document adopt LINE",
    ]
