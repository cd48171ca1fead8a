"""The node's first private keys: made once from the operating system, kept as hex, mode 0600.

A key serves one purpose (feed §5): `log` signs checkpoints, `root` signs root documents, `request`
signs what the node asks of a hub. Which key is in force later is said by the root documents
(`fenhe_client.keys.own_keys`).
"""

from dataclasses import dataclass
from pathlib import Path

from fenhe_client.keys.seeds import SEED_BYTES, make_seed
from fenhe_protocol.keys import SigningKey

__all__ = ["SEED_BYTES", "NodeKeys", "make_keys"]


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The first keys of one node."""

    log: SigningKey
    root: SigningKey
    request: SigningKey


def make_keys(folder: Path) -> NodeKeys:
    """Write three fresh seeds into `folder`; a file already there is never written over."""
    files = (folder / f"{purpose}.seed" for purpose in ("log", "root", "request"))
    return NodeKeys(*(SigningKey.from_seed(make_seed(file)) for file in files))
