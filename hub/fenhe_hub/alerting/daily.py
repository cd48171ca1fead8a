"""The digest, once a day at its hour: a job of `serve`. Start at `send_digest`."""

from contextlib import closing

from fenhe_hub.alerting.digest import Digest, compose
from fenhe_hub.alerting.gathered import gather
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.mailing.outgoing import Letter, Outgoing
from fenhe_protocol.encoding import format_time

ABOUT = "digest"


def digest_is_due(last: int, hour: int, now: int) -> bool:
    """Whether the day's hour has come and today's digest was not looked for yet (UTC+8)."""
    today, before = format_time(now), format_time(last)
    return today[:10] > before[:10] and int(today[11:13]) >= hour


def send_digest(hub: Hub, now: int) -> Digest | None:
    """Queue today's digest where it is due and there is news; the letter, or None."""
    settings = hub.config.mail
    if not settings.operators or not settings.sends:
        return None
    with Outgoing.open(hub.home) as outgoing:
        last, said = outgoing.digest()
        if not digest_is_due(last, settings.digest_hour, now):
            return None
        with closing(open_index(hub.home.index)) as db:
            state = gather(hub, db, now)
        letter = compose(state, said, origin=hub.origin, url=hub.config.public_url, now=now)
        if letter is not None:
            outgoing.add(
                [Letter(to, letter.subject, letter.body, ABOUT) for to in settings.operators], now
            )
        outgoing.put_digest(now, state.said())
    return letter
