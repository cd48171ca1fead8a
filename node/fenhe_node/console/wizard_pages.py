"""What the pages of the wizard show: the steps as they stand, and the one that is open."""

import asyncio
import tempfile
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from fenhe_node.console.wizard_steps import Desk
from fenhe_node.importing.annotation import annotate
from fenhe_node.node import open_node
from fenhe_node.preview import Preview, preview
from fenhe_node.setup.facts import Facts
from fenhe_node.setup.hub import reach_hub
from fenhe_node.setup.looking import look
from fenhe_node.setup.steps import State, Step, steps
from fenhe_node.store import Store
from fenhe_protocol.errors import FenheError, InputError
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.terminal import grouped

PROBLEMS_SHOWN = 50
MARKS = {State.DONE: "✔", State.NEXT: "▶", State.LATER: "·", State.OPEN: "○"}


async def context(desk: Desk, asked: str, at: str = "") -> Mapping[str, Any]:
    """All that the template needs; `asked` is the step to open, else the next one.

    `at` is the path below which the forms are answered, without a slash at its end.
    """
    facts = await asyncio.to_thread(look, desk.path, desk.now())
    listed = steps(facts)
    step = _open(listed, asked)
    said, desk.said[:] = list(desk.said), []
    return {
        "at": at,
        "link": lambda name: f"{at or '/'}?step={name}",
        "facts": facts,
        "steps": listed,
        "marks": MARKS,
        "step": step,
        "said": said,
        "typed": desk.typed,
        "grouped": grouped,
        "home": desk.path.absolute(),
        "waits": step is not None and step.name == "receipt" and step.state is State.NEXT,
        **(await _of_step(desk, step, facts)),
    }


def _open(listed: tuple[Step, ...], asked: str) -> Step | None:
    for step in listed:
        if step.name == asked and step.state is not State.LATER:
            return step
    to_do = [step for step in listed if step.state in (State.NEXT, State.OPEN)]
    return to_do[0] if to_do else None


async def _of_step(desk: Desk, step: Step | None, facts: Facts) -> Mapping[str, Any]:
    name = step.name if step else ""
    if name == "hub" and not facts.hub:
        return await _hub(facts.hub_url)
    if name == "lists":
        done = desk.imported
        problems = [problem for report in done for problem in report.problems]
        return {"reports": done, "problems": problems[:PROBLEMS_SHOWN]}
    if name == "publish":
        titles = {kind: SchemaSet.load().kind(kind).title_zh for kind in SchemaSet.load().kinds}
        return {"previews": await asyncio.to_thread(_previews, desk.path), "titles": titles}
    return {}


async def _hub(url: str) -> Mapping[str, Any]:
    try:
        return {"seen": await reach_hub(url), "unreached": None}
    except FenheError as error:
        return {"seen": None, "unreached": error}


def _previews(path: Path) -> list[Preview]:
    """One record of each kind."""
    with Store.open(open_node(path).home.store) as store:
        shown = preview(store, schemas=SchemaSet.load())
    return [next(kind) for _, kind in groupby(shown, key=lambda each: each.kind)]


def marked_workbook(path: Path) -> tuple[str, bytes]:
    """The marked workbook of the latest import that has problems; InputError where none has."""
    with tempfile.TemporaryDirectory() as folder, Store.open(open_node(path).home.store) as store:
        files = annotate(store, Path(folder))
        if not files:
            raise InputError("record.absent", where="-标注.xlsx")
        return files[-1].name, files[-1].read_bytes()


def root_document(path: Path) -> tuple[str, bytes]:
    """The file that the hub enrols a unit by, under a name that says whose it is; InputError."""
    node = open_node(path)
    return f"root-1-{node.root.unit}", (node.home.public / "root" / "1").read_bytes()
