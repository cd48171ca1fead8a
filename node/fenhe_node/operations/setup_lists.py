"""The lists of `setup`: taken in, what was refused marked in a workbook, mended, taken in again."""

import argparse
from pathlib import Path

from fenhe_node.importing.annotation import annotate
from fenhe_node.importing.sheets_chosen import Wish
from fenhe_node.importing.workbook import To, import_workbook
from fenhe_node.node import open_node
from fenhe_node.operations.importing import import_lines
from fenhe_node.operations.options import now, who
from fenhe_node.operations.questions import Asker
from fenhe_node.operations.setup_heading import say_heading
from fenhe_node.setup.looking import look
from fenhe_node.store import Store
from fenhe_protocol.errors import FenheError
from fenhe_protocol.schema import SchemaSet


def take_in(options: argparse.Namespace, asker: Asker) -> None:
    """Import what was given, or what is asked for, until nothing is refused or nobody mends it."""
    for file in options.file:
        _take(options.home, file, asker)
    facts = look(options.home, now())
    if not asker.asks or options.file or (facts.records and not facts.refused):
        return
    say_heading(asker, "lists", options.home)
    asker.say("国家平台的模板填好即可 (equipment.xls、device.xls、center.xls), 或 .xlsx、CSV")
    while True:
        question = (
            "清单文件 file" if not facts.records else "改好的文件, 没有就直接回车 mended file"
        )
        typed = asker.ask(question)
        if not typed and facts.records:
            return
        try:
            _take(options.home, Path(typed.strip("'\"")), asker)
        except FenheError as error:
            asker.say(str(error))
        facts = look(options.home, now())
        if facts.records and not facts.refused:
            return


def _take(home: Path, file: Path, asker: Asker) -> None:
    node = open_node(home)
    with Store.open(node.home.store) as store:
        to = To(SchemaSet.load(), node.root.unit, now(), who())
        done = import_workbook(store, file, Wish(), to)
        asker.say("\n".join(line for report in done for line in import_lines(report)))
        if any(report.problems for report in done):
            for marked in _marked(store, file.absolute().parent, node.home.path):
                asker.say(f"已标注 marked: {marked}")


def _marked(store: Store, beside: Path, home: Path) -> tuple[Path, ...]:
    """The marked workbooks: beside the list, or in the home where nothing may be written there."""
    try:
        return annotate(store, beside)
    except OSError:
        return annotate(store, home)
