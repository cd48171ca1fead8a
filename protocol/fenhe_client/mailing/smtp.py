"""One connection to the mail server, and the letters that go by it.

A letter is composed by `email`, which refuses a line end in any head field; who sends and who gets
it is given to the server apart from the text. Nothing here reads a stranger's words for an address.
"""

import os
import smtplib
import ssl
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path

from fenhe_client.mailing.letter import Letter
from fenhe_client.mailing.settings import MailServer, is_mail_address
from fenhe_protocol.errors import FenheError

PATIENCE_SECONDS = 20
_PRIVATE = "chmod 600"


class MailTrouble(FenheError):
    """A letter did not go out. `for_good`: the server will not take it later either."""

    def __init__(self, code: str, found: str, *, for_good: bool, advice: str = "") -> None:
        super().__init__(code, found=found, advice=advice)
        self.for_good = for_good


def compose(mail: Letter, sender: str, at: int) -> EmailMessage:
    """Write a letter; ValueError where an address or the subject is no single line."""
    if not is_mail_address(mail.to_address):
        raise ValueError(f"not a mail address: {mail.to_address!r}")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to_address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    message["Message-ID"] = make_msgid(idstring=str(mail.number), domain=sender.partition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers this
    message.set_content(mail.body, charset="utf-8", cte="base64")
    return message


class Posting:
    """An open connection; `send` gives one letter to the server."""

    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self._server, self._sender = server, sender

    def send(self, mail: Letter, at: int) -> None:
        """Hand over one letter; MailTrouble says whether it is worth trying again."""
        try:
            message = compose(mail, self._sender, at)
        except ValueError as error:
            raise MailTrouble("mail.refused", str(error), for_good=True) from error
        with _as_trouble():
            self._server.send_message(message, self._sender, [mail.to_address])


@contextmanager
def posting(settings: MailServer, home: Path) -> Iterator[Posting]:
    """Connect and sign in; MailTrouble says what is in the way. Files are named from `home` on."""
    with _as_trouble():
        server = _connect(settings)
    try:
        with _as_trouble():
            if settings.user:
                server.login(settings.user, _password(home / settings.password_file))
        yield Posting(server, settings.sender)
    finally:
        _leave(server)


def _connect(settings: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=PATIENCE_SECONDS, context=context
        )
    server = smtplib.SMTP(settings.host, settings.port, timeout=PATIENCE_SECONDS)
    if settings.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _password(file: Path) -> str:
    """Read anew each time: who mends the file need not start anything again."""
    try:
        if os.name == "posix" and (mode := stat.S_IMODE(file.stat().st_mode)) & 0o077:
            raise MailTrouble(
                "mail.password", f"{file} {mode:04o}", for_good=False, advice=_PRIVATE
            )
        password = file.read_text(encoding="utf-8").strip()
        password.encode("ascii")  # smtplib sends no other
    except (OSError, UnicodeError) as error:
        # Of what is no ASCII the error quotes characters of the password.
        found = str(error) if isinstance(error, OSError) else type(error).__name__
        raise MailTrouble("mail.password", found, for_good=False) from None
    return password


@contextmanager
def _as_trouble() -> Iterator[None]:
    """What the server or the network says, as MailTrouble."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refused(code, text) from error
    except smtplib.SMTPAuthenticationError as error:
        # A wrong password is mended by a person, and the letters go out after that.
        raise MailTrouble("mail.refused", _said(error.smtp_error), for_good=False) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailTrouble("mail.unreachable", str(error), for_good=False) from error


def _refused(code: int, text: bytes | str) -> MailTrouble:
    return MailTrouble("mail.refused", f"{code} {_said(text)}", for_good=500 <= code <= 599)


def _said(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
