"""Everything that this hub stores read again, and healed from nodes, other hubs and itself.

Nobody is believed: what another has is taken if it hashes to what was signed. Nothing is signed
here, and each log waits for its own lock only where something looked wrong. Start at `check_files`.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

from fenhe_client.checking.copies import Copy
from fenhe_client.checking.databases import is_sound
from fenhe_client.checking.own_logs import HEADS, OwnLogs
from fenhe_client.checking.proven import Rest
from fenhe_client.checking.result import Checked, Finding, findings_of, keep_result
from fenhe_client.checking.roots_check import OpenFirst, damaged_roots, mend_roots
from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.disk import remove_files
from fenhe_client.stored.files import FeedFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.home import locked, locked_while_waiting
from fenhe_hub.hub import FED, Hub, fed_files, own_roots
from fenhe_hub.ingest.log import LogName
from fenhe_hub.mirror.cosign import latest_note, show
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.restoring.fed_copy import Mirror
from fenhe_hub.restoring.told_receipts import keep_receipts
from fenhe_hub.self_check.marks import LEDGERS
from fenhe_hub.self_check.mirrored import ASIDE, NOTES, MirrorCheck
from fenhe_hub.targets import Target, targets
from fenhe_hub.visiting.archive import Archive
from fenhe_hub.visiting.sources import Sources
from fenhe_protocol.errors import PublisherError, StoreError
from fenhe_protocol.root_document import RootDocument, open_first

FED_TIERS = ("pub", "hub", "to")
FROM_A_HUB = "fenhe-hub check-files --from URL; 或从备份放回该文件 or put it back from a backup"
FROM_THE_UNIT = "请该单位先修复 (fenhe-node check-files); let the unit mend its own files first"
LEDGER_LOST = (
    "从备份放回该文件, 坏的一份在旁边 (.damaged); "
    "put it back from a backup, the damaged one lies beside"
)
ADVICE = {"index.sqlite": "fenhe-hub rebuild", HEADS: "fenhe-hub restore"}
MEMORY = "停止服务后删除, 会重新产生; stop and delete it, it is made anew"
OUTBOX = "从备份放回该文件; put it back from a backup"

Clock = Callable[[], int]


async def check_files(hub: Hub, now: Clock, rest: Rest, source: str = "") -> Checked:
    """Read everything, heal what can be healed, and keep what was found.

    `source`: the address of another hub that mirrors this one.
    """
    async with Web(hub.config.limits) as web:
        check = _Check(hub, web, now, source, rest)
        findings = [*databases(hub), *await check.own()]
        if is_sound(hub.home.index):
            with Archive(hub, may_sign=False) as archive:
                findings += await check.units(archive)
    checked = Checked(now(), check.logs, check.leaves, tuple(findings))
    keep_result(hub.home.path, checked)
    return checked


def databases(hub: Hub) -> list[Finding]:
    """What SQLite says of each."""
    home = hub.home
    advice = {
        home.index: ADVICE["index.sqlite"],
        home.heads: ADVICE[HEADS],
        home.visits: MEMORY,
        home.witnesses: MEMORY,
        home.outbox: OUTBOX,
    }
    return [Finding("sqlite", f.name, advice=text) for f, text in advice.items() if not is_sound(f)]


class _Check:
    def __init__(self, hub: Hub, web: Web, now: Clock, source: str, rest: Rest) -> None:
        self._hub, self._web, self._rest = hub, web, rest
        self._sources = Sources(hub, web, now)
        self._mirror = Mirror(web, hub, source, now) if source else None
        self.logs = self.leaves = 0

    async def own(self) -> list[Finding]:
        """The hub's own root documents and all epochs of `fed`."""
        hub, origin = self._hub, self._hub.origin
        first = partial(open_first, fingerprint=hub.fingerprint, allow_loopback_http=True)
        found = await self._roots(origin, own_roots(hub.home), first, self._elsewhere(origin))
        listed = hub.fed_epochs
        files = {log.name: fed_files(hub.home, name=log.name) for log in listed}
        heads = HeadStore(hub.home.heads)
        fed = OwnLogs(origin, listed, files, heads, FED_TIERS, self._elsewhere)
        self.logs, self.leaves = self.logs + len(listed), self.leaves + fed.size()
        if not await asyncio.to_thread(fed.look, self._rest):
            with ExitStack() as held:
                lock = locked(hub.home.path / "fed.lock")
                await asyncio.to_thread(held.enter_context, lock)
                for log, mend in await fed.mend():
                    found += findings_of(log, [mend], ADVICE.get(mend.path, FROM_A_HUB))
        return found

    async def units(self, archive: Archive) -> list[Finding]:
        """Root documents and logs of every unit whose files are mirrored here."""
        found: list[Finding] = []
        for unit in Registry(self._hub.home.registry_file):
            first = partial(
                open_first, fingerprint=unit.root1, origin=unit.origin, allow_loopback_http=True
            )
            copies = [*self._at_home(unit), *self._elsewhere(unit.origin)]
            files = root_files(self._hub.home, unit.origin)
            found += await self._roots(unit.origin, files, first, copies)
        known = {target.origin: target for target in targets(self._hub, archive.db)}
        for name, root1 in _mirrored(archive):
            try:
                root = current_root(self._hub.home, name.unit, root1)
            except (StoreError, PublisherError):
                continue  # told with the root documents
            found += await self._log(archive, name, root, known.get(name.origin))
        if any(each.path.startswith(NOTES) and not each.healed_by for each in found):
            found = await asyncio.to_thread(self._with_told_receipts, found)
        return found

    async def _roots(
        self, origin: str, files: FeedFiles, first: OpenFirst, copies: Sequence[Copy]
    ) -> list[Finding]:
        if not damaged_roots(files, first):
            return []
        return findings_of(origin, await mend_roots(files, first, copies), FROM_A_HUB)

    async def _log(
        self, archive: Archive, name: LogName, root: RootDocument, target: Target | None
    ) -> list[Finding]:
        listed = root.log(name.name)
        check = MirrorCheck(
            self._hub.home,
            archive,
            name,
            listed.keys if listed else (),
            self._hub.root.cosigners,
            [*self._by_visits(target, root), *self._elsewhere(name.origin)],
        )
        head = archive.standing(name)
        self.logs, self.leaves = self.logs + 1, self.leaves + head.size
        if await asyncio.to_thread(check.look, self._rest):
            return []
        folder = self._hub.home.mirror(name.origin)
        async with locked_while_waiting(folder / "lock"):
            mends = await check.mend()
        lost = [each for each in mends if each.path in LEDGERS]
        others = [each for each in mends if each.path not in LEDGERS]
        found = findings_of(name.origin, others, FROM_THE_UNIT)
        return found + findings_of(name.origin, lost, LEDGER_LOST)

    def _with_told_receipts(self, found: Sequence[Finding]) -> list[Finding]:
        """Receipts that were put aside, as `fed` tells of them."""
        keep_receipts(self._hub)
        return [self._told(each) if each.path.startswith(NOTES) else each for each in found]

    def _told(self, each: Finding) -> Finding:
        log = MirrorLog(self._hub.home, each.where)
        if each.healed_by or not (log.folder / each.path).exists():
            return each
        remove_files(log.disk, [log.folder / f"{each.path}{ASIDE}"])
        if (latest := latest_note(log.notes)) is not None:
            show(log.files, latest.file.read_bytes())
        return Finding(each.where, each.path, FED)

    def _by_visits(self, target: Target | None, root: RootDocument) -> list[Copy]:
        """The ways on which the log is visited."""
        sources = self._sources.of(target, None) if target else ()
        return [Copy(f"{root.origin} {n}", partial(s.files, root)) for n, s in enumerate(sources)]

    def _at_home(self, unit: Enrolment) -> list[Copy]:
        """Where the unit itself shows its root documents."""
        reach = PRIVATE_TOO if unit.allow_private else PUBLIC_ONLY
        begin = partial(self._web.open, unit.url, reach=reach)
        return [Copy(unit.origin, begin)] if unit.visited else []

    def _elsewhere(self, origin: str) -> list[Copy]:
        """The mirror of the hub that the operator named."""
        mirror = self._mirror
        return [Copy(mirror.source, partial(mirror.begin, origin))] if mirror else []


def _mirrored(archive: Archive) -> list[tuple[LogName, str]]:
    rows = archive.db.execute(
        "SELECT u.unit_no, u.origin, u.uscc, l.name, l.ended, u.root1"
        " FROM log l JOIN unit u USING(unit_no) ORDER BY l.log_no"
    ).fetchall()
    return [(LogName(*row[:5]), row[5]) for row in rows]
