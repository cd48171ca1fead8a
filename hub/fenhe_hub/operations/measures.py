"""`measures`, `measure`, `notices`: the office's measures from scripts, by the same verbs.

Whoever has a shell on the hub's machine acts as the hub itself, and the log says so; for roles and
scopes there is the console.
"""

import argparse
import time
from typing import Any

from fenhe_hub.casework import measures as kept
from fenhe_hub.casework.course import KIND_LABELS, Kind
from fenhe_hub.casework.follow_up import SHOWN_LABELS, shown_state
from fenhe_hub.casework.measures import Measure, MeasureFilters
from fenhe_hub.casework.notices import SentNotice, every
from fenhe_hub.hub import open_hub
from fenhe_hub.office import measures
from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Document
from fenhe_hub.office.proposal import Proposal
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_protocol.encoding import date_at, format_time
from fenhe_protocol.errors import InputError
from fenhe_protocol.terminal import table

_HEADS = ("编号 number", "单位 unit", "措施 kind", "状态 state", "文号 document", "决定 decided")
_NOTICE_HEADS = ("编号 number", "单位 unit", "事项 matter", "发出 sent", "取走 fetched")
_SILENT = {"reject": measures.reject, "withdraw": measures.withdraw, "remark": measures.remark}
_ALOUD = {"revoke": measures.revoke, "close": measures.close}


def add_commands(commands: Commands) -> None:
    """`measures`, `measure`, `notices`."""
    listing = add_command(commands, "measures", "列出措施 measures and how they stand", _list)
    listing.add_argument("--kind", choices=[*map(str, Kind)], help="只看一种 of one kind alone")
    listing.add_argument("--state", choices=[*SHOWN_LABELS], help="只看一种状态 of one state")
    listing.add_argument("--unit", metavar="CODE", help="只看一个单位 of one unit")
    add_command(commands, "notices", "列出通知和送达情况 notices, and which arrived", _notices)
    one = add_command(
        commands, "measure", "提出、决定、撤销一项措施 propose, decide or end a measure", _measure
    )
    one.add_argument(
        "do", choices=("propose", "decide", *_SILENT, *_ALOUD), help="办什么 what to do"
    )
    one.add_argument(
        "subject", metavar="NUMBER", help="措施编号；提出时为单位代码 its number, or a unit's code"
    )
    one.add_argument("--kind", choices=[*map(str, Kind)], default=Kind.REMINDER, help="措施 kind")
    one.add_argument(
        "--finding", action="append", default=[], metavar="ID", help="依据 a finding it rests on"
    )
    one.add_argument("--item", metavar="KIND/ID", help="无偿划拨的仪器设施 of a reallocation")
    one.add_argument("--reason", default="", help="理由 why")
    one.add_argument("--public", action="store_true", help="公开 everyone may read it")
    for name, text in (
        ("answer-by", "答复期限 answer by"),
        ("deadline", "整改期限 deadline of a rectification"),
        ("until", "停止新购、不准购置的最后一日 last day of a bar"),
        ("document", "文号 document number"),
        ("on", "决定日期 day of the decision"),
        ("by", "决定机关 deciding body"),
    ):
        one.add_argument(f"--{name}", default="", metavar=name.upper(), help=text)


def _office(options: argparse.Namespace) -> Office:
    return Office(open_hub(options.home), lambda: int(time.time()))


def _list(options: argparse.Namespace) -> int:
    office, today = _office(options), date_at(int(time.time()))
    wanted = MeasureFilters(unit=options.unit, kinds=[options.kind] if options.kind else None)
    with office.casework() as casework:
        found = kept.measures(casework.db, wanted)
    shown = [each for each in found if options.state in (None, shown_state(each, today))]
    rows = [_row(each, today) for each in shown]
    text = table([_HEADS, *rows]) if rows else "没有措施 no measures"
    show([_facts(each, today) for each in shown], text, as_json=options.json)
    return 0


def _row(each: Measure, today: str) -> tuple[str, ...]:
    state = SHOWN_LABELS[shown_state(each, today)][0]
    kind = KIND_LABELS[each.kind][0]
    return each.number, each.unit, kind, state, each.document_no, each.decided_on


def _facts(each: Measure, today: str) -> dict[str, Any]:
    names = ("number", "unit", "kind", "public", "findings", "document_no", "decided_on")
    told = {name: getattr(each, name) for name in (*names, "decided_by", "deadline", "until")}
    return {**told, "state": shown_state(each, today), "notice": each.notice or None}


def _notices(options: argparse.Namespace) -> int:
    with _office(options).casework() as casework:
        found = every(casework.db)
    rows = [
        (each.number, each.unit, each.word.matter, _time(each.at), _time(each.fetched_at) or "—")
        for each in found
    ]
    text = table([_NOTICE_HEADS, *rows]) if rows else "没有通知 no notices"
    show([_notice(each) for each in found], text, as_json=options.json)
    return 0


def _notice(each: SentNotice) -> dict[str, Any]:
    word = each.word
    told = {"number": each.number, "unit": each.unit, "matter": word.matter, "title": word.title}
    return {
        **told,
        "public": word.is_public,
        "at": format_time(each.at),
        "fetched_at": None if each.fetched_at is None else format_time(each.fetched_at),
    }


def _time(at: int | None) -> str:
    return "" if at is None else format_time(at)[:16].replace("T", " ")


def _measure(options: argparse.Namespace) -> int:
    office, number = _office(options), options.subject
    document = Document(options.document, options.on or date_at(office.clock()), options.by)
    done = {"number": number, "notice": None}
    if options.do == "propose":
        done["number"] = measures.propose(office, THE_HUB, _proposal(options))
    elif options.do == "decide":
        done["notice"] = measures.decide(office, THE_HUB, number, document)
    elif options.do in _ALOUD:
        verb = _ALOUD[options.do]
        done["notice"] = verb(office, THE_HUB, number, document, options.reason)
    else:
        _SILENT[options.do](office, THE_HUB, number, options.reason)
    said = f"，通知 {done['notice']} 随下一次发布送达 told with the next publish"
    show(done, f"{done['number']}{said if done['notice'] else ''}", as_json=options.json)
    return 0


def _proposal(options: argparse.Namespace) -> Proposal:
    kind, slash, id_ = (options.item or "").partition("/")
    if options.item and not slash:
        raise InputError("register.value", where="--item", expected="KIND/ID", found=options.item)
    return Proposal(
        options.subject,
        Kind(options.kind),
        tuple(options.finding),
        (kind, id_) if options.item else None,
        reason=options.reason,
        public=options.public,
        answer_by=options.answer_by,
        deadline=options.deadline,
        until=options.until,
    )
