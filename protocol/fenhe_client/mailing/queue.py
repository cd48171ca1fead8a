"""The letters that wait: sent when their time has come, tried again, given up after two days.

One letter that a server refuses holds up no other; a server that is away ends the round, and every
letter due waits for the next one. What could not be sent is told by whoever keeps the queue.
"""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from fenhe_client.mailing.letter import Letter
from fenhe_client.mailing.settings import MailServer
from fenhe_client.mailing.smtp import MailTrouble, Posting, posting

_LOGGER = logging.getLogger("fenhe_client.mailing")

PAUSES = (60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds after each attempt until the next; after the last the letter is given up."""

SENT, FAILED, WAITING = "sent", "failed", "waiting"


class Queue(Protocol):
    """Where letters wait, durably."""

    def due(self, now: int) -> Sequence[Letter]:
        """The letters whose time has come, oldest first, as many as one round takes."""

    def settle(
        self, number: int, state: str, *, attempts: int, now: int, next_at: int = 0, trouble: str
    ) -> None:
        """Write down what became of a letter: `SENT`, `FAILED` or still `WAITING`."""


def send_due(queue: Queue, settings: MailServer, home: Path, now: int) -> int:
    """Send what is due and give how many letters went out."""
    waiting = queue.due(now)
    if not waiting:
        return 0
    try:
        with posting(settings, home) as server:
            return sum(_send(queue, server, letter, now) for letter in waiting)
    except MailTrouble as trouble:
        _LOGGER.warning("mail: %s", trouble)
        _put_off(queue, waiting, trouble, now)
        return 0


def _send(queue: Queue, server: Posting, letter: Letter, now: int) -> int:
    try:
        server.send(letter, now)
    except MailTrouble as trouble:
        if not trouble.for_good and trouble.code == "mail.unreachable":
            raise
        # Servers repeat the address that they refuse; who is written to is in no log.
        said = re.sub(re.escape(letter.to_address), "***", str(trouble), flags=re.IGNORECASE)
        _LOGGER.warning("mail %d: %s", letter.number, said)
        _settle(queue, letter, trouble, now)
        return 0
    queue.settle(letter.number, SENT, attempts=letter.attempts + 1, now=now, trouble="")
    return 1


def _put_off(queue: Queue, waiting: Sequence[Letter], trouble: MailTrouble, now: int) -> None:
    still = {letter.number for letter in queue.due(now)}
    for letter in waiting:
        if letter.number in still:
            _settle(queue, letter, trouble, now)


def _settle(queue: Queue, letter: Letter, trouble: MailTrouble, now: int) -> None:
    given_up = trouble.for_good or letter.attempts >= len(PAUSES)
    pause = 0 if given_up else PAUSES[letter.attempts]
    queue.settle(
        letter.number,
        FAILED if given_up else WAITING,
        attempts=letter.attempts + 1,
        now=now,
        next_at=now + pause,
        trouble=str(trouble),
    )
