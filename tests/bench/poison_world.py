"""Poisoned units, served by one process: `python -m tests.bench.poison_world FOLDER KEY`.

Serves `OF_A_CLASS` foreign units for each class of poison, honest as yet and trusting the hub's
request KEY (hex). Writes FOLDER/poison.json, a list of `Told` for each class, and prints a line.
Then it reads names of classes, one a line, and has each group become what its class says.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench.many_units import Told
from tests.federation.foreign_server import Town
from tests.federation.foreign_unit import ForeignUnit
from tests.hostile.case import Case
from tests.hostile.cases import CASES
from tests.hostile.spoiling import AFTER, BEFORE

CLASSES = (
    "silent",
    "dripping",
    "cut short",
    "checkpoint without end",
    "bodies without end",
    "gzip bomb",
    "redirect for ever",
    "server error",
    "page of a gateway",
    "checkpoint absent",
    "unasked coding",
    "65 signatures",
    "signed by a stranger",
    "size without leaves",
    "root of another tree",
    "bit in an entry held already",
    "an old checkpoint",
    "fork at a larger size",
    "leaf too long",
    "line too long",
    "nested 100,000 deep",
    "an integer of 5,000 digits",
    "text that would act",
    "another unit's code",
)
OF_A_CLASS = 10
_FIRST_NUMBER = 10


def cases() -> dict[str, Case]:
    """The rows of the table of hostile units that are played."""
    by_name = {case.name: case for case in CASES}
    return {name: by_name[name] for name in CLASSES}


def make_groups(key: bytes) -> dict[str, list[ForeignUnit]]:
    """The foreign units of each class, all of them honest."""
    groups: dict[str, list[ForeignUnit]] = {}
    for place, name in enumerate(CLASSES):
        first = _FIRST_NUMBER + place * OF_A_CLASS
        groups[name] = [ForeignUnit(first + number) for number in range(OF_A_CLASS)]
    for unit in (unit for group in groups.values() for unit in group):
        unit.trusted.append(key)
    return groups


async def serve(folder: Path, key: bytes) -> None:
    """Serve and obey until the other end is closed."""
    groups = make_groups(key)
    town = Town([unit for group in groups.values() for unit in group])
    runners = await town.start()
    for unit in town.units:
        unit.begin(BEFORE - 1)
    told = {name: [asdict(_told(unit)) for unit in group] for name, group in groups.items()}
    (folder / "poison.json").write_text(json.dumps(told))
    print("ready", flush=True)
    while name := (await asyncio.to_thread(sys.stdin.readline)).strip():
        town.mischief.clear()
        spoil(town, groups[name], cases()[name])
        print("spoilt", flush=True)
    await asyncio.gather(*(runner.cleanup() for runner in runners))


def spoil(town: Town, group: Sequence[ForeignUnit], case: Case) -> None:
    """Let each of a group grow, and go wrong."""
    for unit in group:
        unit.grow(AFTER - BEFORE)
        unit.publish()
        case.spoil(town, unit)


def _told(unit: ForeignUnit) -> Told:
    root = unit.files["root/1"].decode()
    return Told(unit.origin, unit.uscc, unit.url, unit.fingerprint, root)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])))
