"""The HTTP side of the intake: the description of the service, and the calls. Start at `make_app`.

The paths are the national platform's and those of the regional platforms that copied it, so that
only the host changes in the settings of a laboratory system (national-platform.md §1.1).
"""

import asyncio
import hmac
import logging
from base64 import b64decode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web

from fenhe_node.importing.calls import Desk, Instru, Verdict, code_of, take_call
from fenhe_node.soap.envelope import ENVELOPES, SoapCall, answer, fault, read_call
from fenhe_node.store import Store
from fenhe_protocol.errors import FenheError, RequestError, StoreError
from fenhe_protocol.nrii_norm import UNIT_YEAR
from fenhe_protocol.nrii_wsdl import OPERATION, instru_wsdl
from fenhe_protocol.schema import SchemaSet

log = logging.getLogger("fenhe.node")

PATHS = (
    "/WS_Server/cxf/instru",
    "/EquWebService/cxf/instru",
    "/cxf/instru",
    "/effect",  # the yearly data of 2016 went there
)
LARGEST_BODY = 8 * 1024 * 1024
MOST_WAITING = 32  # calls that wait for their turn; beyond, the sender is told to come again
_XML = "text/xml"
KINDS_OF_XML = dict(zip(ENVELOPES, (_XML, "application/soap+xml"), strict=True))


@dataclass(frozen=True)
class Intake:
    """Whose records come here, and who may bring them; no `user`: whoever reaches the address."""

    store: Path
    unit: str
    now: Callable[[], int]
    user: str = ""
    password: str = ""
    patience: float = 60.0  # seconds in which a call has to have come
    penalty: float = 1.0  # seconds for each wrong password, one after the other
    schemas: SchemaSet = field(default_factory=SchemaSet.load)
    # One at a time: they all write the same database.
    thread: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, max_workers=1))


INTAKE = web.AppKey("soap_intake", Intake)
_WAITING = web.AppKey("soap_waiting", asyncio.Semaphore)
_GUESSING = web.AppKey("soap_guessing", asyncio.Lock)
_STOPPING = web.AppKey("soap_stopping", asyncio.Event)


def make_app(intake: Intake) -> web.Application:
    """Build the intake of one unit."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[INTAKE] = intake
    app[_WAITING] = asyncio.Semaphore(MOST_WAITING)
    app[_GUESSING], app[_STOPPING] = asyncio.Lock(), asyncio.Event()
    for path in PATHS:
        app.router.add_get(path, _describe)
        app.router.add_post(path, _called)
    app.on_shutdown.append(_stopping)
    app.on_cleanup.append(_stop)
    return app


async def _let_wait(app: web.Application, seconds: float) -> None:
    """Let who guessed wrong wait, one after the other, unless the node stops."""
    async with app[_GUESSING]:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await app[_STOPPING].wait()


async def _stopping(app: web.Application) -> None:
    app[_STOPPING].set()


async def _stop(app: web.Application) -> None:
    app[INTAKE].thread.shutdown()


async def _describe(request: web.Request) -> web.Response:
    text = instru_wsdl(str(request.url.with_query(None)))
    return web.Response(text=text, content_type=_XML)


async def _called(request: web.Request) -> web.Response:
    intake = request.app[INTAKE]
    if "Origin" in request.headers:
        # Only browsers say so. A page from anywhere can send text here unasked, from this machine.
        return _response(fault("网页不能报数 no page of a browser may report"), 403)
    given = request.headers.get("Authorization", "")
    if not _may(intake, given):
        if given:
            await _let_wait(request.app, intake.penalty)
        sign_in = {"WWW-Authenticate": 'Basic realm="instruInfo", charset="UTF-8"'}
        return _response(fault("请登录 sign in"), 401, sign_in)
    waiting = request.app[_WAITING]
    if waiting.locked():
        return _response(fault("请稍后再试 come again"), 503, {"Retry-After": "5"})
    async with waiting:
        try:
            async with asyncio.timeout(intake.patience):
                raw = await request.read()
            call = read_call(raw)
            said = _said(call)
        except TimeoutError:
            return _response(fault("请重新报来 send it again"), 408)
        except RequestError as error:
            return _response(fault(str(error)), 500)
        loop = asyncio.get_running_loop()
        code = await loop.run_in_executor(intake.thread, _take, intake, said)
    return _response(answer(call, code), kind=KINDS_OF_XML[call.envelope])


def _may(intake: Intake, header: str) -> bool:
    if not intake.user:
        return True
    kind, _, encoded = header.partition(" ")
    try:
        given = b64decode(encoded, validate=True) if kind.lower() == "basic" else b""
    except ValueError:
        return False
    return hmac.compare_digest(given, f"{intake.user}:{intake.password}".encode())


def _said(call: SoapCall) -> Instru:
    """The arguments of `instruInfo`, or of the call of 2016 for the yearly data."""
    arguments = call.arguments
    if "effectList" in arguments:
        return Instru(arguments.get("insCode", ""), UNIT_YEAR, arguments["effectList"])
    if call.operation != OPERATION:
        raise RequestError("soap.xml", expected=OPERATION, found=call.operation[:64])
    return Instru(arguments.get("insCode", ""), _type(arguments), arguments.get("instruList", ""))


def _type(arguments: Mapping[str, str]) -> int:
    text = arguments.get("instruType", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise RequestError("soap.xml", where="instruType", expected="1, 2, 4, 5, 6, 7")
    return int(text)


def _take(intake: Intake, said: Instru) -> int:
    """Take a call in; what goes wrong here has its codes too."""
    verdict = Verdict.OTHER
    try:
        with Store.open(intake.store) as store:
            desk = Desk(store, intake.schemas, intake.unit, intake.now())
            return take_call(desk, said).code
    except StoreError as error:
        log.error("instruInfo: %s", error)
        verdict = Verdict.DATABASE
    except FenheError as error:
        log.error("instruInfo: %s", error)
    except Exception:
        log.exception("instruInfo")
    return code_of(said.instru_type, verdict)


def _response(
    body: bytes, status: int = 200, headers: Mapping[str, str] | None = None, kind: str = _XML
) -> web.Response:
    return web.Response(
        body=body, status=status, content_type=kind, charset="utf-8", headers=headers
    )
