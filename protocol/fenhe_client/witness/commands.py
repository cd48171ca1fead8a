"""`fenhe witness --home DIR …`: init, add-log, add-unit, remove-log, status, serve."""

import argparse
import asyncio
import logging
import re
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.listening import listen, make_runner, parse_listen
from fenhe_client.log_lines import LogForm, write_logs
from fenhe_client.telling import DONE, answer, exit_code
from fenhe_client.witness.home import WitnessHome, make_home, open_home, served_alone
from fenhe_client.witness.known_logs import KnownLogs, log_by_keys
from fenhe_client.witness.service import Witness
from fenhe_client.witness.units import UnitSource, know_logs, know_unit, look_again
from fenhe_client.witness.web import make_app
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import VerifierKey

_DAY_SECONDS = 86_400
_LOGGER = logging.getLogger("fenhe_client.witness")

Run = Callable[[argparse.Namespace], Awaitable[int]]


def add_commands(
    command: argparse.ArgumentParser,
    *,
    log_key: Callable[[str], VerifierKey],
    fingerprint: Callable[[str], str],
) -> None:
    """Add the witness's commands below `fenhe witness`; the arguments read what a person typed."""
    command.add_argument(
        "--home", type=Path, required=True, metavar="DIR", help="见证的目录 its folder"
    )
    found = command.add_subparsers(required=True, metavar="COMMAND")
    init = _add(found, "init", "建立见证 make a new witness", _init)
    init.add_argument(
        "--name", required=True, metavar="HOST/PREFIX", help="名称，永不改变 its name"
    )
    log = _add(found, "add-log", "按公钥登记一个日志 know a log by its keys", _add_log)
    log.add_argument("keys", nargs="+", type=log_key, metavar="VKEY", help="日志的公钥 its keys")
    unit = _add(found, "add-unit", "按根文档登记一个单位 know a unit by its root", _add_unit)
    unit.add_argument("url", metavar="URL", help="单位的网址 where its root documents lie")
    unit.add_argument(
        "--fingerprint", required=True, type=fingerprint, metavar="F", help="当面核对的指纹"
    )
    unit.add_argument(
        "--usage", action="store_true", help="也见证服务日志，其长度随之公开 usage too"
    )
    unit.add_argument("--allow-private", action="store_true", help="内网地址 a private address")
    gone = _add(found, "remove-log", "不再见证 witness it no longer", _remove_log)
    gone.add_argument("origin", metavar="ORIGIN", help="日志的名称 the log's origin")
    _add(found, "status", "公钥和各日志的位置 its key, and where logs stand", _status)
    serve = _add(found, "serve", "应答 answer", _serve)
    serve.add_argument("--listen", required=True, metavar="HOST:PORT", help="监听地址 where")
    serve.add_argument("--path", default="", metavar="/PATH", help="网址中的路径 below which path")
    serve.add_argument(
        "--log-form",
        choices=get_args(LogForm),
        default="text",
        help="日志的样子 the log's form",
    )


def _add(found: Any, name: str, text: str, run: Run) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = found.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="以 JSON 回答 answer in JSON")
    return command


async def _init(options: argparse.Namespace) -> int:
    home = make_home(options.home, options.name)
    text = f"见证已建好 made: {home.path}\n公钥 key: {home.verifier.text}"
    answer({"name": home.name, "key": home.verifier.text}, text, as_json=options.json)
    return DONE


async def _add_log(options: argparse.Namespace) -> int:
    if len({key.name for key in options.keys}) > 1:
        raise SetupError("setup.value", where="add-log", expected="同一日志的公钥 keys of one log")
    log = log_by_keys(options.keys)
    know_logs(open_home(options.home), (log,))
    answer({"logs": [log.origin]}, log.origin, as_json=options.json)
    return DONE


async def _add_unit(options: argparse.Namespace) -> int:
    """Know a unit's logs; what is wrong with a later root document is told."""
    home = open_home(options.home)
    source = UnitSource(options.url, options.fingerprint, options.usage, options.allow_private)
    async with Web() as reader:
        known = await know_unit(home, reader, source)
    origins = [log.origin for log in known.logs]
    told = {"unit": known.origin, "logs": origins}
    answer(told, "\n".join(origins), as_json=options.json)
    if known.refused is not None:
        print(known.refused, file=sys.stderr)
        return exit_code(known.refused)
    return DONE


async def _remove_log(options: argparse.Namespace) -> int:
    home = open_home(options.home)
    known = KnownLogs(home.logs)
    if known.get(options.origin) is None:
        raise SetupError("witness.origin", where=options.origin)
    known.remove(options.origin)
    answer({"removed": options.origin}, options.origin, as_json=options.json)
    return DONE


async def _status(options: argparse.Namespace) -> int:
    home = open_home(options.home)
    witness = Witness(home)
    heads = [(log.origin, witness.promised(log.origin)) for log in KnownLogs(home.logs)]
    logs = [
        {
            "origin": origin,
            "size": head.size if head else 0,
            "cosigned_at": format_time(head.signed_at) if head else None,
        }
        for origin, head in heads
    ]
    lines = [f"{log['origin']} {log['size']} {log['cosigned_at'] or '-'}" for log in logs]
    text = "\n".join([home.name, f"公钥 key: {home.verifier.text}", *lines])
    value = {"name": home.name, "key": home.verifier.text, "logs": logs}
    answer(value, text, as_json=options.json)
    return DONE


async def _serve(options: argparse.Namespace) -> int:
    """Answer until told to stop (SIGTERM, SIGINT)."""
    write_logs(options.log_form)
    home = open_home(options.home)
    host, port = parse_listen(options.listen)
    prefix = _prefix(options.path)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with served_alone(home):
        app = make_app(Witness(home), lambda: int(time.time()), prefix)
        runner = make_runner(app)
        await runner.setup()
        looking = asyncio.create_task(_keep_looking(home))
        try:
            await listen(runner, host, port)
            print(f"{home.verifier.text} ← {options.listen}{prefix}", file=sys.stderr)
            await stop.wait()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await runner.cleanup()
    return DONE


async def _keep_looking(home: WitnessHome) -> None:
    """Look for the units' next root documents once a day (feed §5)."""
    while True:
        async with Web() as reader:
            for problem in await look_again(home, reader):
                _LOGGER.warning("%s", problem)
        await asyncio.sleep(_DAY_SECONDS)


def _prefix(text: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", text):
        raise SetupError("setup.value", where="--path", expected="/w", found=text)
    return text.rstrip("/")
