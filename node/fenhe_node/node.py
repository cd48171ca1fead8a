"""One node, opened: its home, its configuration, who it is. Start at `open_node`."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.second_signing import open_second
from fenhe_node.config import NodeConfig, load_config
from fenhe_node.home import Home, open_home
from fenhe_node.publishing.heads import former_addresses, own_fingerprint, own_root, root_files
from fenhe_node.publishing.publish import Pen, Progress, Wait
from fenhe_node.refilling import refill_if_lost
from fenhe_protocol.errors import SetupError
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class Node:
    """What every operation starts from."""

    home: Home
    config: NodeConfig
    fingerprint: str  # of root document 1
    keys: OwnKeys
    former: Mapping[str, int] = field(default_factory=dict)
    """Addresses of before a move, the newest first, and when each was left."""

    @property
    def root(self) -> RootDocument:
        """The newest of its root documents, also where one was adopted since it was opened."""
        return self.keys.document

    def pen(self, now: Callable[[], int], wait: Wait, progress: Progress) -> Pen:
        """What is needed to write."""
        return Pen(
            home=self.home,
            origin=self.root.origin,
            unit=self.root.unit,
            key=self.keys,
            now=now,
            wait=wait,
            progress=progress,
        )


def open_node(path: Path) -> Node:
    """Open a finished home; SetupError where configuration and root document disagree."""
    home = open_home(path)
    root = own_root(home)
    former = former_addresses(home)
    config = _agreeing(load_config(home.config_file), root, former)
    second = None
    if config.sm2:
        second = open_second(home.keys, root.origin, config.sm2_sign_command)
    keys = OwnKeys(home.keys, root_files(home), second=second)
    keys.check()
    refill_if_lost(home, SchemaSet.load(), int(time.time()))
    return Node(home, config, own_fingerprint(home), keys, former)


def _agreeing(config: NodeConfig, root: RootDocument, former: Collection[str]) -> NodeConfig:
    """The configuration as far as it says what is signed; SetupError `setup.signed`."""
    for key, written, signed in (
        ("origin", config.origin, root.origin),
        ("uscc", config.uscc, root.unit),
    ):
        if written != signed:
            raise SetupError("setup.signed", where=key, expected=signed, found=written)
    if config.address != root.url and config.address not in former:
        raise SetupError(
            "setup.signed",
            where="public_url",
            expected=root.url,
            found=config.address,
            advice="fenhe-node set-url",
        )
    # What is signed counts: a move that was killed before it changed the file is done.
    return replace(config, public_url=root.url)
