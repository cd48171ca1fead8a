"""Run the receiving server: `python -m deploy.nrii_receiver --listen 127.0.0.1:0`."""

from __future__ import annotations

import argparse
import asyncio
import sys

from aiohttp import web

from deploy.nrii_receiver.ledger import Ledger
from deploy.nrii_receiver.server import SERVICE, make_app


def main() -> int:
    """Serve until interrupted; the first line printed is the address of the WSDL."""
    parser = argparse.ArgumentParser(prog="nrii_receiver")
    parser.add_argument("--listen", required=True, metavar="HOST:PORT")
    parser.add_argument("--unit", action="append", default=[], help="an insCode that is known")
    parser.add_argument("--answer", action="append", default=[], metavar="INNERID=CODE")
    arguments = parser.parse_args()
    forced = dict(pair.rsplit("=", 1) for pair in arguments.answer)
    ledger = Ledger(frozenset(arguments.unit), {key: int(code) for key, code in forced.items()})
    host, _, port = arguments.listen.rpartition(":")
    try:
        asyncio.run(_serve(ledger, host, int(port)))
    except KeyboardInterrupt:
        return 0
    return 0


async def _serve(ledger: Ledger, host: str, port: int) -> None:
    runner = web.AppRunner(make_app(ledger))
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound = runner.addresses[0][1]
    print(f"http://{host}:{bound}{SERVICE}?wsdl", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
