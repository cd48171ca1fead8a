"""The hub's private keys: made once from the operating system, kept as hex seeds, mode 0600.

Each serves one purpose (feed §5): `log` signs `fed`, `root` signs root documents, `request` signs
what the hub asks of nodes, `mirror` cosigns what the mirror durably holds. Which keys are in force
later is said by the root documents (`fenhe_client.keys.own_keys`).
"""

from dataclasses import dataclass, fields
from pathlib import Path

from fenhe_client.keys.seeds import load_seed, make_seed
from fenhe_protocol.keys import SigningKey

__all__ = ["HubKeys", "load_seed", "make_keys", "make_seed"]


@dataclass(frozen=True, slots=True)
class HubKeys:
    """The first keys of one hub."""

    log: SigningKey
    root: SigningKey
    request: SigningKey
    mirror: SigningKey


def make_keys(folder: Path) -> HubKeys:
    """Write fresh seeds into `folder`; a file already there is never written over."""
    seeds = {each.name: make_seed(folder / f"{each.name}.seed") for each in fields(HubKeys)}
    return HubKeys(**{name: SigningKey.from_seed(seed) for name, seed in seeds.items()})
