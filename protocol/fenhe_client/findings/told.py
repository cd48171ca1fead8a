"""A finding's file re-told: what the hub claims, what follows from the file, and what does not.

Chinese first, English second. Start at `told` for people, `members` for programs.
"""

from collections.abc import Iterator
from typing import Any

from fenhe_client.findings.reckoned import Reckoned, day_of
from fenhe_protocol.encoding import b64_encode, date_at, format_time
from fenhe_protocol.error_texts import Text
from fenhe_protocol.finding_seen import Examined, LogSeen, Sighting
from fenhe_protocol.terminal import grouped

_STATES = {
    "met": Text("已满足", "met"),
    "due": Text("待办", "due"),
    "provisional": Text("暂定", "provisional"),
    "overdue": Text("逾期", "overdue"),
    "not_applicable": Text("不适用", "not applicable"),
    "exempt": Text("已豁免", "exempt"),
    "unknown": Text("无法判断", "unknown"),
}
_MOST_TOLD = 20


def told(found: Examined, reckoned: Reckoned, *, is_compared: bool) -> str:
    """The whole of it for people."""
    lines = [f"{'✘' if reckoned.doubts else '✔'} {_subject(found)}", *_claim(found, reckoned)]
    for heading, texts in (
        ("由本文件可以确定 What follows", _follows(found, reckoned)),
        ("由本文件不能确定 What does not follow", _open(found, reckoned)),
        ("与省平台的说法不符 What contradicts the hub", iter(reckoned.doubts)),
    ):
        numbered = [f"  {n}. {text.zh}\n     {text.en}" for n, text in enumerate(texts, start=1)]
        lines += ["", heading, *numbered] if numbered else []
    mark = grouped(found.fingerprint)
    if is_compared:
        lines.append("\n省平台的指纹相符 the hub's fingerprint is the one you gave")
    else:
        lines.append(f"\n请核对省平台的指纹 compare the hub's fingerprint: {mark}")
    return "\n".join(lines)


def _subject(found: Examined) -> str:
    claim = found.claim
    return f"{claim['unit']}/{claim['rule']}/{claim['kind']}/{claim['id']}"


def _claim(found: Examined, reckoned: Reckoned) -> Iterator[str]:
    claim, rule = found.claim, reckoned.rule
    state = _STATES.get(claim["state"], Text(claim["state"], claim["state"]))
    days = (("期限", claim["due"]), ("自", claim["since"]))
    due = "".join(f"，{name} {day}" for name, day in days if day)
    yield (
        f"  省平台 {found.hub.origin} 在 {claim['made_at']} 的说法 the hub's claim: "
        f"{state.zh} {state.en}{due}"
    )
    if rule:
        yield f"  规则 rule: {rule.get('name_zh', '')} {rule.get('name_en', '')}"
        yield f"  依据 stands on: {rule.get('stands_on', '')}「{rule.get('sentence', '')}」"
    if claim["todo_zh"]:
        yield f"  {claim['todo_zh']} {claim['todo_en']}"


def _follows(found: Examined, reckoned: Reckoned) -> Iterator[Text]:
    rule = found.rule
    yield Text(
        f"规则集 {rule.name} 就是省平台日志 {found.rule_at.text} 公告的那一份 ({rule.sha256})",
        f"the rule set is byte for byte the one announced at {found.rule_at.text}",
    )
    registered = found.registration
    yield Text(
        f"单位 {registered.uscc} 以来源 {registered.origin} 登记 ({found.registered_at.text}, "
        f"{registered.state})，其日志由登记的密钥签名",
        f"the unit is registered as {registered.origin}; its log is signed by the keys of that",
    )
    for log in found.logs:
        yield from _log(log)
    yield from _presence(found)
    yield from _alive(found)
    if reckoned.recount is not None and not reckoned.doubts:
        yield _counted(found, reckoned)
    for place, act in found.acts:
        yield Text(
            f"省平台的办理记录 {act.name} ({format_time(act.at)}，{act.by}) 在 {place.text}："
            + "；".join(f"{key}={value}" for key, value in sorted(act.details.items())),
            f"the office's act {act.name} stands at {place.text}",
        )


