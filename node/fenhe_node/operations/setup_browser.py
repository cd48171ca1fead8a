"""The browser's side of `setup`: a server on loopback, and the address that opens it once."""

import asyncio
import signal
from pathlib import Path

from fenhe_client.fetching.listening import listen, make_runner
from fenhe_node.console.wizard import Wizard
from fenhe_node.console.wizard_steps import Desk
from fenhe_node.operations.options import complain, now

LOOPBACK = "127.0.0.1"


def serve_wizard(home: Path, port: int) -> None:
    """Answer until somebody ends it, in the browser or with Ctrl-C."""
    asyncio.run(_serve(home, port))


async def _serve(home: Path, port: int) -> None:
    wizard = Wizard(Desk(home, now))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, wizard.ended.set)
    runner = make_runner(wizard.make_app())
    await runner.setup()
    try:
        await listen(runner, LOOPBACK, port)
        at = f"{LOOPBACK}:{runner.addresses[0][1]}"
        complain(
            f"在浏览器里打开 open once in a browser:\n  http://{at}/?token={wizard.token}\n"
            f"在别的电脑上 from another machine: ssh -L {at.rpartition(':')[2]}:{at} SERVER\n"
            "Ctrl-C 结束, 以后再来接着做; to leave, and go on another time"
        )
        await wizard.ended.wait()
    finally:
        await runner.cleanup()
