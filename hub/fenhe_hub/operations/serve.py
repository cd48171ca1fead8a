"""`serve`: the web application and the jobs in one process."""

import argparse
import asyncio
import contextlib
import signal
import threading
from collections.abc import Coroutine, Iterator

from fenhe_client.fetching.listening import listen, make_runner, parse_listen
from fenhe_client.log_lines import write_logs
from fenhe_client.witness.home import served_alone
from fenhe_hub.alerting.daily import send_digest
from fenhe_hub.console.listening import listening
from fenhe_hub.desk.unfinished import say_unfinished
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.jobs import Job, run_jobs
from fenhe_hub.judging.overlays import lay_today
from fenhe_hub.mailing.outgoing import send_due
from fenhe_hub.office.acting import Office
from fenhe_hub.office.inviting import queue_sheets_again
from fenhe_hub.office.mail_outcomes import note_all
from fenhe_hub.office.noticing import queue_again
from fenhe_hub.office.ruling import bring_back
from fenhe_hub.office.said_by_units import take_said
from fenhe_hub.operations.check import run_check
from fenhe_hub.operations.complaints import tend_complaints
from fenhe_hub.operations.forward import run_forward
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.outside.rounds import look_outside
from fenhe_hub.registry.above import look_above
from fenhe_hub.report import complain
from fenhe_hub.restoring.rebuild import rebuild_if_outdated
from fenhe_hub.self_check.daily import check_daily
from fenhe_hub.trends.counting import count_day
from fenhe_hub.visiting.workshop import system_clock
from fenhe_hub.web.app import make_app
from fenhe_hub.web.serving import Serving
from fenhe_hub.witnessing.asking import ask_witnesses
from fenhe_hub.witnessing.before_signing import refuse_if_behind
from fenhe_hub.witnessing.own import look_at_units, own_witness
from fenhe_protocol.errors import SetupError, StoreError

_HOUR_SECONDS = 3600
_COMPLAINTS_SECONDS = 600
_DAY_SECONDS = 86_400
_FIRST_LOOK_SECONDS = 60
_MAIL_SECONDS = 60
_DIGEST_SECONDS = 600
_FIRST_OUTSIDE_SECONDS = 120  # after the first visits: whoever was heard shows that we can hear
_OVERLAY_SECONDS = 60  # until what the office decided stands at its finding
_FIRST_COUNT_SECONDS = 90  # after the first check
_FIRST_CHECK_SECONDS = 30  # after the first visits, and soon: a rebuilt index has no findings
_OUTDATED = (
    "索引由另一版本写成，正在由镜像重建，完成后开始服务"
    " the index is of another version: it is made again from the mirror before anything is served"
)


def add_commands(commands: Commands) -> None:
    """`serve`."""
    serve = add_command(
        commands,
        "serve",
        "门户、接口、日志与后台任务 serve and keep visiting",
        _serve,
        reports=False,
    )
    serve.add_argument("--listen", required=True, metavar="HOST:PORT", help="监听地址 where")
    serve.add_argument(
        "--console", metavar="HOST:PORT", help='管理台地址, ""不开 (config: console)'
    )


def _serve(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    write_logs(hub.config.log_form)
    host, port = parse_listen(options.listen)
    with _alone(hub):
        rebuild_if_outdated(hub, lambda: complain(_OUTDATED), lambda log, n: complain(f"{log} {n}"))
        _finish(hub)
        console = hub.config.console if options.console is None else options.console
        asyncio.run(serve(hub, host, port, console))
    return 0


@contextlib.contextmanager
def _alone(hub: Hub) -> Iterator[None]:
    """One `serve` for a home: two would visit every unit twice. SetupError `home.served`."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(hub.home.path / "serve.lock", patience=0))
        except StoreError as error:
            raise SetupError("home.served", where=str(hub.home.path)) from error
        if (home := own_witness(hub)) is not None:
            held.enter_context(served_alone(home))
        yield


async def serve(hub: Hub, host: str, port: int, console: str = "") -> None:
    """Answer and work until told to stop (SIGTERM, SIGINT)."""
    await refuse_if_behind(hub)
    open_index(hub.home.index).close()  # a new hub's pages are asked for before its first round
    serving, stop = Serving(hub), threading.Event()
    runner = make_runner(make_app(serving))
    await runner.setup()
    try:
        await listen(runner, host, port)
        ring = serving.doorbell.has_grown
        async with listening(hub, console, serving.pulse, serving.now, ring) as where:
            told = f" · 管理台 console {where}" if where else ""
            complain(f"{hub.config.public_url} ← {host}:{port}{told}")
            jobs = run_jobs(hub, serving.pulse, _jobs(hub, stop), doorbell=serving.doorbell)
            await _until_told(jobs)
    finally:
        stop.set()
        await runner.cleanup()


async def _until_told(jobs: Coroutine[None, None, None]) -> None:
    working = asyncio.create_task(jobs)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _jobs(hub: Hub, stop: threading.Event) -> list[Job]:
    return [
        Job(
            "check",
            hub.config.check_seconds,
            lambda hub: run_check(hub, system_clock()),
            first_after=_FIRST_CHECK_SECONDS,
        ),
        Job("unfinished", _HOUR_SECONDS, _finish),
        Job("overlay", _OVERLAY_SECONDS, lambda hub: lay_today(hub, system_clock())),
        Job(
            "said-by-units",
            hub.config.check_seconds,
            lambda hub: take_said(hub, system_clock),
            first_after=_FIRST_CHECK_SECONDS,
        ),
        Job(
            "outside",
            _HOUR_SECONDS,
            lambda hub: asyncio.run(look_outside(hub, system_clock, stop)),
            first_after=_FIRST_OUTSIDE_SECONDS,
        ),
        Job("figures", hub.config.check_seconds, _count_day, first_after=_FIRST_COUNT_SECONDS),
        Job("mail", _MAIL_SECONDS if hub.config.mail.sends else 0, _send_mail),
        Job("digest", _DIGEST_SECONDS if hub.config.mail.operators else 0, _send_digest),
        Job(
            "complaints",
            _COMPLAINTS_SECONDS,
            lambda hub: tend_complaints(hub, system_clock),
            first_after=_FIRST_LOOK_SECONDS,
        ),
        Job("forward", hub.config.forward_seconds, run_forward),
        Job("witness", hub.config.witness_seconds if hub.config.witnesses else 0, _ask_witnesses),
        Job("above", _DAY_SECONDS, look_above, first_after=_FIRST_LOOK_SECONDS),
        Job("check-files", _HOUR_SECONDS, lambda hub: check_daily(hub, system_clock, stop)),
        Job("witnessed", _DAY_SECONDS, look_at_units, first_after=_FIRST_LOOK_SECONDS),
    ]


def _finish(hub: Hub) -> object:
    """What somebody was killed in the midst of."""
    office = Office(hub, system_clock)
    bring_back(office)
    return say_unfinished(office)


def _count_day(hub: Hub) -> bool:
    return count_day(hub.home, system_clock())


def _send_mail(hub: Hub) -> int:
    office = Office(hub, system_clock)
    queue_again(office)
    queue_sheets_again(office)
    sent = send_due(hub.home, hub.config.mail, system_clock())
    note_all(office)
    return sent


def _send_digest(hub: Hub) -> object:
    return send_digest(hub, system_clock())


def _ask_witnesses(hub: Hub) -> int:
    # A loop of its own: whoever is slow to answer holds up no visit.
    return asyncio.run(ask_witnesses(hub, clock=system_clock))
