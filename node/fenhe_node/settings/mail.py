"""`mail`: by which server mail goes out, and who at the unit hears of what."""

from dataclasses import dataclass

from fenhe_client.mailing.settings import MailServer, check_addresses
from fenhe_protocol.settings import setting


@dataclass(frozen=True)
class MailSettings(MailServer):
    """The unit's mail."""

    notify: str = setting(
        default="",
        zh="有新申请时通知的单位信箱；空则不通知",
        en="the unit's mailbox that hears of new requests; empty: none",
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        super().__post_init__()
        check_addresses("notify", self.notify)
