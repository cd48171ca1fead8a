"""Everything that this node has signed, read again from disk and healed from the hubs' mirrors.

A hub is not believed: what it has is taken if it hashes to what this node has signed. Nothing is
signed here. Start at `check_files`.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial

from fenhe_client.checking.copies import Copy
from fenhe_client.checking.databases import is_sound
from fenhe_client.checking.healing import Mend
from fenhe_client.checking.own_logs import HEADS, OwnLogs
from fenhe_client.checking.proven import Rest
from fenhe_client.checking.result import Checked, Finding, findings_of, keep_result
from fenhe_client.checking.roots_check import OwnFirst, damaged_roots, mend_roots
from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Fetcher, Signer, Web
from fenhe_client.fetching.signing import request_signer
from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.stored.files import CHECKPOINT, root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.config import NodeConfig
from fenhe_node.home import Home, alone
from fenhe_node.hubs import trust
from fenhe_node.publishing.heads import LOGS, log_files, own_root, root_files
from fenhe_node.store import Store, hubs
from fenhe_node.store.hubs import Hub
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_document import RootDocument, open_first

TIERS = ("pub", "hub", "nat")
ROOTS_LOST = "从备份放回该文件; put the file back from a backup"
LOG_LOST = (
    "省平台也没有完好的一份: 从备份放回该文件, 正文找不回的用 erase --reason lost; no hub has it "
    "whole: put the file back from a backup, or erase what is lost"
)
CHECKPOINT_LOST = "省平台还没有这一版: 移走该文件再 publish; move it away and publish"
STORE_LOST = "从备份放回, 或移走后重新导入; put it back from a backup, or move it away and import"
HEADS_LOST = "fenhe-node restore"

Clock = Callable[[], int]


async def check_files(home: Home, config: NodeConfig, now: Clock, rest: Rest) -> Checked:
    """Read everything, heal what can be healed, and keep what was found."""
    async with Web() as web:
        check = _Check(home, config, web, now, rest)
        findings = [*await check.roots(), *check.databases()]
        logs = leaves = 0
        if all(each.healed_by for each in findings):
            for family in LOGS:
                found, own = await check.family(family)
                findings += found
                logs, leaves = logs + len(own.listed), leaves + own.size()
    checked = Checked(now(), logs, leaves, tuple(findings))
    keep_result(home.path, checked)
    return checked


class _Check:
    def __init__(self, home: Home, config: NodeConfig, web: Web, now: Clock, rest: Rest) -> None:
        self._home, self._config, self._web = home, config, web
        self._now, self._rest = now, rest
        self._hubs: list[Hub] = []

    async def roots(self) -> list[Finding]:
        """The root documents of the unit, and of the hubs that it trusts."""
        with suppress(StoreError), Store.open(self._home.store) as store:
            self._hubs = list(hubs.every(store))
        files = root_files(self._home)
        found: list[Finding] = []
        if damaged_roots(files, self._open_own):
            unit = self._config.origin
            copies = [self._copy(hub, f"m/{origin_hash(unit)}", None) for hub in self._hubs]
            mends = await mend_roots(files, self._open_own, copies)
            found += findings_of(unit, mends, ROOTS_LOST)
        for hub in self._hubs:
            files = trust.root_files(self._home, hub.fingerprint)
            open_it = partial(open_first, fingerprint=hub.fingerprint, allow_loopback_http=True)
            if damaged_roots(files, open_it):
                mends = await mend_roots(files, open_it, [self._copy(hub, "", None)])
                found += findings_of(hub.origin, mends, f"fenhe-node trust {hub.url}")
        return found

    def _open_own(self, raw: bytes) -> RootDocument:
        """Document 1 of this unit: of its name and code, and ours as `OwnFirst` says."""
        first = OwnFirst(self._config.origin, root_files(self._home), self._home.keys)
        document = first(raw)
        if document.unit != self._config.uscc:
            raise Refused("restore.not-ours", where=root_path(1))
        return document

    def databases(self) -> list[Finding]:
        """What SQLite says of the node's own."""
        advice = ((self._home.store, STORE_LOST), (self._home.heads, HEADS_LOST))
        return [
            Finding("sqlite", file.name, advice=text) for file, text in advice if not is_sound(file)
        ]

    async def family(self, family: str) -> tuple[list[Finding], OwnLogs]:
        """All epochs of `catalogue` or `usage`."""
        own = await asyncio.to_thread(self._own, family)
        if await asyncio.to_thread(own.look, self._rest):
            return [], own
        with ExitStack() as held:
            await asyncio.to_thread(held.enter_context, alone(self._home))
            found = await own.mend()
        return [
            each for mend in found for each in findings_of(mend[0], [mend[1]], _advice(mend[1]))
        ], own

    def _own(self, family: str) -> OwnLogs:
        root = own_root(self._home)
        listed = [log for log in root.logs if split_log_name(log.name)[0] == family]
        files = {log.name: log_files(self._home, log.name) for log in listed}
        heads = HeadStore(self._home.heads)
        return OwnLogs(root.origin, listed, files, heads, TIERS, self._copies)

    def _copies(self, origin: str) -> Sequence[Copy]:
        key = OwnKeys(self._home.keys, root_files(self._home)).request
        signer = request_signer(key, self._now)
        return [self._copy(hub, f"m/{origin_hash(origin)}", signer) for hub in self._hubs]

    def _copy(self, hub: Hub, folder: str, signer: Signer | None) -> Copy:
        def begin() -> Fetcher:
            base = f"{hub.url}/{folder}" if folder else hub.url
            return self._web.open(base, reach=PRIVATE_TOO, signer=signer)

        return Copy(hub.origin, begin)


def _advice(mend: Mend) -> str:
    return {CHECKPOINT: CHECKPOINT_LOST, HEADS: HEADS_LOST}.get(mend.path, LOG_LOST)
