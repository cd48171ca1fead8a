"""Our own log ended, and its next epoch begun (feed §11). Start at `end_log_at`.

For when what was signed last is lost, or somebody else signs with the key: root document n+1 says
where the log ends, and nothing above that counts any more. What was said above is said again in the
next epoch, since what is owed follows from what counts (`fed.advice`). Former files that do not fit
are set aside: they may be evidence.
"""

from dataclasses import dataclass

from fenhe_client.keys.log_end import propose_end, set_aside
from fenhe_client.keys.root_desk import RootDesk
from fenhe_client.keys.second_signing import sign_head
from fenhe_client.reading.log_copy import LogCopy
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.stored_head import load_head
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, fed_files
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.anchors import anchors_in
from fenhe_hub.restoring.fed_copy import Mirror
from fenhe_hub.targets import enrolled_roots
from fenhe_hub.witnessing.before_signing import refuse_if_roots_are_behind
from fenhe_protocol.checkpoint import Checkpoint, open_checkpoint
from fenhe_protocol.errors import Forked, SetupError, StoreError
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.root_changes import next_epoch
from fenhe_protocol.root_document import LogKeys


@dataclass(frozen=True)
class Ending:
    """Where an epoch is to end: a head, and the copy that has it; None: our own files."""

    log: LogKeys
    head: Checkpoint
    copy: LogCopy | None = None


def epoch_named(hub: Hub, name: str) -> LogKeys:
    """The epoch of this name, if it is the newest; SetupError `epoch.log`."""
    newest = hub.fed_epochs[-1]
    if newest.name != name:
        raise SetupError("epoch.log", where=name, expected=newest.name)
    return newest


def ending_here(hub: Hub, log: LogKeys) -> Ending:
    """At what our own files hold, signature and tree verified; StoreError `log.absent`."""
    origin, files = f"{hub.origin}/{log.name}", fed_files(hub.home, name=log.name)
    raw = files.read(CHECKPOINT)
    if raw is None:
        raise StoreError("log.absent", where=f"{log.name}/{CHECKPOINT}", advice="--from URL")
    head = open_checkpoint(raw, origin=origin, keys=log.keys).checkpoint
    load_head(files, origin)
    return Ending(log, head)


async def ending_at(hub: Hub, log: LogKeys, mirror: Mirror) -> Ending:
    """At what another hub's mirror holds; an empty log where it has nothing of it."""
    origin = f"{hub.origin}/{log.name}"
    copy = await mirror.copy(origin)
    if copy is None:
        return Ending(log, Checkpoint(origin, 0, EMPTY_ROOT))
    return Ending(log, open_checkpoint(copy.note, origin=origin, keys=log.keys).checkpoint, copy)


def seen_above(hub: Hub, ending: Ending) -> list[str]:
    """The units whose heartbeats name a head of this epoch above its end."""
    found: set[str] = set()
    for unit, root in enrolled_roots(hub.home):
        for log in root.logs:
            if log.name.startswith("catalogue"):
                anchors = anchors_in(MirrorLog(hub.home, f"{unit.origin}/{log.name}"))
                if any(a.fed == ending.head.origin and a.size > ending.head.size for a in anchors):
                    found.add(unit.origin)
    return sorted(found)


async def end_log_at(
    hub: Hub, desk: RootDesk, ending: Ending, mirror: Mirror | None, *, new_key: bool, now: int
) -> bool:
    """End the epoch there and list the next; False while the root document lacks signatures.

    Our files become those of that head before the document is served, so that what is shown never
    lies above the end. StoreError `restore.behind` where a hub above has a later document already.
    """
    await refuse_if_roots_are_behind(hub)
    with locked(hub.home.path / "fed.lock"):
        if mirror is not None:
            await _become(hub, ending, mirror, now)
        _expect(hub, next_epoch(ending.log.name), now)
        log, head = ending.log, ending.head
        return propose_end(desk, hub.home.keys, log, head, new_key=new_key, now=now)


async def _become(hub: Hub, ending: Ending, mirror: Mirror, now: int) -> None:
    """Let our files of this epoch be those of the other hub."""
    log, home = ending.log, hub.home
    files = fed_files(home, name=log.name)
    try:
        held = load_head(files, ending.head.origin).size
    except StoreError:
        held = ending.head.size + 1  # damaged: away with it
    if held > ending.head.size:
        set_aside(home.path, (home.public, home.held), log.name, now)
    if ending.copy is None:
        key = hub.keys.for_head(ending.head.origin, 0)
        files.write_all({CHECKPOINT: sign_head(ending.head, key, hub.keys.second)})
        return
    try:
        await mirror.read_epoch(log, ending.copy)
    except Forked:
        set_aside(home.path, (home.public, home.held), log.name, now)
        await mirror.read_epoch(log, ending.copy)


def _expect(hub: Hub, name: str, now: int) -> None:
    """Know beforehand that nothing of this epoch was signed: a hub that does not has lost it."""
    heads, origin = HeadStore(hub.home.heads), f"{hub.origin}/{name}"
    if heads.get(origin) is None:
        heads.advance(origin, None, size=0, root=EMPTY_ROOT, now=now)


def is_begun(hub: Hub, ended: str) -> bool:
    """Whether this epoch has ended, the next is the newest, and nothing is said in it yet."""
    head = HeadStore(hub.home.heads).get(hub.fed_origin)
    return hub.fed_name == next_epoch(ended) and head is not None and head.size == 0


def begin(hub: Hub, now: int) -> str:
    """Write the first checkpoint of the newest epoch, once the document is served; its name."""
    with locked(hub.home.path / "fed.lock"):
        writer = FeedWriter(hub.fed_origin, hub.fed_files(), HeadStore(hub.home.heads))
        writer.recover(key=hub.keys, now=now)
    return hub.fed_name
