"""A folder of SM2 keys, the command that keeps it, and what a head that is signed with it shows."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenhe_client.keys.second_commands import SecondOffice, add_second_key, second_key_command
from fenhe_client.keys.second_signing import SecondSigner, open_second
from fenhe_protocol.keys import SigningKey
from tests.client.written_log import KEY, NOW, ORIGIN

UNIT = ORIGIN.rpartition("/")[0]


@dataclass(frozen=True)
class Ring:
    """The log's key, and what signs second lines."""

    second: SecondSigner | None

    def for_head(self, origin: str, size: int) -> SigningKey:
        return KEY


def ring(keys: Path, command: str = "") -> Ring:
    return Ring(open_second(keys, UNIT, command))


def told(
    keys: Path, *arguments: str, on: bool = True, command: str = "", now: int = NOW
) -> Mapping[str, Any]:
    """What `sm2-key` says in facts."""
    parser = argparse.ArgumentParser()
    add_second_key(parser)
    office = SecondOffice(keys, UNIT, on, command, now)
    return second_key_command(parser.parse_args(arguments), office).facts
