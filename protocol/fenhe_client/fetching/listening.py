"""`--listen HOST:PORT`: read it, and begin to answer there; nobody is waited for without end."""

from aiohttp import web

from fenhe_protocol.errors import SetupError

IDLE_SECONDS = 75.0
"""How long a connection may take to send the head of its next request, or none.

Longer than the 60 seconds for which nginx keeps one open: who closes first must be nginx.
"""


def parse_listen(text: str) -> tuple[str, int]:
    """Host (an IPv6 one without its brackets) and port; SetupError `setup.value`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise SetupError("setup.value", where="--listen", expected="HOST:PORT", found=text)
    return host.strip("[]"), int(port)


def make_runner(
    app: web.Application, *, decodes: bool = False, idle_seconds: float = IDLE_SECONDS
) -> web.AppRunner:
    """What serves an application; `decodes`: the framework undoes codings before it counts."""
    # aiohttp's own is an hour: so long a stranger could hold a connection with half a head.
    return web.AppRunner(
        app, access_log=None, auto_decompress=decodes, keepalive_timeout=idle_seconds
    )


async def listen(runner: web.AppRunner, host: str, port: int) -> None:
    """Answer there; SetupError `serve.listen`. Whoever set the runner up cleans it up."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        found = f"{host}:{port} · {error.strerror or error}"
        raise SetupError("serve.listen", where="--listen", found=found) from error
