"""`mail`: by which server the hub's letters go out, and who of its office hears of what."""

from dataclasses import dataclass

from fenhe_client.mailing.settings import MailServer, check_addresses
from fenhe_protocol.settings import setting


@dataclass(frozen=True)
class MailSettings(MailServer):
    """The hub's mail."""

    operators: tuple[str, ...] = setting(
        default=(),
        zh="值班信箱：谁晚了、为何、自何时起，每日一封；无变化不发",
        en="who gets the daily digest: who is late, why, since when; nothing new, no letter",
    )
    handlers: tuple[str, ...] = setting(
        default=(),
        zh="处理投诉的信箱：来了投诉、超过答复日期时发一封，只写编号和管理台地址",
        en="who is told that a complaint came or is overdue: its number and the console's address",
    )
    digest_hour: int = setting(
        default=8, zh="几点发（北京时间，0–23）", en="at which hour it goes out (UTC+8, 0 to 23)"
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        super().__post_init__()
        check_addresses("operators", *self.operators)
        check_addresses("handlers", *self.handlers)
        if not 0 <= self.digest_hour <= 23:
            raise ValueError(f"digest_hour: 0 to 23; found {self.digest_hour}")
