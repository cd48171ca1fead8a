"""Whether a mirror shows the bodies that its cosignature says it holds: read back and compared.

Only what is new since the last look is asked for, and no more than a few blocks of each log: what
a hub withholds on purpose is seen, at the cost of a handful of requests a publish.
"""

from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.reading.log_files import fetch_body
from fenhe_client.stored.files import FeedFiles
from fenhe_protocol.body import read_body_file
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.tiles import blocks_between, body_path

TIERS = ("pub", "hub")  # sealed lines may be let go once the gateway has them (feed §3)
MOST_BLOCKS = 4  # of one log at one look: the newest


async def lacking_lines(mirror: Fetcher, own: FeedFiles, start: int, size: int) -> int:
    """Count our body lines of [start, size) that the mirror does not show as they are.

    `mirror` fetches below `<hub>/m/<H(origin)>`; raises Deferred or Refused.
    """
    count = 0
    for block in blocks_between(start, size)[-MOST_BLOCKS:]:
        for tier in TIERS:
            lines = read_lines(own.read(body_path(tier, block)), block)
            ours = {each for each in lines if start <= each[0] < size}
            if ours:
                raw = await fetch_body(mirror, tier, block, DEFAULTS, fresh=True)
                count += len(ours - read_lines(raw, block))
    return count


def read_lines(raw: bytes | None, block: int) -> set[tuple[int, str, bytes]]:
    """Index, salt and body of each line of a body file."""
    lines = read_body_file(raw, block)[0] if raw else []
    return {(line.index, line.salt, line.body) for line in lines}