def _log(log: LogSeen) -> Iterator[Text]:
    newest = log.heads[-1]
    yield Text(
        f"日志 {log.origin} 前 {log.size} 条全部在此，"
        f"与单位签名的根 {b64_encode(newest.root)} 相符："
        f"打开公开正文 {log.opened} 条，本无公开正文 {log.silent} 条，"
        f"已证实抹除 {len(log.erased)} 条，未出示 {len(log.unproven)} 条",
        f"all {log.size} leaves of {log.origin} are here under the unit's signature: {log.opened}"
        f" public bodies, {log.silent} leaves without, {len(log.erased)} provably erased,"
        f" {len(log.unproven)} not shown",
    )
    for head in log.heads:
        if head.times:
            at = format_time(head.times[0])
            yield Text(
                f"到第 {head.size} 条为止，省平台在 {at} 联署已收齐",
                f"up to size {head.size} the hub's mirror cosigned at {at} that it holds it",
            )


def _presence(found: Examined) -> Iterator[Text]:
    if not found.claim["id"] or found.claim["kind"] == "log":
        return
    what = f"{found.claim['kind']}/{found.claim['id']}"
    if not found.sightings:
        if found.is_complete:
            yield Text(
                f"到上述各大小为止，目录里从未有过 {what} 的公开正文：全部条目在此，无一是它",
                f"up to these sizes the catalogue never held a public body of {what}",
            )
        return
    for each in found.sightings[:_MOST_TOLD]:
        yield _sighted(what, each)
    yield from _received_before(found)
    due = day_of(found.claim["due"])
    if due and found.is_complete:
        yield from _by_due(found, what, due.isoformat())


def _received_before(found: Examined) -> Iterator[Text]:
    """What the hub kept of leaves that were erased since: when the record first counted."""
    for place, word in found.first_receipts:
        yield Text(
            f"{word.place.text} 接续已抹除的条目："
            f"省平台日志 {place.text} 记下首次送达为 {word.first}",
            f"{word.place.text} follows erased leaves: {place.text} keeps {word.first} as the day"
            " on which they were first delivered",
        )


def _sighted(what: str, each: Sighting) -> Text:
    deleted = "（删除）" if each.fields.get("deleted") else ""
    at = "无回执" if each.at_latest is None else f"最迟 {format_time(each.at_latest)} 送达"
    by = "" if each.at_latest is None else f", delivered by {format_time(each.at_latest)}"
    names = "、".join(sorted(set(each.fields) - {"unit", "kind", "id"}))
    return Text(
        f"{what}{deleted} 在 {each.place.text}，{at}；所含栏目：{names}",
        f"{what} stands at {each.place.text}{by}",
    )


def _by_due(found: Examined, what: str, due: str) -> Iterator[Text]:
    """What a head that was cosigned after the due day, or by it, says of the day itself."""
    for log in found.logs:
        before = [h for h in log.heads if h.times and date_at(h.times[0]) <= due]
        if not before:
            continue
        size = before[-1].size
        held = sum(1 for each in log.sightings if each.place.index < size)
        yield Text(
            f"期限 {due} 以前最后一次收齐到第 {size} 条，其中 {what} 的公开正文有 {held} 条",
            f"the last head held by {due} has size {size}: {held} public bodies of {what} in it",
        )


def _alive(found: Examined) -> Iterator[Text]:
    if len(found.beats) < 2:
        return
    first, last = format_time(found.beats[0]), format_time(found.beats[-1])
    if not found.outages:
        yield Text(
            f"{first} 至 {last} 省平台日志有 {len(found.beats)} 次心跳，间隔没有超过两小时的",
            f"from {first} to {last} the hub's log has {len(found.beats)} heartbeats,"
            " never over two hours apart",
        )
    for a, b in found.outages[:_MOST_TOLD]:
        yield Text(
            f"{format_time(a)} 至 {format_time(b)} 没有出示心跳，"
            "作省平台停机论，落在其中的期限顺延",
            f"no heartbeat is shown from {format_time(a)} to {format_time(b)}: counts as an outage",
        )


def _counted(found: Examined, reckoned: Reckoned) -> Text:
    claim, recount = found.claim, reckoned.recount
    kind = "个工作日" if claim["counted_kind"] == "working" else "天"
    due = recount.due if recount else ""
    granted = ""
    if recount and claim["due"] > recount.due.isoformat():
        granted = f"，省平台给到 {claim['due']}，对单位更宽"
    moved = f"，因停机顺延 {len(recount.moved_by)} 次" if recount and recount.moved_by else ""
    return Text(
        f"自 {claim['counted_from']} 次日起 {claim['counted_days']}{kind}{moved}，"
        f"期限是 {due}{granted}",
        f"counted from {claim['counted_from']} on, the due date is {due}",
    )


