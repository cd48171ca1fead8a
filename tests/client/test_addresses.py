"""Which addresses a reader may reach."""

import pytest

from fenhe_client.fetching.addresses import (
    PRIVATE_TOO,
    PUBLIC_ONLY,
    Reach,
    Standing,
    parse_web_address,
    standing_of,
)
from fenhe_protocol.errors import Refused

PUBLIC = ["8.8.8.8", "202.99.192.66", "2400:3200::1", "64:ff9b::8.8.8.8", "2002:808:808::1"]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "64:ff9b::7f00:1",
    "::10.0.0.1",
    "2001:0:7f00:1::1",
    "2001:0:808:808:0:0:80ff:fffe",
]
FORBIDDEN = [
    "0.0.0.0",
    "169.254.169.254",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "2001:10::1",
    "3fff::1",
    "::ffff:169.254.169.254",
    "2002:a9fe:a9fe::",
    "64:ff9b::a9fe:a9fe",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert standing_of(address) is Standing.PUBLIC


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_private_however_it_is_wrapped(address: str) -> None:
    assert standing_of(address) is Standing.PRIVATE


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_permission_opens_a_forbidden_address(address: str) -> None:
    assert standing_of(address) is Standing.FORBIDDEN
    assert not PRIVATE_TOO.admits(standing_of(address))


def test_private_addresses_need_a_permission() -> None:
    assert PRIVATE_TOO.admits(Standing.PRIVATE)
    assert not PUBLIC_ONLY.admits(Standing.PRIVATE)


@pytest.mark.parametrize(
    "url",
    [
        "https://u1.example/fenhe",
        "https://u1.example/fenhe/",
        "https://u1.example",
        "https://u1.example:443/a/b",
        "https://[2400:3200::1]/fenhe",
        "https://8.8.8.8/x",
        "https://xn--fiqs8s.example/fenhe",
    ],
)
def test_a_plain_https_address_is_accepted(url: str) -> None:
    assert parse_web_address(url).text == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://u1.example/fenhe",
        "ftp://u1.example/fenhe",
        "file:///etc/passwd",
        "gopher://u1.example/",
        "https://user:secret@u1.example/",
        "https://u1.example@evil.example/",
        "https://u1.example/#part",
        "https://u1.example/?a=b",
        "https://u1.example/%2e%2e/x",
        "https://u1.example/a/../b",
        "https://u1.example/./b",
        "https://u1.example//b",
        "https://u1.example\r\nHost: evil.example/",
        "https://u1.example./fenhe",
        "https://-u1.example/fenhe",
        "https://u1_.example/fenhe",
        "https://单位.example/fenhe",
        "https://u1。example/fenhe",
        "https://u1.example:22/",
        "https://u1.example:8443/",
        "https://u1.example:0/",
        "https://u1.example:99999/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest",
        "https:///x",
        "https://",
        "",
    ],
)
def test_any_other_spelling_is_refused(url: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_web_address(url)
    assert caught.value.code in ("fetch.url", "fetch.address")


def test_a_permission_for_private_addresses_opens_http_and_any_port() -> None:
    assert parse_web_address("http://127.0.0.1:8080/u", PRIVATE_TOO).port == 8080
    assert parse_web_address("http://[::1]:8080", PRIVATE_TOO).host == "[::1]"


def test_a_listed_port_is_open_and_others_are_not() -> None:
    reach = Reach(ports=frozenset({443, 8443}))
    assert parse_web_address("https://u1.example:8443", reach).port == 8443
    with pytest.raises(Refused):
        parse_web_address("https://u1.example:8444", reach)


def test_the_metadata_address_stays_closed_with_a_permission() -> None:
    with pytest.raises(Refused) as caught:
        parse_web_address("http://169.254.169.254/", PRIVATE_TOO)
    assert caught.value.code == "fetch.address"
