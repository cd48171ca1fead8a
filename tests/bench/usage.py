"""A published usage log of invented service records, and the bodies by themselves."""

from __future__ import annotations

import random
from pathlib import Path

import orjson

from fenhe_client.stored.files import FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, new_records
from fenhe_protocol.keys import SigningKey

USCC = "12140000000000019W"
NOW = 1795392065


def bodies(count: int) -> list[bytes]:
    """Make canonical `hub` bodies of about 350 bytes."""
    dice = random.Random(20261123)
    return [_body(number, dice) for number in range(count)]


def _body(number: int, dice: random.Random) -> bytes:
    hour = dice.randrange(8, 18)
    minutes = dice.randrange(10, 300)
    day = f"2026-{dice.randrange(1, 11):02d}-{dice.randrange(1, 28):02d}"
    end = f"{hour + -(-minutes // 60):02d}:00:00+08:00"
    body = {
        "unit": USCC,
        "kind": "service_record",
        "id": f"S-{number:07d}",
        "instrument": f"A-{dice.randrange(1000):05d}",
        "started_at": f"{day}T{hour:02d}:00:00+08:00",
        "ended_at": f"{day}T{end}",
        "effective_minutes": minutes,
        "amount_fen": dice.randrange(0, 200_000),
        "samples": dice.randrange(1, 20),
        "user_class": dice.choice(["internal", "university", "enterprise", "tech_sme"]),
        "direction": dice.choice(["research", "development", "teaching"]),
        "capture": "automatic",
    }
    # Copied: what orjson gives takes some four KiB of memory, however short it is.
    return b"%b" % orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def publish(
    origin: str, files: FolderFiles, heads: Path, key: SigningKey, made: list[bytes]
) -> None:
    """Publish all bodies into the log `origin`."""
    store = HeadStore(heads)
    writer = FeedWriter(origin, files, store)
    writer.publish(new_records(origin, [{"hub": body} for body in made]), key=key, now=NOW)
