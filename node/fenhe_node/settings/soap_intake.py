"""`soap_intake`: where laboratory systems report as they would to the national platform."""

import ipaddress
from dataclasses import dataclass

from fenhe_protocol.settings import setting


@dataclass(frozen=True)
class SoapIntakeSettings:
    """A listener of its own, never the public one."""

    listen: str = setting(
        default="",
        zh="单位系统按国家平台接口（instruInfo）报来的监听地址，只用于本机或内网；空则不开",
        en="where the unit's systems report by instruInfo, on this machine or network; empty: none",
    )
    user: str = setting(default="", zh="登录名（HTTP Basic）；本机可空", en="whom they sign in as")
    password_file: str = setting(
        default="",
        zh="存放口令的文件，只有本账户可读",
        en="a file that holds the password, readable by this account alone",
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        if not self.listen:
            return
        host, colon, port = self.listen.rpartition(":")
        if not colon or not (port.isascii() and port.isdigit()) or int(port) > 65535:
            raise ValueError(f"listen: HOST:PORT; found {self.listen!r}")
        if not _is_near(host.strip("[]")):
            raise ValueError(f"listen: an address of this machine or network; found {host!r}")
        if bool(self.user) != bool(self.password_file):
            raise ValueError("password_file: together with user; found only one of the two")
        if not self.user and not self.is_loopback:
            raise ValueError("user: a name, as others reach this address; found ''")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can come."""
        return ipaddress.ip_address(self.address[0]).is_loopback


def _is_near(host: str) -> bool:
    """Whether it is one address of this machine or of a private network: no name, no 0.0.0.0."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return found.is_private and not found.is_unspecified
