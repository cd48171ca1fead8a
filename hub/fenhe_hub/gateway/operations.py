"""What the commands of the gateway do, once their arguments are read. Start at `commands`."""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from fenhe_client.fetching.listening import parse_listen
from fenhe_client.following.cursor import Cursor
from fenhe_client.keys import root_commands
from fenhe_client.log_lines import write_logs
from fenhe_hub.gateway import report
from fenhe_hub.gateway.config import GatewayConfig
from fenhe_hub.gateway.forwarding import Desk, last_replies
from fenhe_hub.gateway.home import (
    Gateway,
    Naming,
    drop_seal,
    init_gateway,
    need_old_seal,
    next_seal,
    open_gateway,
)
from fenhe_hub.gateway.opening import Opener
from fenhe_hub.gateway.rounds import forward_once, serve_rounds, take_once
from fenhe_hub.gateway.services import TYPE, Obstacles, refresh
from fenhe_hub.gateway.store import Store
from fenhe_hub.gateway.watch import Watch
from fenhe_hub.home import locked
from fenhe_hub.report import complain, pairs, show
from fenhe_hub.upstream.obeying import note_audits, note_withdrawn, send_returned
from fenhe_hub.upstream.outbox import ItemState
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import InputError, SetupError, StoreError
from fenhe_protocol.identifiers import check_uscc
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.terminal import grouped

_ASK_THEM = (
    "请它们 trust --gateway 新的 public, 再发布; 不再封的, 加 --anyway. "
    "Let them trust the new public folder and publish; for those that seal no more: --anyway"
)
_NEW_REQUEST = "新的请求公钥，现在就交省平台，与旧的并列登记 to the hub now, beside the old one"
PART = 4
NUMBER = "recordInnerId"  # what the platform calls a service's own number
_UNFINISHED = {ItemState.RETURNED, ItemState.RETRY, ItemState.BLOCKED}


@contextmanager
def desk_at(gateway: Gateway) -> Iterator[Desk]:
    """Alone at work on this home."""
    with ExitStack() as held:
        held.enter_context(locked(gateway.lock))
        store, outbox = Store(gateway.store), OutboxStore(gateway.outbox)
        held.callback(store.close)
        held.callback(outbox.close)
        yield Desk(gateway, store, outbox, Opener(gateway.seals, SchemaSet.load()))


def init(options: argparse.Namespace) -> int:
    """`gateway init`."""
    url = (options.public_url or f"https://{options.origin}").rstrip("/")
    mark = "".join(options.hub_fingerprint.split()).lower()
    if not re.fullmatch("[0-9a-f]{64}", mark):
        raise SetupError("setup.value", where="--hub-fingerprint", expected="64 hex")
    try:
        config = GatewayConfig(options.hub.rstrip("/"), mark, options.wsdl)
    except ValueError as error:
        raise SetupError("setup.value", where="gateway init", found=str(error)) from error
    naming = Naming(options.origin, options.uscc, url)
    _show_gateway(init_gateway(options.home, naming, config, now=_now()), options)
    return 0


def fingerprint(options: argparse.Namespace) -> int:
    """`gateway fingerprint`."""
    _show_gateway(open_gateway(options.home), options)
    return 0


def _show_gateway(gateway: Gateway, options: argparse.Namespace) -> None:
    key = b64_encode(gateway.keys.request.public)
    result = {
        "origin": gateway.origin,
        "fingerprint": gateway.fingerprint,
        "request_key": key,
        "seal": gateway.current_seal,
        "documents": str(gateway.path / "public"),
    }
    lines = {
        "名称 origin": gateway.origin,
        "指纹，告知各单位 fingerprint": grouped(gateway.fingerprint),
        "请求公钥，交省平台登记 request key": key,
        "现用的密封钥匙 sealed to": gateway.current_seal,
        "根文档 documents": gateway.path / "public",
    }
    show(result, pairs(lines), as_json=options.json)


def rotate_seal(options: argparse.Namespace) -> int:
    """`gateway rotate-seal`."""
    with office_at(options.home) as (gateway, office):
        told = root_commands.put(office, next_seal(gateway, now=office.now))
        if told.done:
            _show_gateway(open_gateway(options.home), options)
            return 0
    show(told.facts, told.text, as_json=options.json)
    return PART


def rotate_key(options: argparse.Namespace) -> int:
    """`gateway rotate-key`: the hub learns of a new request key from people, not from documents."""
    code = _make(root_commands.rotate_key, options)
    if options.purpose == "request" and not options.json:
        newest = open_gateway(options.home).document.request[-1]
        print(pairs({_NEW_REQUEST: b64_encode(newest)}))
    return code


def keys(options: argparse.Namespace) -> int:
    """`gateway keys`."""
    return _make(root_commands.list_keys, options)


def root_document(options: argparse.Namespace) -> int:
    """`gateway root-document`."""
    return _make(root_commands.root_document, options)


def _make(work: root_commands.Work, options: argparse.Namespace) -> int:
    with office_at(options.home) as (_, office):
        told = work(options, office)
    show(told.facts, told.text, as_json=options.json)
    return 0 if told.done else PART


@contextmanager
def office_at(home: Path) -> Iterator[tuple[Gateway, root_commands.Office]]:
    """Alone at the desk where its root documents are made."""
    with locked(open_gateway(home).lock):
        gateway = open_gateway(home)
        yield gateway, root_commands.Office(gateway.desk, home / "keys", _now())