def _open(found: Examined, reckoned: Reckoned) -> Iterator[Text]:
    yield Text(
        "状态和要办的事是省平台按规则集算出来的说法；本程序核对其所依据的事实，不代替规则作判断",
        "state and to-do are what the hub concludes: the facts are checked here, not the rule run",
    )
    yield Text(
        "联署只证明最迟何时：更早的回执可能存在而没有附上，持有者出示即可反驳；"
        "单位自己的网站上当时有什么，本文件不能说",
        "a cosignature proves at latest: whoever holds an earlier receipt refutes it by showing"
        " that; what the unit's own site held is not told",
    )
    yield Text(
        "受限层级的正文（原值、经费等）和使用日志不公开，不在此；凡以其为据的部分只是省平台的说法",
        "bodies of other tiers (value, funds) and the usage log are not here: what stands on them"
        " is the hub's word",
    )
    due = found.claim["due"]
    if names := "、".join(log.origin for log in found.logs if date_at(log.held_at or 0) <= due):
        yield Text(
            f"{names} 最后一次收齐时期限 {due} 还没有过完：此后到期限送达了什么，不在此",
            f"{names}: held for the last time before {due} was over; what came after is not told",
        )
    for log in found.logs:
        if log.unproven:
            some = "、".join(f"#{i} {why}" for i, why in [*log.unproven.items()][:_MOST_TOLD])
            yield Text(
                f"{log.origin} 有 {len(log.unproven)} 条公开正文没有出示，"
                f"理由是省平台的说法 ({some})：所以不能断定某条记录不在其中",
                f"{len(log.unproven)} public bodies of {log.origin} are not shown, for reasons that"
                " the hub gives: that a record is not among them does not follow",
            )
    if found.not_shown or not found.logs:
        names = "、".join(found.not_shown) or "catalogue"
        yield Text(
            f"单位的日志 {names} 不在此：没有回执，或不能断定它没有什么",
            f"the unit's log {names} is not here: nothing follows about it",
        )
    if not reckoned.recount and found.claim["due"]:
        yield Text(
            "期限怎样数出来的不在此，没有重算", "how the due date was counted is not in the file"
        )
    yield Text(
        f"此后的规则集、根文档（省平台第 {found.hub.n} 份、单位第 {found.unit.n} 份之后）、"
        "豁免和更正，要另问",
        "later rule sets, root documents, exemptions and corrections have to be asked for",
    )


def members(found: Examined, reckoned: Reckoned) -> dict[str, Any]:
    """The same for programs."""
    return {
        "kind": "finding",
        "finding": _subject(found),
        "claim": dict(found.claim),
        "hub": found.hub.origin,
        "fingerprint": found.fingerprint,
        "unit": found.unit.origin,
        "rules": {"name": found.rule.name, "sha256": found.rule.sha256, "at": found.rule_at.text},
        "logs": [_log_members(log) for log in found.logs],
        "sightings": [
            {
                "at": each.place.text,
                "delivered_by": format_time(each.at_latest) if each.at_latest else None,
                "deleted": bool(each.fields.get("deleted")),
            }
            for each in found.sightings
        ],
        "complete": found.is_complete,
        "outages": [[format_time(a), format_time(b)] for a, b in found.outages],
        "first_receipts": [
            {"at": place.text, "leaf": word.place.text, "first": word.first}
            for place, word in found.first_receipts
        ],
        "acts": [
            {"at": place.text, "name": act.name, "number": act.number, "by": act.by}
            for place, act in found.acts
        ],
        "recounted_due": reckoned.recount.due.isoformat() if reckoned.recount else None,
        "doubts": [{"zh": each.zh, "en": each.en} for each in reckoned.doubts],
        "follows": [{"zh": t.zh, "en": t.en} for t in _follows(found, reckoned)],
        "does_not_follow": [{"zh": t.zh, "en": t.en} for t in _open(found, reckoned)],
    }


def _log_members(log: LogSeen) -> dict[str, Any]:
    return {
        "origin": log.origin,
        "size": log.size,
        "heads": [
            {
                "size": head.size,
                "root": b64_encode(head.root),
                "cosigned": [format_time(at) for at in head.times],
            }
            for head in log.heads
        ],
        "opened": log.opened,
        "without": log.silent,
        "erased": list(log.erased),
        "not_shown": [[index, why] for index, why in sorted(log.unproven.items())],
    }
