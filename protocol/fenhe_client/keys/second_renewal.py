"""An SM2 key replaced: the new one signs beside the old until everyone has enrolled it (feed §5).

    renew ─► both sign each checkpoint ─► readers enrol the new key ─► retire ─► the new one alone

So no step has to wait for another: who knows either key finds its line. A stolen key signs nothing
from then on, and who has not enrolled the new one yet finds none. Killed anywhere, a renewal has
happened or not; a private key that it left is used by the next.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from fenhe_client.keys.second_register import Kept, write_register
from fenhe_client.keys.second_signing import KEY_FILE, key_in, keys_held, make_secret
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import SetupError

ADVICE_RETIRE = "sm2-key --retire"


def renew_second(folder: Path, origin: str, *, now: int, stolen: bool) -> None:
    """Let a fresh key sign too, or alone; SetupError `keys.*`, `sm2.renewing`."""
    held, since = _held(folder, origin), format_time(now)
    current = [each for each in held if each.in_force]
    if len(current) > 1 and not stolen:
        raise SetupError("sm2.renewing", where=current[-1].key, advice=ADVICE_RETIRE)
    file = _fresh_file(folder, held)
    new = Kept(key_in(file, origin).text, file.name, since)
    write_register(folder, [*(_ended(held, since, "stolen") if stolen else held), new])


def retire_second(folder: Path, origin: str, *, now: int) -> int:
    """Let the newest key sign alone; how many sign no longer. SetupError `keys.*`."""
    *former, newest = _held(folder, origin)
    gone = sum(each.in_force for each in former)
    if gone:
        write_register(folder, [*_ended(former, format_time(now), "renewed"), newest])
    return gone


def _held(folder: Path, origin: str) -> tuple[Kept, ...]:
    if held := keys_held(folder, origin):
        return held
    raise SetupError("keys.absent", where=str(folder / KEY_FILE), advice="sm2-key")


def _ended(keys: Iterable[Kept], until: str, why: str) -> list[Kept]:
    return [replace(each, until=until, why=why) if each.in_force else each for each in keys]


def _fresh_file(folder: Path, held: Iterable[Kept]) -> Path:
    """A private key that no register has named, made if none was left."""
    named, number = {each.file for each in held}, 2
    while (file := folder / f"second-{number}.key").name in named:
        number += 1
    if not file.exists():
        make_secret(file)
    return file
