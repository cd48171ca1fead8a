"""`mail`: the letters that could not go out; `mail-test`: one letter now, to see that they can."""

import argparse
import time
from dataclasses import asdict, dataclass

from fenhe_client.mailing.settings import MailServer, is_mail_address
from fenhe_client.mailing.smtp import posting
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.mailing.outgoing import Outgoing, QueuedLetter
from fenhe_hub.office.acting import Office
from fenhe_hub.office.mail_outcomes import note_all
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import InputError, SetupError

_SUBJECT = "汾河省平台：邮件投递测试 mail test"


@dataclass(frozen=True, slots=True)
class _TestLetter:
    """What is sent to see that letters go out."""

    to_address: str
    body: str
    number: int = 0
    subject: str = _SUBJECT
    attempts: int = 0


def add_commands(commands: Commands) -> None:
    """`mail`, `mail-test`."""
    mail = add_command(commands, "mail", "没有发出的邮件 letters that did not go out", _mail)
    mail.add_argument(
        "--forget", action="store_true", help="清除已放弃的 forget those that were given up"
    )
    text = "试发一封，当场看邮件服务器怎么答 send one now and see what the mail server says"
    test = add_command(commands, "mail-test", text, _test)
    test.add_argument("to", metavar="ADDRESS", help="发给谁 to whom")


def _mail(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    if options.forget:
        note_all(Office(hub, lambda: int(time.time())))  # what is forgotten is queued no more
    with Outgoing.open(hub.home) as outgoing:
        forgotten = outgoing.forget_failed() if options.forget else 0
        troubled, counts = outgoing.troubled(), outgoing.counts()
    lines = [_line(each) for each in troubled] or ["没有发不出去的邮件 no letter is in trouble"]
    if forgotten:
        lines.append(f"已清除 forgotten: {forgotten}")
    value = {
        "counts": counts,
        "forgotten": forgotten,
        "troubled": [{k: v for k, v in asdict(each).items() if k != "body"} for each in troubled],
    }
    show(value, "\n".join(lines), as_json=options.json)
    return 0


def _line(letter: QueuedLetter) -> str:
    at = format_time(letter.made_at)[:16].replace("T", " ")
    return f"{letter.number} {letter.state} {at} {letter.to_address} {letter.subject}: " + (
        letter.trouble
    )


def _test(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    send_test(hub, options.to, int(time.time()))
    server = _place(hub.config.mail)
    show(
        {"sent": True, "to": options.to, "server": server},
        f"邮件服务器 {server} 已接收，请到 {options.to} 查收 taken by the mail server: look there",
        as_json=options.json,
    )
    return 0


def send_test(hub: Hub, to: str, now: int) -> None:
    """Hand one letter to the mail server now.

    InputError `mail.address`, SetupError `mail.off` where no server is set, MailTrouble else.
    """
    settings = hub.config.mail
    if not is_mail_address(to):
        raise InputError("mail.address", where="ADDRESS", found=to)
    if not settings.sends:
        raise SetupError("mail.off", where="mail.host", advice="config.yaml")
    body = f"这是一封测试邮件，收到即说明邮件能够送达。\n\n{hub.origin}\n{format_time(now)}\n"
    with posting(settings, hub.home.path) as server:
        server.send(_TestLetter(to, body), now)


def _place(settings: MailServer) -> str:
    return f"{settings.host}:{settings.port}"
