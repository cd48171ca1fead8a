"""`/setup`: the steps of the first hour as they stand, and those that can be done here.

Lists and publishing have tabs of their own; before there is a home it is the `wizard` that asks.
"""

import asyncio

from fenhe_node.console.asking import Answer, Asked, Download, GoTo, Page, Routes
from fenhe_node.console.wizard_pages import context, marked_workbook, root_document
from fenhe_node.console.wizard_steps import DOINGS, Desk
from fenhe_node.setup.handover import render_sheet
from fenhe_protocol.errors import RequestError

AT = "/setup"
ELSEWHERE = {"lists": "/imports", "publish": "/publish"}
HERE = frozenset({"hub", "way", "schedule", "sheet"})
RESTART = frozenset({"way", "schedule"})


async def show(asked: Asked) -> Answer:
    """All steps, and one that is open."""
    shown = await context(_desk(asked), asked.query.get("step", ""), AT)
    step = shown["step"]
    if step and step.name in ELSEWHERE and "step" in asked.query:
        return GoTo(ELSEWHERE[step.name])
    return Page("console/setup.html", {**shown, "elsewhere": ELSEWHERE})


async def do(asked: Asked) -> Answer:
    """Do one step by what its form says."""
    name = asked.parts["step"]
    if name not in HERE:
        raise RequestError("request.absent", status=404)
    desk = _desk(asked)
    await DOINGS[name](desk, asked.form)
    said = [text for text, _ in desk.said]
    if name in RESTART:
        said.append("重启服务后生效: sudo systemctl restart fenhe-node")
    return GoTo(AT, "\n".join(said), bad=any(bad for _, bad in desk.said))


async def sheet(asked: Asked) -> Answer:
    """The handover sheet, to be printed."""
    page, _ = await asyncio.to_thread(render_sheet, asked.console.home.path, asked.now)
    return Download(page, "交接单.html", "text/html")


async def marked(asked: Asked) -> Answer:
    """The marked workbook of the latest import with problems."""
    name, body = await asyncio.to_thread(marked_workbook, asked.console.home.path)
    return Download(body, name, "application/octet-stream")


async def root(asked: Asked) -> Answer:
    """The file that the hub enrols the unit by."""
    name, body = await asyncio.to_thread(root_document, asked.console.home.path)
    return Download(body, name, "application/octet-stream")


def _desk(asked: Asked) -> Desk:
    return Desk(asked.console.home.path, asked.console.now)


ROUTES: Routes = (
    ("GET", AT, show),
    ("GET", f"{AT}/sheet.html", sheet),
    ("GET", f"{AT}/marked", marked),
    ("GET", f"{AT}/root-1", root),
    ("POST", AT + "/{step}", do),
)
