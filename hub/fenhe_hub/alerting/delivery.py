"""Whether alarms can be delivered: the alarm about alarms. Start at `undelivered`."""

from fenhe_hub.home import Home
from fenhe_hub.mailing.outgoing import Outgoing
from fenhe_hub.mailing.settings import MailSettings

LONGEST_WAIT_SECONDS = 3600
"""A letter that waits longer is not on its way: the server is away, or nobody sends."""


def undelivered(home: Home, settings: MailSettings, now: int) -> str:
    """Why letters do not arrive, Chinese first; empty where they do or none are sent."""
    if settings.operators and not settings.sends:
        return "设了值班信箱却没有发信服务器 mail.operators is set and mail.host is not"
    if not (home.path / "mail.sqlite").exists():
        return ""
    with Outgoing.open(home) as outgoing:
        counts, oldest = outgoing.counts(), outgoing.oldest_waiting()
    wrong = []
    if failed := counts.get("failed", 0):
        wrong.append(f"{failed} 封邮件投递失败 letters failed (fenhe-hub mail)")
    if oldest is not None and now - oldest > LONGEST_WAIT_SECONDS:
        wrong.append(f"{counts.get('waiting', 0)} 封邮件发不出去 letters do not go out")
    return "; ".join(wrong)
