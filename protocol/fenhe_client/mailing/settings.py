"""By which server mail goes out; none by default. Programs add whom they write to."""

from dataclasses import dataclass
from typing import Literal

from fenhe_protocol.settings import setting

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class MailServer:
    """One SMTP server of the operator's own."""

    host: str = setting(
        default="",
        zh="发信服务器（SMTP）；空则不发邮件",
        en="the SMTP server; empty: no mail is sent",
    )
    port: int = setting(default=587, zh="端口", en="its port")
    security: Security = setting(
        default="starttls",
        zh="加密：starttls 或 tls；none 只用于本机",
        en="starttls or tls; none only on this machine",
    )
    user: str = setting(default="", zh="登录名；空则不登录", en="whom to sign in as; empty: nobody")
    password_file: str = setting(
        default="",
        zh="存放密码的文件，只有本账户可读（chmod 600）；相对路径从目录 DIR 算起",
        en="a file that holds the password, readable by this account alone; from the home on",
    )
    sender: str = setting(
        default="", zh="发件地址（本单位信箱）", en="the sender, a mailbox of one's own"
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port: 1 to 65535; found {self.port}")
        if self.host and not self.sender:
            raise ValueError("sender: a mail address; found ''")
        if self.security == "none" and self.host not in ("", "127.0.0.1", "::1", "localhost"):
            raise ValueError("security: starttls, tls; found 'none'")
        if self.user and not self.password_file:
            raise ValueError("password_file: a file; found ''")
        check_addresses("sender", self.sender)

    @property
    def sends(self) -> bool:
        """Whether mail goes out at all."""
        return bool(self.host)


def check_addresses(name: str, *addresses: str) -> None:
    """ValueError that names the key where one is given and is no mail address."""
    for address in addresses:
        if address and not is_mail_address(address):
            raise ValueError(f"{name}: a mail address; found {address!r}")


def is_mail_address(text: str) -> bool:
    """Whether `text` is one plain address, and cannot be anything but that in a head of mail."""
    local, at, domain = text.partition("@")
    return (
        bool(at and local)
        and len(text) <= 100
        and _only(local, "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.")
        and _only(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.")
        and "." in domain
        and all(part and part[0] != "-" for part in domain.split("."))
    )


def _only(text: str, allowed: str) -> bool:
    return bool(text) and set(text.lower()) <= set(allowed) and ".." not in text
