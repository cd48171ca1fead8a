"""From nothing to a node that trusts its hub: the steps before the first list. Start at `begin`."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead
from fenhe_client.settings_file import set_line
from fenhe_node.founding import Founder, default_origin, found
from fenhe_node.hubs.trust import enrol_hub
from fenhe_node.jobs import at_times
from fenhe_node.node import Node, open_node
from fenhe_node.setup.hub import HubSeen, hub_address, reach_hub
from fenhe_node.setup.reach import USUAL_LISTEN, why_unreachable
from fenhe_node.unit_code import read_uscc
from fenhe_protocol.errors import FenheError, SetupError

Clock = Callable[[], int]

EVERY_NIGHT = "30 2 * * *"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says of the unit, as typed; `origin` and `url` may be empty."""

    unit_name: str
    uscc: str
    hub: str
    origin: str = ""
    url: str = ""


async def begin(path: Path, answers: Answers, now: Clock) -> HubSeen:
    """Check all, reach the hub, then make the node; what was refused leaves no trace.

    It begins as a node that pushes: whether others reach it is not known yet (`choose_way`).
    """
    uscc = read_uscc(answers.uscc)
    url = hub_address(answers.hub)
    seen = await reach_hub(url)
    origin = answers.origin.strip() or default_origin(url, uscc)
    own = answers.url.strip().rstrip("/") or f"https://{origin}"
    founder = Founder(answers.unit_name.strip(), uscc, origin, own, url)
    home = await asyncio.to_thread(found, path, founder, now())
    set_line(home.config_file, "listen", "")
    return seen


async def trust(path: Path, url: str, fingerprint: str, now: Clock) -> RootsRead:
    """Trust the hub whose fingerprint was compared; Refused `root.fingerprint` where it differs."""
    async with Web() as web:
        return await enrol_hub(web, open_node(path).home, url, fingerprint, now())


def has_address(node: Node) -> bool:
    """Whether an address of its own was given, besides the name."""
    return node.root.url != f"https://{node.root.origin}"


async def choose_way(path: Path, now: Clock) -> FenheError | None:
    """Listen where the node's address leads here, else push; why it does not, if it was given."""
    node = open_node(path)
    if not has_address(node):
        return None
    error = await why_unreachable(node, now)
    listens = node.config.listen
    if error is None and not listens:
        set_line(node.home.config_file, "listen", USUAL_LISTEN)
    if error is not None and listens:
        set_line(node.home.config_file, "listen", "")
    return error


def schedule(path: Path, crontab: str) -> None:
    """Publish at these times from now on; "" is by hand alone. SetupError `setup.value`."""
    node = open_node(path)
    if crontab:
        if len(crontab.split()) != 5:
            raise SetupError("setup.value", where="publish_at", expected=EVERY_NIGHT, found=crontab)
        at_times(crontab, node.config.utc_offset_minutes)
    set_line(node.home.config_file, "publish_at", crontab)