def destroy_seal(options: argparse.Namespace) -> int:
    """`gateway destroy-seal`: only once what it opens is forwarded, and all units have moved on."""
    with desk_at(open_gateway(options.home)) as desk:
        need_old_seal(desk.gateway, options.key)
        refresh(desk.store, desk.outbox, desk.opener, _now())
        waiting = _waiting_for(desk, options.key)
        if waiting and not options.anyway:
            raise SetupError("gateway.key-needed", where=options.key, found=str(waiting))
        used = desk.store.sealing_to(options.key, desk.gateway.seals_after(options.key))
        if used and not options.anyway:
            raise SetupError(
                "gateway.key-used", where=options.key, found=", ".join(used), advice=_ASK_THEM
            )
        # The key last: killed in between, the same command finishes it.
        with desk.store.transaction():
            gone = desk.store.drop_key(options.key)
        desk.store.sweep()
        drop_seal(desk.gateway, options.key)
    lines = {"钥匙已销毁 destroyed": options.key, "从此打不开 lines that open no more": gone}
    show({"destroyed": options.key, "lines": gone}, pairs(lines), as_json=options.json)
    return 0


def _waiting_for(desk: Desk, key: str) -> int:
    """How many services that are not delivered as they stand need this key."""
    known = Obstacles.now(desk.store, desk.outbox, desk.opener).services
    items = {(i.candidate.uscc, i.candidate.record_id): i for i in desk.outbox.items()}
    return sum(
        1
        for place, each in known.items()
        if each.sealed.key == key and items[place].state is not ItemState.DONE
    )


def sync(options: argparse.Namespace) -> int:
    """`gateway sync`."""
    with desk_at(open_gateway(options.home)) as desk:
        problems = asyncio.run(take_once(desk, _now, complain))
        found = _taken(desk)
    show(found, pairs(found), as_json=options.json)
    return PART if problems else 0


def _taken(desk: Desk) -> dict[str, Any]:
    cursor = Cursor.load(desk.gateway.cursor)
    return {
        "size": cursor.size if cursor else 0,
        "behind": sorted(cursor.behind) if cursor else [],
        "sealed": dict(desk.store.keys()),
        "faults": dict(desk.store.faults()),
        "untold": sum(map(len, desk.store.untold().values())),
    }


def forward(options: argparse.Namespace) -> int:
    """`gateway forward`."""
    with desk_at(open_gateway(options.home)) as desk:
        if options.again:
            send_returned(desk.outbox, options.again)
        if options.audit:
            note_audits(desk.outbox, options.audit, number=NUMBER, approval=False)
        if options.withdrawn:
            note_withdrawn(desk.outbox, options.withdrawn)
        if not options.report:
            asyncio.run(forward_once(desk, _now, complain))
        return _show_report(desk, options, {})


def status(options: argparse.Namespace) -> int:
    """`gateway status`."""
    with desk_at(open_gateway(options.home)) as desk:
        about = {
            "current_seal": desk.gateway.current_seal,
            **_taken(desk),
            "on_hold": desk.outbox.held(),
        }
        _show_report(desk, options, about)
    return 0


def _show_report(desk: Desk, options: argparse.Namespace, about: dict[str, Any]) -> int:
    refresh(desk.store, desk.outbox, desk.opener, _now())
    obstacles, items = Obstacles.now(desk.store, desk.outbox, desk.opener), desk.outbox.items()
    found = report.standings(
        items,
        {place: obstacles.of(item) or "" for place, item in enumerate(items)},
        last_replies(desk, items),
    )
    head = [pairs(about)] if about else []
    text = "\n\n".join([*head, report.text(found)])
    show({**about, **report.value(found)}, text, as_json=options.json)
    return PART if {item.state for item in items} & _UNFINISHED else 0


def hold(options: argparse.Namespace) -> int:
    """`gateway hold`."""
    _check_subject(options.subject)
    with desk_at(open_gateway(options.home)) as desk, desk.outbox.transaction():
        desk.outbox.hold(options.subject, options.why, _now())
    show({"held": options.subject}, f"已暂停 on hold: {options.subject}", as_json=options.json)
    return 0


def release(options: argparse.Namespace) -> int:
    """`gateway release`."""
    with desk_at(open_gateway(options.home)) as desk, desk.outbox.transaction():
        if not desk.outbox.release(options.subject):
            raise InputError("gateway.hold", where=options.subject)
    show({"released": options.subject}, f"已放行 released: {options.subject}", as_json=options.json)
    return 0


def _check_subject(subject: str) -> None:
    if subject == TYPE:
        return
    try:
        check_uscc(subject)
    except ValueError as error:
        raise InputError("gateway.hold", where=subject, expected=f"USCC, {TYPE}") from error


def serve(options: argparse.Namespace) -> int:
    """`gateway serve`: one for a home; SetupError `home.served`."""
    gateway = open_gateway(options.home)
    write_logs(gateway.config.log_form)
    where = parse_listen(options.listen) if options.listen else None
    with ExitStack() as held:
        try:
            held.enter_context(locked(gateway.path / "serve.lock", patience=0))
        except StoreError as error:
            raise SetupError("home.served", where=str(gateway.path)) from error
        asyncio.run(serve_rounds(Watch(gateway, _now), desk_at, complain, where))
    return 0


def _now() -> int:
    return int(time.time())
