"""Processes of the hub that are killed just before one of their writes. Start at `killed_before`.

Nothing of them is cleaned up: what lies in the home is what a power cut would leave.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.cli import main
from fenhe_hub.config import HubConfig
from fenhe_hub.desk import releasing
from fenhe_hub.desk.applying import enrol_by_document
from fenhe_hub.desk.delivering import hold_back, outbox_turn
from fenhe_hub.desk.releasing import release
from fenhe_hub.desk.standing import change_standing
from fenhe_hub.fed.log import FedLog
from fenhe_hub.hub import open_hub
from fenhe_hub.mailing.outgoing import Outgoing
from fenhe_hub.office import ruling
from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Document
from fenhe_hub.office.inviting import mail_sheets
from fenhe_hub.office.noticing import send_by_mail
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.upstream.outbox_store import OutboxStore
from tests.forked import Forked

WRITES: dict[str, tuple[type | ModuleType, str]] = {
    "act": (Waiting, "add"),
    "letter": (Outgoing, "add"),
    "dropping": (Outgoing, "drop"),
    "registry": (Registry, "_write"),
    "outbox": (OutboxStore, "hold"),
    "evidence": (releasing, "replace_files"),
    "unlinking": (Path, "unlink"),
    "erasing": (FedLog, "erase"),
    "rules": (ruling, "replace_files"),
}


async def killed_before(write: str, work: Callable[..., Any], home: Path, *more: Any) -> None:
    """Let this happen to a home and kill it before it writes this for the first time."""
    code = await asyncio.to_thread(lambda: Forked(_doomed, write, work, home, *more).wait())
    assert code == -signal.SIGKILL


def _doomed(write: str, work: Callable[..., Any], home: Path, *more: Any) -> None:
    owner, name = WRITES[write]
    setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    work(home, *more)


def office_at(home: Path, now: int) -> Office:
    return Office(open_hub(home), lambda: now)


def enrol_document(home: Path, now: int, raw: bytes, fingerprint: str) -> None:
    enrol_by_document(office_at(home, now), THE_HUB, raw, fingerprint)


def suspend(home: Path, now: int, origin: str) -> None:
    change_standing(office_at(home, now), THE_HUB, origin, "suspended", "示例", [])


def hold(home: Path, now: int) -> None:
    office = office_at(home, now)
    with outbox_turn(office.hub) as outbox:
        hold_back(office, THE_HUB, outbox, "1", "示例")


def end_quarantine(home: Path, now: int, origin: str) -> None:
    release(office_at(home, now), THE_HUB, origin, "示例")


def erase_at(home: Path, place: str) -> None:
    main(["--home", str(home), "erase", place, "--reason", "error"])


def mail_notice(home: Path, now: int, number: str, address: str) -> None:
    send_by_mail(office_at(home, now), THE_HUB, number, address)


def adopt_rules(home: Path, now: int, number: str, document: Document) -> None:
    ruling.adopt(office_at(home, now), THE_HUB, number, document)


def mail_sheet(home: Path, now: int, uscc: str, address: str, config: HubConfig) -> None:
    office = office_at(home, now)
    hub = replace(office.hub, config=config)
    mail_sheets(Office(hub, office.clock), THE_HUB, [(uscc, address)])
