"""The doing of each step of the wizard, by what its form says. Start at `DOINGS`."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fenhe_client.console.forms import Form, Upload
from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_node.backing_up.manifest import Manifest, find_backup
from fenhe_node.backing_up.putting_back import put_back
from fenhe_node.backing_up.sealed_keys import keys_beside, open_keys
from fenhe_node.home import Home, open_home
from fenhe_node.hubs.push import unwatched
from fenhe_node.importing.file import ImportReport
from fenhe_node.importing.sheets_chosen import Wish
from fenhe_node.importing.workbook import To, import_workbook
from fenhe_node.node import open_node
from fenhe_node.release import release
from fenhe_node.restoring.bring_back import UNKNOWN, bring_back
from fenhe_node.setup.beginning import Answers, begin, choose_way, schedule, trust
from fenhe_node.setup.handover import hand_over
from fenhe_node.setup.looking import look
from fenhe_node.store import Store
from fenhe_protocol.errors import FenheError, InputError, SetupError
from fenhe_protocol.schema import SchemaSet

BY = "setup"
"""Who did it, for the record's history: whoever sits at this machine."""


@dataclass
class Desk:
    """One wizard: the home it makes, and what its pages show once or until the next import."""

    path: Path
    now: Callable[[], int]
    said: list[tuple[str, bool]] = field(default_factory=list)  # text, went wrong
    typed: dict[str, str] = field(default_factory=dict)  # a form that was refused
    imported: tuple[ImportReport, ...] = ()

    def say(self, text: str, *, bad: bool = False) -> None:
        """Show it on the next page."""
        self.said.append((text, bad))

    def complain(self, error: FenheError) -> None:
        """Show what is wrong, and what to do about it."""
        found = f"：{error.found}" if error.found else ""
        advice = f"\n怎么办：{error.advice}" if error.advice else ""
        where = "" if error.where.startswith("--") else f"（{error.where}）" if error.where else ""
        self.say(f"{error.text.zh}{found}{where}{advice}", bad=True)


async def _unit(desk: Desk, form: Form) -> None:
    given = {name: form.text(name) for name in ("unit_name", "uscc", "hub", "origin", "url")}
    seen = await begin(desk.path, Answers(**given), desk.now)
    desk.say(f"通了: {seen.origin}。节点已建好, 密钥已生成")
    await _way(desk, form)


async def _way(desk: Desk, form: Form) -> None:
    if error := await choose_way(desk.path, desk.now):
        desk.say("从外面还打不开本单位的网址, 先推送", bad=True)
        desk.complain(error)


async def _hub(desk: Desk, form: Form) -> None:
    shown = read_fingerprint(form.text("fingerprint"))
    heard = "".join(form.text("heard").lower().split())
    if heard != shown[-4:]:
        raise InputError(
            "setup.heard",
            expected=shown[-4:],
            found=heard,
            advice="不一样, 就不是同一个省平台: 再打电话核对, 不要跳过; call again",
        )
    hub_url = (await asyncio.to_thread(look, desk.path, desk.now())).hub_url
    found = await trust(desk.path, hub_url, shown, desk.now)
    desk.say(f"已信任 {found.document.origin}")


async def _lists(desk: Desk, form: Form) -> None:
    upload = form.upload("file")
    desk.imported = await asyncio.to_thread(_take, desk, upload)
    for done in desk.imported:
        named = " · ".join(filter(None, (done.file, done.sheet)))
        desk.say(f"{named}: {done.rows} 行, 收下 {done.staged}, 退回 {done.refused}")


def _take(desk: Desk, upload: Upload) -> tuple[ImportReport, ...]:
    node = open_node(desk.path)
    with Store.open(node.home.store) as store:
        to = To(SchemaSet.load(), node.root.unit, desk.now(), BY)
        return import_workbook(store, _named(upload), Wish(), to)


def _named(upload: Upload) -> Path:
    """The file under its own name, by which it is told from other lists."""
    folder = upload.path.parent / "named"
    folder.mkdir(mode=0o700)
    name = upload.name if upload.name not in (".", "..") else "file"
    return upload.path.rename(folder / name)


async def _publish(desk: Desk, form: Form) -> None:
    node = await asyncio.to_thread(open_node, desk.path)
    released = await release(node, desk.now, time.sleep, unwatched, patient=False)
    done = released.done
    desk.say(f"已签名发布 {sum(done.leaves.values())} 条")
    for refusal in done.refused:
        desk.say(f"退回 {refusal.line()}", bad=True)


async def _schedule(desk: Desk, form: Form) -> None:
    hour, colon, minute = form.text("at").partition(":")
    if not colon or not (hour.isdecimal() and minute.isdecimal() and len(hour + minute) < 5):
        raise InputError("setup.value", where="publish_at", expected="02:30", found=form.text("at"))
    crontab = f"{int(minute)} {int(hour)} * * *"
    await asyncio.to_thread(schedule, desk.path, crontab)
    desk.say(f"每天 {hour}:{minute} 自动发布")


async def _sheet(desk: Desk, form: Form) -> None:
    page, _ = await asyncio.to_thread(hand_over, desk.path, desk.now(), form.text("contact"))
    desk.say(f"交接单已写好: {page}")


async def _restore(desk: Desk, form: Form) -> None:
    """Make the home from a backup where there is none yet, then compare it with the mirror."""
    if not Home(desk.path).config_file.is_file():
        await asyncio.to_thread(_put_back, desk, form)
    done = await bring_back(
        open_home(desk.path), desk.now, form.text("mirror"), form.text("fingerprint")
    )
    for line in done.lines():
        desk.say(line, bad=line == UNKNOWN)


def _put_back(desk: Desk, form: Form) -> None:
    backup = find_backup(Path(form.text("backup")))

    def keys(manifest: Manifest) -> dict[str, str]:
        passphrase = form.text("passphrase")
        if form.text("keys"):
            return open_keys(Path(form.text("keys")), manifest.origin, passphrase)
        there = Home(desk.path).keys
        if there.is_dir() and any(there.iterdir()):
            return {}
        if passphrase and (beside := keys_beside(backup)):
            return open_keys(beside, manifest.origin, passphrase)
        raise SetupError("restore.keys", where=str(there))

    put_back(backup, desk.path, keys)
    desk.say(f"已从备份放回 {backup}")


DOINGS: Mapping[str, Callable[[Desk, Form], Awaitable[None]]] = {
    "unit": _unit,
    "hub": _hub,
    "way": _way,
    "lists": _lists,
    "publish": _publish,
    "schedule": _schedule,
    "sheet": _sheet,
    "restore": _restore,
}
