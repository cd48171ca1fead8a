"""What the mail server said of notices and invitations, kept as acts. Start at `note_all`.

The queue forgets after some years and knows nothing of acts; three years later somebody may ask
when a letter was taken.
"""

from collections.abc import Iterator

from fenhe_client.mailing.queue import FAILED as GIVEN_UP
from fenhe_client.mailing.queue import SENT
from fenhe_hub.casework.notices import SentNotice, waiting_for_mail
from fenhe_hub.mailing.outgoing import Outgoing, QueuedLetter
from fenhe_hub.office.acting import Office
from fenhe_hub.office.inviting import note_outcomes
from fenhe_hub.office.noticing import mark_of, note_mailed
from fenhe_hub.office.staff import THE_HUB


def note_all(office: Office) -> int:
    """Keep what became of letters that were queued and are settled since; how many."""
    return note_outcomes(office) + _note_notices(office)


def _note_notices(office: Office) -> int:
    with office.casework() as casework:
        waiting = waiting_for_mail(casework.db)
    if not waiting:
        return 0
    with Outgoing.open(office.hub.home) as outgoing:
        found = [(each, letter) for each in waiting for letter in _settled(outgoing, each)]
    for notice, letter in found:
        trouble = letter.trouble or "failed" if letter.state == GIVEN_UP else ""
        note_mailed(office, THE_HUB, notice.number, letter.to_address, trouble=trouble)
    return len(found)


def _settled(outgoing: Outgoing, notice: SentNotice) -> Iterator[QueuedLetter]:
    """Its newest letter, if the mail server has taken or refused it."""
    letters = [x for x in outgoing.of(notice.unit) if x.subject.startswith(mark_of(notice.number))]
    if letters and letters[-1].state in (SENT, GIVEN_UP):
        yield letters[-1]
