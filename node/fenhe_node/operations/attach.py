"""`attach`: a photo for an instrument, a document for a regime of the unit."""

import argparse
from pathlib import Path

from fenhe_node.attaching.attach import REGIMES, attach_photo, attach_regime
from fenhe_node.editing import Hand
from fenhe_node.node import open_node
from fenhe_node.operations.options import Commands, add_command, now, who
from fenhe_node.report import Report
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(
        commands,
        "attach",
        "照片和制度文件 a photo of an instrument, a document of a regime",
        run_attach,
    )
    command.add_argument("place", metavar="PLACE", help=f"photo, {', '.join(REGIMES)}")
    command.add_argument("file", type=Path, metavar="FILE", help="JPEG (photo), PDF")
    command.add_argument("--id", metavar="ID", default="", help="仪器编号 of the instrument")
    command.add_argument("--title", metavar="TEXT", default="", help="制度名称 of the document")


def run_attach(options: argparse.Namespace) -> Report:
    """Keep the file and name it in the record; it is public with the next publish."""
    node = open_node(options.home)
    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise InputError("file.absent", where=str(options.file), found=str(error)) from error
    hand = Hand(SchemaSet.load(), node.config.uscc, now(), who())
    if options.place == "photo":
        url = attach_photo(node.home, node.config.address, options.id, data, hand)
    else:
        url = attach_regime(
            node.home, node.config.address, options.place, data, hand, title=options.title
        )
    return Report(f"下次发布后可见 public with the next publish: {url}", {"url": url})
