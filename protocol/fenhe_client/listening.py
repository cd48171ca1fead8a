"""`--listen HOST:PORT`: read it, and begin to answer there."""

from aiohttp import web

from fenhe_protocol.errors import SetupError


def parse_listen(text: str) -> tuple[str, int]:
    """Host (an IPv6 one without its brackets) and port; SetupError `setup.value`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise SetupError("setup.value", where="--listen", expected="HOST:PORT", found=text)
    return host.strip("[]"), int(port)


async def listen(runner: web.AppRunner, host: str, port: int) -> None:
    """Answer there; SetupError `serve.listen`. Whoever set the runner up cleans it up."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        found = f"{host}:{port} · {error.strerror or error}"
        raise SetupError("serve.listen", where="--listen", found=found) from error
