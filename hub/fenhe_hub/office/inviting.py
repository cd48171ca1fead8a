"""Invitation sheets by mail: queued, what became of them, sent again. Start at `mail_sheets`.

The act comes before the letter: killed between them, the letter is made again from it
(`queue_sheets_again`); nobody gets one of which the log knows nothing.
"""

from collections.abc import Iterable

from fenhe_client.mailing.queue import FAILED as GIVEN_UP
from fenhe_client.mailing.queue import SENT
from fenhe_hub.casework import invitation_mails as mails
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.invitation_mails import ACCEPTED, FAILED, QUEUED
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.casework.obliged import Obliged, obliged_unit
from fenhe_hub.hub import Hub
from fenhe_hub.mailing.outgoing import Letter, Outgoing
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.invitation import STEPS, Invitation, Sender
from fenhe_hub.office.noticing import lies_there, mark_of
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB, Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError, SetupError


def sender_of(hub: Hub) -> Sender:
    """Who invites."""
    config = hub.config
    url = config.public_url.rstrip("/")
    return Sender(url, hub.origin, hub.fingerprint, config.contact_office, config.contact_phone)


def mail_sheets(office: Office, who: Staff, wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Queue the sheet for each (unit, address), inviting who is not invited; their numbers.

    RequestError 403, 404, 409 `register.state`; InputError `register.*`; SetupError `mail.off`.
    """
    if not office.hub.config.mail.sends:
        raise SetupError("mail.off", advice="mail.host")
    now, letters, deeds = office.clock(), list[Letter](), list[Deed]()
    with office.turn() as casework:
        first = next_number(casework.db, "invitation_mail", "I", int(date_at(now)[:4]))
        head, _, last = first.rpartition("-")
        for place, (uscc, typed) in enumerate(dict(wanted).items()):
            unit, address = _invited(casework, uscc), entered.mailbox(typed, uscc)
            number = f"{head}-{int(last) + place:04}"
            if unit.invited_at is None:
                deeds.append(Deed("obliged.invited", uscc, {"due_on": unit.due_on}, uscc))
            told = {"number": number, "address": address, "state": QUEUED}
            deeds.append(Deed("obliged.mailed", uscc, told, uscc))
            letters.append(_letter(office.hub, unit, number, address, now))
        office.do_all(casework, who, Permission.PREPARE, deeds)
        with Outgoing.open(office.hub.home) as outgoing:
            outgoing.add(letters, now)
    return [deed.details["number"] for deed in deeds if deed.name == "obliged.mailed"]


def _invited(casework: Casework, uscc: str) -> Obliged:
    unit = obliged_unit(casework.db, uscc)
    if unit is None:
        raise RequestError("register.absent", status=404, where=uscc)
    if unit.released:
        raise RequestError("register.state", status=409, where=uscc, found=unit.released)
    return unit


def queue_sheets_again(office: Office) -> int:
    """Queue each sheet that waits by its act and lies in no queue; how many.

    As with notices (`noticing.queue_again`); a unit that was released since gets none.
    """
    with office.casework() as casework:
        if not mails.waiting_mails(casework.db):
            return 0
    with office.turn() as casework, Outgoing.open(office.hub.home) as outgoing:
        lacking = [
            _letter(office.hub, unit, each.number, each.address, each.at)
            for each in mails.waiting_mails(casework.db)
            if not lies_there(outgoing, each.unit, each.number, each.address)
            and (unit := obliged_unit(casework.db, each.unit)) is not None
            and not unit.released
        ]
        return len(outgoing.add(lacking, office.clock()))


def _letter(hub: Hub, unit: Obliged, number: str, address: str, at: int) -> Letter:
    sheet = Invitation(unit, sender_of(hub), date_at(at))
    return Letter(address, _subject(number, unit), text_of(sheet), unit.uscc)


def _subject(number: str, unit: Obliged) -> str:
    return f"{mark_of(number)} 邀请{unit.name}接入省级网络管理服务平台"


def text_of(sheet: Invitation) -> str:
    """The sheet as the text of a letter. Pure."""
    due = f"请于 {sheet.unit.due_on} 前" if sheet.unit.due_on else "请在期限前"
    said = [
        f"{sheet.unit.name}：",
        f"{due}，将本单位的大型科研设施与仪器接入省级网络管理服务平台。"
        "全程约十分钟，数据和密钥都留在本单位。",
        "",
        *(f"{label}：{text}" for label, text in (*sheet.lines, *sheet.hub_lines)),
        "",
        "省平台指纹（登记时打公布的电话，逐组念；不要只照这封信对，信可以是假的）：",
        *sheet.sender.groups,
        "",
        "怎么做",
    ]
    for number, step in enumerate(STEPS, 1):
        said.append(f"{number}. {step.title}：{step.text}")
        said += [f"   {step.command}"] if step.command else []
    return "\n".join((*said, "", f"{sheet.day} {sheet.sender.origin}", ""))


def note_outcomes(office: Office) -> int:
    """Keep what the mail server said of sheets that were queued; how many are settled since."""
    with office.casework() as casework:
        waiting = mails.waiting_mails(casework.db)
    if not waiting:
        return 0
    with Outgoing.open(office.hub.home) as outgoing:
        letters = {each.unit: outgoing.of(each.unit) for each in waiting}
    deeds = []
    for mail in waiting:
        mark = mark_of(mail.number)
        found = next((x for x in letters[mail.unit] if x.subject.startswith(mark)), None)
        if found is not None and found.state in (SENT, GIVEN_UP):
            state = ACCEPTED if found.state == SENT else FAILED
            told = {"number": mail.number, "state": state, "trouble": found.trouble[:300]}
            deeds.append(Deed("obliged.mailed", mail.unit, told, mail.unit))
    with office.turn() as casework:
        return len(office.do_all(casework, THE_HUB, Permission.PREPARE, deeds))
