"""What a witness was shown of a hub's own log, held against what we were shown (tlog-witness).

A hub that says one thing to some and another to others cannot have both cosigned. So whoever
follows `fed` may ask a witness by itself, at its monitoring address, and compare; the hub is not
asked. Start at `FedWitness`: `ask` before `fed` is read, `judge` after.
"""

from fenhe_client.fetching.answers import ABSENT, OK
from fenhe_client.fetching.fetch import Web
from fenhe_client.following.fed_epoch import FedEpoch
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.witness.submission import WitnessAddress
from fenhe_protocol.checkpoint import OpenedCheckpoint, open_checkpoint
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.origin import origin_hash

OLDEST_SECONDS = 86_400  # `fed` beats every hour, and its hub submits what it says


class FedWitness:
    """One witness, asked about the epoch of `fed` in which a hub speaks now."""

    def __init__(self, web: Web, address: WitnessAddress) -> None:
        self._web, self._address = web, address
        self._seen: OpenedCheckpoint | None = None

    async def ask(self, fed: FedEpoch) -> None:
        """Take the head of `fed` that it cosigned last, before `fed` itself is read on.

        Raises Refused `witness.answer` and as `open_checkpoint`; Deferred where nothing comes, with
        `follow.unwitnessed` where it has seen nothing of this log.
        """
        self._seen = None
        url, key = self._address.url, self._address.key
        path = f"{origin_hash(fed.origin)}/{CHECKPOINT}"
        fetcher = self._web.open(url, reach=self._address.reach)
        answer = await fetcher.get(path, limit=DEFAULTS.note_bytes)
        if answer.status == ABSENT:
            raise Deferred("follow.unwitnessed", where=f"{url}/{path}", found="404")
        if answer.status != OK:
            raise Refused("witness.answer", where=url, found=str(answer.status))
        opened = open_checkpoint(answer.body, origin=fed.origin, keys=fed.keys, cosigners=[key])
        if not opened.cosignatures:
            raise Refused("witness.answer", where=url, expected=key.text)
        self._seen = opened

    def judge(self, fed: FedEpoch, now: int) -> None:
        """Compare what it was shown with what we have read after that.

        Raises Refused `follow.fork` where that is another history: both notes are kept, and the log
        is read no further; Deferred `follow.withheld` where it was shown more than we, and
        `follow.unwitnessed` where it was shown nothing new for a day.
        """
        if (seen := self._seen) is None:
            return
        size, name = seen.checkpoint.size, self._address.key.name
        if size > fed.verified:
            found = f"size {fed.verified}"
            raise Deferred(
                "follow.withheld", where=fed.origin, expected=f"size {size}", found=found
            )
        if fed.root_at(size) != seen.checkpoint.root:
            history = fed.history_from(size) if size < fed.verified else ()
            where = fed.keep_fork((seen.note.raw, fed.note), history)
            raise Refused("follow.fork", where=str(where), found=f"{name} size {size}")
        at = max(each.time for each in seen.cosignatures)
        if size < fed.verified and now - at > OLDEST_SECONDS:
            raise Deferred("follow.unwitnessed", where=name, found=format_time(at))
