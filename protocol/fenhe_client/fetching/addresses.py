"""Which web and network addresses a reader may reach. Pure; `fetch` asks before it connects.

An address is `public`, `private` (reached only where the operator allowed it for that publisher)
or `forbidden` (never). Addresses that carry an IPv4 address inside are judged by what they carry.
Start at `standing_of` for network addresses and `parse_web_address` for URLs.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from fenhe_protocol.errors import Refused

_HOSTS_REMEMBERED = 65_536  # every host is judged at every visit

WEB_PORTS = frozenset({80, 443})

_PRIVATE: list[IPv4Network | IPv6Network] = [
    *map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12")),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
]
# Beyond what Python calls not global, whose answer changes between versions.
_FORBIDDEN: list[IPv4Network | IPv6Network] = [
    *map(IPv4Network, ("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24")),
    *map(IPv4Network, ("192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24")),
    *map(IPv4Network, ("224.0.0.0/4", "240.0.0.0/4")),
    *map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")),
]
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*)/?"
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Standing(StrEnum):
    """How a network address stands to a reader."""

    PUBLIC = "public"
    PRIVATE = "private"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Reach:
    """What an operator allowed for one publisher: private addresses, plain http, other ports."""

    private: bool = False
    ports: frozenset[int] = WEB_PORTS

    def admits(self, standing: Standing) -> bool:
        """Whether an address of this standing may be connected to."""
        return standing is Standing.PUBLIC or (self.private and standing is Standing.PRIVATE)


PUBLIC_ONLY = Reach()
PRIVATE_TOO = Reach(private=True)


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A checked base address; `text` has no slash at the end."""

    scheme: str
    host: str
    port: int
    text: str


@lru_cache(_HOSTS_REMEMBERED)
def standing_of(address: str) -> Standing:
    """Judge a network address as a socket shows it, scope id and all."""
    carried = _carried(ip_address(address.partition("%")[0]))
    if any(carried in network for network in _PRIVATE):
        return Standing.PRIVATE
    outside = isinstance(carried, IPv6Address) and carried not in _GLOBAL_UNICAST
    if outside or not carried.is_global or any(carried in network for network in _FORBIDDEN):
        return Standing.FORBIDDEN
    return Standing.PUBLIC


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address a packet ends at: what IPv4-mapped, 6to4, NAT64 and Teredo addresses carry."""
    if isinstance(address, IPv4Address):
        return address
    if address.teredo:
        server, client = address.teredo
        return client if standing_of(str(server)) is Standing.PUBLIC else server
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


@lru_cache(_HOSTS_REMEMBERED)
def parse_web_address(text: str, reach: Reach = PUBLIC_ONLY) -> WebAddress:
    """Read the base address of a publisher: https, its port and host within `reach`.

    Refused are user names, queries, fragments, escapes, dot segments, names that are no plain host
    names, and every spelling of an IP address but the canonical one.
    """
    match = _URL.fullmatch(text)
    if match is None or not _is_host(match["host"]) or {".", ".."} & {*match["path"].split("/")}:
        raise Refused("fetch.url", found=text, expected="https://host/path")
    scheme, host = match["scheme"], match["host"]
    if scheme == "http" and not reach.private:
        raise Refused("fetch.url", found=text, expected="https")
    port = int(match["port"] or (443 if scheme == "https" else 80))
    if port > 65535 or not (reach.private or port in reach.ports):
        raise Refused("fetch.url", found=text, expected=f"port {sorted(reach.ports)}")
    _check_literal(host, reach)
    return WebAddress(scheme, host, port, text.rstrip("/"))


def _check_literal(host: str, reach: Reach) -> None:
    """Refuse a host written as an address out of reach; names are judged when they connect."""
    standing = _standing_of_host(host)
    if standing is not None and not reach.admits(standing):
        raise Refused("fetch.address", found=host, expected="a public address")


@lru_cache(_HOSTS_REMEMBERED)
def _standing_of_host(host: str) -> Standing | None:
    """How a host that is written as an address stands; None for a name."""
    try:
        return standing_of(host.strip("[]"))
    except ValueError:
        return None


@lru_cache(_HOSTS_REMEMBERED)
def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _is_address(host[1:-1], IPv6Address)
    labels = host.split(".")
    if _NUMERIC.fullmatch(labels[-1]):
        # 127.1, 0x7f000001 and 2130706433 are addresses to a resolver.
        return _is_address(host, IPv4Address)
    return all(map(_LABEL.fullmatch, labels))


def _is_address(text: str, family: type[IPv4Address] | type[IPv6Address]) -> bool:
    try:
        family(text)
    except ValueError:
        return False
    return True
