"""A unit that only pushes, and the hub it pushes to: real programs, and no listener at the unit."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fenhe_client.fetching.fetch import Web
from fenhe_client.pushing.mirror_client import MirrorClient
from fenhe_client.pushing.push import LogPush, LogToPush
from fenhe_node.hubs.trust import trusted
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import now
from fenhe_node.publishing.heads import log_files
from tests.federation.province import Province
from tests.node.homes import UNIT, Clock, Record, publish_all, publish_long_ago, put

NAME = "u1"
ORIGIN = "u1.example/fenhe"


def configure(home: Path, **settings: object) -> None:
    """Change keys of a config.yaml, each of which must be there."""
    path = home / "config.yaml"
    lines = path.read_text("utf-8").splitlines()
    for key, value in settings.items():
        (place,) = (n for n, line in enumerate(lines) if line.startswith(f"{key}:"))
        lines[place] = f"{key}: {value}"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def found_pusher(province: Province, *, enrolled: bool = True) -> Node:
    """Make the unit, let it trust the hub, and enrol it by the document that it hands over."""
    province.found_node(NAME, "示例大学", UNIT)
    home = province.home(NAME)
    configure(home, listen='""')
    province.node(NAME, "trust", province.url("hub"), "--fingerprint", province.fingerprint)
    if enrolled:
        enrol_pusher(province)
    node = open_node(home)
    publish_long_ago(node)
    return node


def enrol_pusher(province: Province) -> None:
    """As the hub's operator does it, with the file and the fingerprint that the unit gave."""
    own = province.node(NAME, "fingerprint")["fingerprint"]
    root = province.home(NAME) / "public" / "root" / "1"
    province.hub("enrol", "--root-file", str(root), "--fingerprint", own)


def stage(province: Province, records: Sequence[Record]) -> None:
    """Keep records at the unit as an import would."""
    put(open_node(province.home(NAME)), records)


def publish(province: Province, *, allowed: tuple[int, ...] = (0,)) -> dict[str, Any]:
    """Run `publish` at the unit; what it pushed by log."""
    answer = province.node(NAME, "publish", "--no-wait", allowed=allowed)
    return {each["log"]: each for each in answer["pushed"]}


def mirrored(province: Province) -> dict[str, tuple[int, int]]:
    """Size and cosigned size of each log of the unit, as the hub says."""
    logs = province.standing()
    return {log: (each["size"], each["cosigned"]) for (_, log), each in logs.items()}


def log_push(web: Web, node: Node, log: str = "catalogue") -> LogPush:
    """A push of one log as the node makes it, to be led step by step."""
    [(hub, document)] = trusted(node.home)
    assert document.cosign is not None
    client = MirrorClient(web, hub.url, node.root.origin, node.keys.request, now)
    to_push = LogToPush(f"{ORIGIN}/{log}", log_files(node.home, log), [document.cosign])
    return LogPush(client, to_push, lambda what, done, total: None)


def sign(node: Node, records: Sequence[Record], *, minutes_ago: int) -> None:
    """Publish without pushing, by a clock at which nobody has to wait for the ten seconds."""
    put(node, records)
    publish_all(node, Clock(int(time.time()) - 60 * minutes_ago))
