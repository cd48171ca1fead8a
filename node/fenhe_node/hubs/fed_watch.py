"""Follow a trusted hub's own log: verify it, and hear what it says of this unit (feed §9, §10).

The files of `fed` lie beside the hub's root documents. From its words are kept: cosigned `adv`
notes (receipts, though nobody looked while the mirror showed them), `rcp` dates, and notices to it;
those that are said to it alone are asked for in `said_to_us`.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Signer, Web
from fenhe_client.following.fed_epoch import epoch_files
from fenhe_client.following.fed_log import FED, FedLog, epochs_listed
from fenhe_client.following.fed_witness import FedWitness
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.stored_head import load_head
from fenhe_node.home import Home, if_free
from fenhe_node.hubs.own_view import OTHER_TREE, judge_shown, open_shown
from fenhe_node.hubs.said_to_us import SaidToUs
from fenhe_node.hubs.second_lines import second_keys
from fenhe_node.hubs.trust import trusted
from fenhe_node.node import Node
from fenhe_node.receipts.earliest import keep_receipts
from fenhe_node.store import Store, asked, notices, receipts, watching
from fenhe_node.store.hubs import Hub
from fenhe_node.store.watching import HubFed
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.fed import Advance, FirstReceipt, Registration, Word
from fenhe_protocol.notice import Notice
from fenhe_protocol.origin import log_origin
from fenhe_protocol.position import Position
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.schema import SchemaSet

HeadSeen = tuple[str, int, bytes]  # origin, size, root


def fed_folder(home: Home, hub: Hub) -> Path:
    """Where a hub's `fed` is kept."""
    return home.trusted / hub.fingerprint / FED


def fed_heads(home: Home) -> list[HeadSeen]:
    """The newest verified head of each trusted hub's `fed`, for the heartbeat's `f` (feed §2).

    Of the epochs of `fed` it is the newest that has been seen.
    """
    return [head for hub, document in trusted(home) if (head := _fed_head(home, hub, document))]


def _fed_head(home: Home, hub: Hub, document: RootDocument) -> HeadSeen | None:
    folder = fed_folder(home, hub)
    for log in reversed(epochs_listed(document)):
        head = load_head(epoch_files(folder, log.name), log_origin(hub.origin, log.name))
        if head.note:
            return head.origin, head.size, head.root
    return None


class FedWatch:
    """Follows `fed` of one hub on behalf of one unit."""

    def __init__(self, node: Node, hub: Hub, document: RootDocument) -> None:
        self._node, self._hub, self._document = node, hub, document
        self._now = 0

    async def hear(self, web: Web, signer: Signer, now: int) -> FenheError | None:
        """Read `fed` on and take in what is said of us; what went wrong is told and kept."""
        folder = fed_folder(self._node.home, self._hub)
        self._now = now
        with if_free(folder.with_suffix(".lock")) as free:
            if not free:
                return None  # another process of this node is reading it: its findings are ours
            error = await self._read(folder, web, signer, now)
            await asyncio.to_thread(self._note_trouble, error)
        return error

    async def _read(self, folder: Path, web: Web, signer: Signer, now: int) -> FenheError | None:
        try:
            # Lines of tier `hub` that concern other units are not given to us: none is waited for.
            tiers, schemas = ("pub", "hub"), SchemaSet.load()
            keys = second_keys(self._node.home, self._hub.fingerprint)
            second = keys.line_of(self._hub.origin)
            fed = FedLog(
                self._document, folder, tiers, schemas, Disk(), needed=("pub",), second=second
            )
            witnesses = [FedWitness(web, each.address) for each in self._node.config.witnesses]
            answering = [witness for witness in witnesses if await _answers(witness, fed)]
            error = await fed.read(
                lambda name: web.open(f"{self._hub.url}/{name}", reach=PRIVATE_TOO, signer=signer),
                now,
                self._heard(),
            )
            heard, to_us = self._heard(), self._to_us(schemas)
            error = await asyncio.to_thread(self._take_in, fed) or error
            fetcher = web.open(self._hub.url, reach=PRIVATE_TOO, signer=signer)
            error = await to_us.hear(fed, fetcher, now) or error
            await asyncio.to_thread(to_us.let_go, fed, fed.counted(heard))
            if error is None:
                for witness in answering:
                    witness.judge(fed.newest, now)
            return error
        except FenheError as error:
            return error

    def _to_us(self, schemas: SchemaSet) -> SaidToUs:
        home, own = self._node.home, self._node.root.origin
        return SaidToUs(home, self._hub.origin, self._document.unit, own, schemas)

    def _heard(self) -> Position:
        with Store.open(self._node.home.store) as store:
            return watching.fed(store, self._hub.origin).place

    def _take_in(self, fed: FedLog) -> FenheError | None:
        # What was heard above the end of an epoch stays where it is: receipts keep their time.
        heard, head, error = fed.counted(self._heard()), fed.head, None
        with Store.open(self._node.home.store) as store:
            while heard < head:
                before, (heard, words) = heard, fed.words(heard)
                for word in words:
                    if isinstance(word, Registration) and word.origin == self._node.root.origin:
                        # Before it stood in the registry nothing was said to it alone.
                        asked.begin(store, self._hub.origin, before)
                    error = self._hear(store, word) or error
                watching.put_fed(store, HubFed(self._hub.origin, heard.size, "", heard.epoch))
        return error

    def _hear(self, store: Store, word: Word) -> FenheError | None:
        try:
            match word:
                case Advance(origin=origin) if log := self._own(origin):
                    self._take_note(store, log, word)
                case FirstReceipt(place=place) if log := self._own(place.origin):
                    receipts.put_first(store, self._hub.origin, log, place.index, word.first)
                case Notice(to=to) if to == self._node.root.origin:
                    notices.keep(store, notices.of_word(self._hub.origin, word, self._now))
        except Refused as error:
            return error
        return None

    def _take_note(self, store: Store, log: str, word: Advance) -> None:
        opened = open_shown(self._node.root, log, word.note, self._document.cosigners)
        if opened.checkpoint.size != word.size:
            raise Refused("follow.size", where=word.origin, found=f"{opened.checkpoint.size}")
        if judge_shown(self._node, log, opened.checkpoint) == OTHER_TREE:
            watching.note_other_tree(store, self._hub.origin, log)
        elif opened.cosignatures:
            witnesses = self._node.config.witnesses
            keep_receipts(store, log, opened, self._document.cosigners, witnesses)
            watching.note_announced(store, self._hub.origin, log, word.size)

    def _own(self, origin: str) -> str:
        unit, _, log = origin.rpartition("/")
        return log if unit == self._node.root.origin and self._node.root.log(log) else ""

    def _note_trouble(self, error: FenheError | None) -> None:
        with Store.open(self._node.home.store) as store:
            known = watching.fed(store, self._hub.origin)
            watching.put_fed(store, replace(known, trouble=error.code if error else ""))


async def _answers(witness: FedWitness, fed: FedLog) -> bool:
    """Whether a witness tells what it was shown; silence says nothing against the hub."""
    try:
        await witness.ask(fed.newest)
    except (Deferred, Refused):
        return False
    return True
