"""What the commands of `fenhe` do, once their arguments are read. Start at `cli`."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import orjson

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Fetcher, Signer, Web
from fenhe_client.fetching.signing import request_signer
from fenhe_client.following.cursor import Cursor
from fenhe_client.following.fed_witness import FedWitness
from fenhe_client.following.follow import Follower, Outlet
from fenhe_client.keys.listed_keys import ListedKeys, keys_at, keys_in
from fenhe_client.keys.roots import first_fingerprint
from fenhe_client.keys.second_keys import SecondKeys
from fenhe_client.keys.second_signing import second_line
from fenhe_client.keys.seeds import load_seed
from fenhe_client.reading.changes import Change
from fenhe_client.reading.log_files import FolderFetcher, log_folders
from fenhe_client.reading.mirror_reader import HubAddress
from fenhe_client.reading.prove import Trust, parse_record, prove_record
from fenhe_client.reading.verify import verify_log
from fenhe_client.stored.disk import Disk
from fenhe_client.telling import Progress, answer, exit_code, told_proof, told_verified
from fenhe_protocol.errors import Deferred, FenheError, SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.second_line import SecondLine
from fenhe_protocol.terminal import quiet_json

_WEB = ("http://", "https://")


async def verify(options: argparse.Namespace) -> int:
    """`fenhe verify`."""
    async with Web() as web:
        progress = Progress(quiet=options.quiet)
        key = options.key or await _listed_keys(options, web)
        found = await verify_log(
            _log_at(options, web, key.name),
            key,
            SchemaSet.load(),
            foreign=options.foreign,
            second=_second(options),
            progress=progress,
        )
        progress.end()
    answer(found.members(), told_verified(found), as_json=options.json)
    return 0


async def _listed_keys(options: argparse.Namespace, web: Web) -> ListedKeys:
    """The keys that the unit's root documents list, which stand beside the log."""
    unit, _, log = options.log.rstrip("/").rpartition("/")
    if options.log.startswith(_WEB):
        return await keys_at(web.open(unit, reach=PRIVATE_TOO), options.fingerprint, log)
    return keys_in(Path(options.log), options.fingerprint)


def _log_at(options: argparse.Namespace, web: Web, origin: str) -> Fetcher:
    if options.log.startswith(_WEB):
        return web.open(options.log, reach=PRIVATE_TOO, signer=_signer(options.request_key))
    return FolderFetcher(*log_folders(Path(options.log), origin.rpartition("/")[2]))


async def prove(options: argparse.Namespace) -> int:
    """`fenhe prove`."""
    trust = Trust(
        log_key=options.key,
        cosigner=options.cosigner,
        hub_fingerprint=options.fingerprint,
        unit_fingerprint=options.unit_fingerprint,
        allow_loopback_http=True,
        second=_second(options),
    )
    async with Web() as web:
        hub = web.open(options.hub, reach=PRIVATE_TOO)
        found = await prove_record(hub, parse_record(options.record), trust)
    if options.out is not None:
        options.out.write_bytes(found.proof)
    answer(found.members(), told_proof(found, options.out), as_json=options.json)
    return 0


async def follow(options: argparse.Namespace) -> int:
    """`fenhe follow`: NDJSON on standard output, all else on standard error."""
    signer = _signer(options.request_key)
    async with Web() as web:

        def open_below(folder: str) -> Fetcher:
            address = f"{options.hub.rstrip('/')}/{folder}".rstrip("/")
            return web.open(address, reach=PRIVATE_TOO, signer=signer)

        tiers = ("pub", "hub") if signer else ("pub",)
        cursor = await _cursor(options, open_below(""))
        second = SecondKeys.parse(cursor.sm2)
        hub = HubAddress(open_below, allow_loopback_http=True, tiers=tiers, second=second)
        follower = Follower(hub, options.cursor, cursor, SchemaSet.load())
        witness = FedWitness(web, options.witness) if options.witness else None
        while True:
            code = await _once(follower, witness)
            if options.once:
                return code
            await asyncio.sleep(options.interval)


async def _once(follower: Follower, witness: FedWitness | None) -> int:
    """Tell what is new; go on from a failure that may pass."""
    problems: list[FenheError] = []

    def warn(error: FenheError) -> None:
        problems.append(error)
        print(error, file=sys.stderr)

    try:
        await follower.once(Outlet(_write_lines, warn), int(time.time()), witness)
    except Deferred as error:
        warn(error)
    return max(map(exit_code, problems), default=0)


async def _cursor(options: argparse.Namespace, hub: Fetcher) -> Cursor:
    """Take up the cursor file, or begin one with a fingerprint that a person has to compare."""
    cursor = Cursor.load(options.cursor)
    if cursor is None:
        compared = options.fingerprint or await first_fingerprint(hub)
        if options.fingerprint is None:
            print(f"首次跟随, 请核对指纹 compare this fingerprint: {compared}", file=sys.stderr)
        cursor = Cursor(options.hub, compared)
        cursor.save(options.cursor, Disk())
    elif options.fingerprint not in (None, cursor.fingerprint):
        raise SetupError(
            "cursor.hub",
            where=str(options.cursor),
            expected=options.fingerprint,
            found=cursor.fingerprint,
        )
    _enrol_second(options, cursor)
    return cursor


def _enrol_second(options: argparse.Namespace, cursor: Cursor) -> None:
    """Let the SM2 keys of the command line be those of the cursor; without any, these stay."""
    wanted = [key.text for key in options.sm2]
    if (wanted or options.no_sm2) and wanted != cursor.sm2:
        cursor.sm2 = wanted
        cursor.save(options.cursor, Disk())


def _second(options: argparse.Namespace) -> SecondLine | None:
    return second_line(tuple(options.sm2), required=True) if options.sm2 else None


def _write_lines(changes: Sequence[Change]) -> None:
    """Write lines and see them out: the cursor moves after this returns."""
    terminal = sys.stdout.isatty()
    lines = (orjson.dumps(change) + b"\n" for change in changes)
    sys.stdout.buffer.writelines(quiet_json(line, terminal=terminal) for line in lines)
    sys.stdout.buffer.flush()


def _signer(seed_file: Path | None) -> Signer | None:
    """Sign requests with the key of an enrolled reader; the file holds its seed in hex."""
    if seed_file is None:
        return None
    key = SigningKey.from_seed(load_seed(seed_file))
    return request_signer(key, lambda: int(time.time()))
