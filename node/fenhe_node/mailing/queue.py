"""The letters that wait: sent when their time has come, tried again, given up after two days.

One letter that a server refuses holds up no other; a server that is away ends the round, and every
letter due waits for the next one. What could not be sent is told on the console and in `status`.
"""

import logging
import re
from collections.abc import Sequence
from pathlib import Path

from fenhe_node.mailing.smtp import MailTrouble, Posting, posting
from fenhe_node.settings.mail import MailSettings
from fenhe_node.store import Store, mails
from fenhe_node.store.mails import QueuedMail

log = logging.getLogger("fenhe.node")

PAUSES = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds after each attempt until the next; after the last the letter is given up."""


def send_due(store_file: Path, settings: MailSettings, now: int) -> int:
    """Send what is due and give how many letters went out."""
    with Store.open(store_file) as store:
        waiting = mails.due(store, now)
        if not waiting:
            return 0
        try:
            with posting(settings) as server:
                return sum(_send(store, server, mail, now) for mail in waiting)
        except MailTrouble as trouble:
            log.warning("mail: %s", trouble)
            _put_off(store, waiting, trouble, now)
            return 0


def _send(store: Store, server: Posting, mail: QueuedMail, now: int) -> int:
    try:
        server.send(mail, now)
    except MailTrouble as trouble:
        if not trouble.for_good and trouble.code == "mail.unreachable":
            raise
        # Servers repeat the address that they refuse; who asked for a service is in no log.
        said = re.sub(re.escape(mail.to_address), "***", str(trouble), flags=re.IGNORECASE)
        log.warning("mail %d: %s", mail.number, said)
        _settle(store, mail, trouble, now)
        return 0
    mails.settle(store, mail.number, "sent", attempts=mail.attempts + 1)
    return 1


def _put_off(store: Store, waiting: Sequence[QueuedMail], trouble: MailTrouble, now: int) -> None:
    still = {mail.number for mail in mails.due(store, now)}
    for mail in waiting:
        if mail.number in still:
            _settle(store, mail, trouble, now)


def _settle(store: Store, mail: QueuedMail, trouble: MailTrouble, now: int) -> None:
    given_up = trouble.for_good or mail.attempts >= len(PAUSES)
    pause = 0 if given_up else PAUSES[mail.attempts]
    mails.settle(
        store,
        mail.number,
        "failed" if given_up else "waiting",
        attempts=mail.attempts + 1,
        next_at=now + pause,
        trouble=str(trouble),
    )
