"""How a witness is named in a configuration."""

from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.witness.settings import WitnessSettings
from fenhe_client.witness.submission import WitnessAddress
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.settings import read_settings, render_settings, setting

NAME = "w.example/w"
PUBLIC = SigningKey.from_seed(bytes(range(32))).public
KEY = VerifierKey(NAME, COSIGNATURE, PUBLIC)
GOOD = {"key": KEY.text, "url": "https://w.example/w"}


@dataclass(frozen=True)
class Settings:
    witnesses: tuple[WitnessSettings, ...] = setting(default=(), zh="见证人", en="witnesses")


def read(*witnesses: dict[str, Any]) -> tuple[WitnessSettings, ...]:
    return read_settings(Settings, {"witnesses": list(witnesses)}).witnesses


@pytest.mark.parametrize(
    "member",
    [
        {"key": VerifierKey(NAME, ED25519, PUBLIC).text},
        {"key": "w.example/w+00000000+AAAA"},
        {"url": "http://w.example/w"},
        {"logs": ["fed"]},
        {"adress": "https://w.example"},
    ],
)
def test_a_witness_that_is_wrongly_named_is_an_error(member: dict[str, Any]) -> None:
    read(GOOD)
    with pytest.raises(SetupError, match="witnesses"):
        read(GOOD | member)


def test_it_is_asked_at_its_address_by_its_key() -> None:
    (found,) = read(GOOD)
    assert found.logs == ("catalogue",)
    assert found.address == WitnessAddress(KEY, "https://w.example/w", PUBLIC_ONLY)
    (near,) = read(GOOD | {"url": "http://10.0.0.8:8660/w/", "allow_private": True})
    assert near.address == WitnessAddress(KEY, "http://10.0.0.8:8660/w", PRIVATE_TOO)


def test_the_settings_are_written_and_read_back() -> None:
    written = render_settings(Settings, {"witnesses": [GOOD]})
    assert read_settings(Settings, yaml.safe_load(written)).witnesses == read(GOOD)
