"""A home that was made from a backup, or lost part of itself, brought up to the hub (feed §11).

Terminal and browser do it with this. Start at `bring_back`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_node.config import load_config
from fenhe_node.home import Home, alone, serving
from fenhe_node.hubs.mirror_copy import MirrorCopy
from fenhe_node.hubs.trust import enrol_hub, trusted
from fenhe_node.publishing.changes import settle
from fenhe_node.publishing.heads import current_logs, log_files, root_files
from fenhe_node.publishing.own_erasures import settle_erased
from fenhe_node.refilling import refill
from fenhe_node.restoring.from_mirror import RestoredLog, restore_logs, restore_roots
from fenhe_node.store import Store
from fenhe_node.store.hubs import Hub
from fenhe_node.store.signed import signed_size
from fenhe_protocol.errors import SetupError, StoreError
from fenhe_protocol.origin import log_origin
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.schema import SchemaSet

UNKNOWN = (
    "注意: 本机不知道上次签到哪里. 如果在省平台的记录之后还发布过, 不要继续, 改用 new-epoch; "
    "what was signed last is not known here: if anything was published after what the hub has, "
    "do not go on but begin a new epoch (new-epoch)"
)


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """How the logs stand now, how many records were behind them, and by which hub."""

    logs: tuple[RestoredLog, ...]
    records: int
    hub: str

    @property
    def is_whole(self) -> bool:
        """Whether no body is missing everywhere."""
        return not any(log.missing for log in self.logs)

    def lines(self) -> list[str]:
        """What a person has to know."""
        told = [f"已与镜像核对 compared with the mirror of {self.hub}"]
        for log in self.logs:
            told.append(
                f"{log.name}: 本机原有 here before {log.before}, 镜像 mirror {log.mirrored}, "
                f"现在 now {log.size}"
            )
            told += [
                f"  缺 {tier} {count} 条正文 bodies are nowhere: 用 erase --reason lost 登记"
                for tier, count in sorted(log.missing.items())
            ]
        told.append(f"按日志补齐的记录 records brought up to the logs: {self.records}")
        return told if all(log.known for log in self.logs) else [*told, UNKNOWN]


async def bring_back(
    home: Home, now: Callable[[], int], url: str = "", fingerprint: str = ""
) -> BroughtBack:
    """Compare with the mirror and take what is lacking, while nobody serves or writes.

    `url` and `fingerprint` name a hub that the home does not trust yet. SetupError
    `restore.no-hub`; Forked with both notes where there are two histories.
    """
    with serving(home), alone(home):
        return await _bring_back(home, now, url, fingerprint)


async def _bring_back(
    home: Home, now: Callable[[], int], url: str, fingerprint: str
) -> BroughtBack:
    config = load_config(home.config_file)
    async with Web() as web:
        hub, document = await _hub(web, home, now, url, fingerprint)
        copy = MirrorCopy(web, home, hub, document, now)
        root = await restore_roots(home, config, copy)
        keys = OwnKeys(home.keys, root_files(home))
        keys.check()
        with Store.open(home.store) as store:
            _finish_killed(home, root, keys, store, now)
            signed = {log.name: signed_size(store, log.name) for log in root.logs}
        logs = await restore_logs(home, root, keys, copy, now, signed)
    # Before anything is served: what was erased since the copy was made goes from it too.
    with Store.open(home.store) as store:
        settle_erased(home, store)
        behind = refill(home, store, SchemaSet.load(), now())
    return BroughtBack(tuple(logs), behind, hub.origin)


def _finish_killed(
    home: Home, root: RootDocument, keys: OwnKeys, store: Store, now: Callable[[], int]
) -> None:
    """Show what a killed publish had promised, where the head store and the files still hold it."""
    heads = HeadStore(home.heads)
    for log in current_logs(home):
        origin = log_origin(root.origin, log)
        if heads.get(origin) is not None:
            with suppress(StoreError):  # the mirror may have what is gone here
                head = FeedWriter(origin, log_files(home, log), heads).recover(key=keys, now=now())
                settle(store, log, head.size)


async def _hub(
    web: Web, home: Home, now: Callable[[], int], url: str, fingerprint: str
) -> tuple[Hub, RootDocument]:
    if url and fingerprint:
        told = "".join(fingerprint.lower().split())
        await enrol_hub(web, home, url.rstrip("/"), told, now())
    known = trusted(home)
    wanted = [each for each in known if url in ("", each[0].url)] or known
    if not wanted:
        raise SetupError("restore.no-hub", where="--hub", expected="--hub URL --fingerprint F")
    return wanted[0]


def is_unsure(home: Home, root: RootDocument, store: Store) -> bool:
    """Whether records were published and what was signed last is not known: nothing is signed."""
    heads = HeadStore(home.heads)
    return any(
        signed_size(store, log.name) and heads.get(log_origin(root.origin, log.name)) is None
        for log in root.logs
        if log.end is None
    )
