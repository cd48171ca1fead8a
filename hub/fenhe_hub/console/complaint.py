"""`/complaints/{number}`: one case, its sealed words for whoever unlocks them, and its steps.

What was opened stands in one answer and nowhere else. That it was opened is an act.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from fenhe_client.console.sign_in import check_pace
from fenhe_hub.casework import authorities, journal
from fenhe_hub.casework.complaints import Case, Words
from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.complaints import CATEGORIES, ROUTES_ZH, SOURCES_ZH, STATES
from fenhe_hub.console.unlocked import Keys
from fenhe_hub.feedback.handlers_key import unlock
from fenhe_hub.feedback.sealing import Envelope
from fenhe_hub.feedback.subjects import CLOSED_AS, may_follow, may_go, proper_route
from fenhe_hub.feedback.subjects import Route as Way
from fenhe_hub.index.read import unit_with_code
from fenhe_hub.office import complaining, complaint_routing
from fenhe_hub.office.complaint_replies import reply_to
from fenhe_hub.office.roles import Permission
from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.errors import Refused, RequestError
from fenhe_protocol.typed_text import clean

_STEPS = ("route", "take_up", "answer", "close", "reopen")


@dataclass(frozen=True, slots=True)
class Said:
    """Opened words; `parts` are (what, text)."""

    at: int
    author: str
    parts: tuple[tuple[str, str], ...]


_PARTS = {"text": "情况", "wish": "希望", "contact": "联系方式"}


def show(asked: Asked) -> Answer:
    """The case, its words sealed."""
    return _page(asked, None)


async def unlock_key(asked: Asked) -> Answer:
    """Open the handlers' key for this session; InputError `complaint.passphrase`."""
    check_pace(asked)  # guessing is slowed down as at the door
    staff = await asyncio.to_thread(staff_of, asked)
    console = asked.console
    async with console.door.attempts.turn:
        typed = asked.form.fields.get("passphrase", "")
        keys = await asyncio.to_thread(unlock, console.hub.home, typed)
    console.door.attempts.right(asked.peer)
    await asyncio.to_thread(complaining.note_unlocked, console.office, staff)
    console.unlocked.unlock(asked.session, keys)
    return GoTo(_path(asked), "密钥已打开，退出登录即关闭")


def lock_key(asked: Asked) -> Answer:
    """Close it again."""
    asked.console.unlocked.lock(asked.session)
    return GoTo(_path(asked), "密钥已关闭")


def open_words(asked: Asked) -> Answer:
    """The case with its words, in this answer alone."""
    keys = asked.console.unlocked.keys(asked.session, asked.now)
    if keys is None:
        raise RequestError("complaint.locked", status=403)
    staff = staff_of(asked)
    case, words = complaining.open_words(asked.console.office, staff, asked.parts["number"])
    envelope = Envelope(asked.console.hub.origin, case.mark)
    return _page(asked, [_said(each, envelope, keys) for each in words])


def route(asked: Asked) -> Answer:
    """Send it on."""
    form = asked.form
    complaint_routing.pass_on(
        *(asked.console.office, staff_of(asked), asked.parts["number"], form.text("route")),
        summary=clean(form.text("summary")),
        authority=form.text("authority"),
    )
    return GoTo(_path(asked), "已转交")


def take_up(asked: Asked) -> Answer:
    """Begin to work on it."""
    complaining.take_up(asked.console.office, staff_of(asked), asked.parts["number"])
    return GoTo(_path(asked), "已开始办理")


def give_answer(asked: Asked) -> Answer:
    """Answer the complainant."""
    text = clean(asked.form.text("text"))
    complaining.answer(asked.console.office, staff_of(asked), asked.parts["number"], text)
    return GoTo(_path(asked), "已答复；反映人凭查询码看到")


def close(asked: Asked) -> Answer:
    """Close it."""
    closed_as = asked.form.text("closed_as")
    complaining.close(asked.console.office, staff_of(asked), asked.parts["number"], closed_as)
    return GoTo(_path(asked), "已办结")


def reopen(asked: Asked) -> Answer:
    """Open it again."""
    complaining.reopen(asked.console.office, staff_of(asked), asked.parts["number"])
    return GoTo(_path(asked), "已重新办理")


def _path(asked: Asked) -> str:
    return f"/complaints/{asked.parts['number']}"


def _said(words: Words, envelope: Envelope, keys: Keys) -> Said:
    author = "反映人" if words.author == "complainant" else words.author
    try:
        told = envelope.open_as_handler(words.sealed, keys)
    except Refused:
        return Said(words.at, author, (("", TEXTS["complaint.sealed"].zh),))
    parts = [(zh, str(told[name])) for name, zh in _PARTS.items() if name in told]
    return Said(words.at, author, tuple(parts))


def _page(asked: Asked, said: list[Said] | None) -> Page:
    console, staff = asked.console, staff_of(asked)
    with console.casework() as casework:
        case = complaining.find(casework, staff, asked.parts["number"])
        acts = [(act, act_name(act.name)) for act in journal.acts(casework.db, subject=case.number)]
        places = authorities.authorities(casework.db)
    with console.index() as db:
        unit = unit_with_code(db, case.unit) if case.unit else None
        reply = reply_to(db, case)
    context: dict[str, Any] = {
        "case": case,
        "unit_name": unit.name if unit else "",
        "category": CATEGORIES[case.category],
        "state": STATES[case.state],
        "route": ROUTES_ZH.get(case.route, ""),
        "source": SOURCES_ZH.get(case.source, "公开表单"),
        "proper": ROUTES_ZH[proper_route(case.category)],
        "closed_as": CLOSED_AS.get(case.closed_as, ("", ""))[0],
        "reply": reply,
        "acts": acts,
        "said": said,
        "unlocked": console.unlocked.keys(asked.session, asked.now) is not None,
        "authorities": [(each.number, each.name) for each in places],
        "reasons": {code: zh for code, (zh, _) in CLOSED_AS.items()},
        "may": _may(case),
        "to_unit": may_go(case.category, Way.UNIT, case.unit),
    }
    return Page("console/complaint.html", context)


def _may(case: Case) -> dict[str, bool]:
    may = {step: may_follow(case.state, step) for step in _STEPS}
    may["take_up"] = may["take_up"] and case.route == Way.AUTHORITY
    may["answer"] = may["answer"] and case.forgotten_at is None
    return may


_AT = r"/complaints/{number:C-\d{4}-\d{4,}}"
ROUTES = (
    Route("GET", _AT, show, Permission.HANDLE, Reach.OWN),
    *(
        Route("POST", f"{_AT}/{name}", handler, Permission.HANDLE, Reach.OWN)
        for name, handler in (
            ("unlock", unlock_key),
            ("lock", lock_key),
            ("open", open_words),
            ("route", route),
            ("take-up", take_up),
            ("answer", give_answer),
            ("close", close),
            ("reopen", reopen),
        )
    ),
)
