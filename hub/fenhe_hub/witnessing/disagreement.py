"""A witness refuses a head as no continuation: does a note of the unit's own prove the fork?

What the witness says is no proof, and a broken witness must not stop a unit. What it shows may be
one: a checkpoint that the unit's own key signed, with a root that the mirrored log never had.
"""

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.files import CHECKPOINT, stored_hashes
from fenhe_client.witness.submission import WitnessAddress
from fenhe_hub.home import Home
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.checkpoint import KeyRange, open_checkpoint
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import root_at
from fenhe_protocol.origin import origin_hash


async def proof_of_fork(
    home: Home, web: Web, witness: WitnessAddress, log: MirrorLog
) -> tuple[bytes, ...]:
    """The witness's note and ours where they prove a fork of this log, else nothing.

    Raises Deferred or Refused where the witness shows no note that the unit signed.
    """
    ours, head = log.verified(), log.head()
    path = f"{origin_hash(log.origin)}/{CHECKPOINT}"
    fetcher = web.open(witness.url, reach=witness.reach)
    answer = await fetcher.get(path, limit=DEFAULTS.note_bytes)
    if answer.status != OK or ours is None or head is None:
        return ()
    theirs = open_checkpoint(answer.body, origin=log.origin, keys=_keys(home, log)).checkpoint
    if theirs.size > head.size:  # what we have not seen yet may well continue what we have
        return ()
    was = root_at(theirs.size, stored_hashes(log.files, head.size))
    return () if was == theirs.root else (answer.body, ours)


def _keys(home: Home, log: MirrorLog) -> tuple[KeyRange, ...]:
    unit = Registry(home.registry_file).get(log.origin.rpartition("/")[0])
    listed = current_root(home, unit.origin, unit.root1).log(log.name) if unit else None
    return listed.keys if listed else ()
