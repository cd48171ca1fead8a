"""The intake's own listener, beside the public one in the same process. Start at `taking_calls`."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fenhe_client.fetching.listening import listen, make_runner
from fenhe_node.node import Node
from fenhe_node.settings.soap_intake import SoapIntakeSettings
from fenhe_node.soap.app import PATHS, Intake, make_app
from fenhe_protocol.errors import SetupError

log = logging.getLogger("fenhe.node")
_LONGEST = 1024  # bytes of a password


@asynccontextmanager
async def taking_calls(node: Node, now: Callable[[], int]) -> AsyncIterator[str]:
    """Take calls for as long as this lasts; gives the address of the description, or "".

    SetupError where the password cannot be read. A port that is taken stops nothing: what the unit
    published must be served all the same.
    """
    settings = node.config.soap_intake
    if not settings.listen:
        yield ""
        return
    password = _password(settings, node.home.path)
    intake = Intake(node.home.store, node.root.unit, now, settings.user, password)
    runner = make_runner(make_app(intake))
    await runner.setup()
    try:
        try:
            await listen(runner, *settings.address)
        except SetupError as error:
            log.error("soap_intake: %s", error)
            yield ""
            return
        host, port = runner.addresses[0][:2]
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{port}{PATHS[0]}?wsdl"
    finally:
        await runner.cleanup()


def _password(settings: SoapIntakeSettings, home: Path) -> str:
    if not settings.password_file:
        return ""
    file = home / settings.password_file
    try:
        password = file.read_bytes()[:_LONGEST].decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        where = "soap_intake.password_file"
        raise SetupError("setup.value", where=where, found=f"{file} · {error}") from error
    if not password:
        raise SetupError("setup.value", where="soap_intake.password_file", found=str(file))
    return password
