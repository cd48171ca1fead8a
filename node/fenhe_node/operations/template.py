"""`template`: a workbook to fill in, for each kind of record."""

import argparse
from pathlib import Path

from fenhe_node.importing.template import write
from fenhe_node.mapping.suggestion import KINDS
from fenhe_node.node import open_node
from fenhe_node.operations.options import Commands, add_command
from fenhe_node.report import Report
from fenhe_protocol.schema import SchemaSet


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "template", "导入模板 a workbook to fill in", run_template)
    command.add_argument("kind", metavar="KIND", help=", ".join(KINDS))
    command.add_argument("--out", type=Path, metavar="FILE", help="写到哪里 where to write it")


def run_template(options: argparse.Namespace) -> Report:
    """Write the workbook of a kind."""
    open_node(options.home)
    schemas = SchemaSet.load()
    known = options.kind in schemas.kinds
    title = schemas.kind(options.kind).title_zh if known else ""
    file: Path = options.out or Path(f"{title}-模板.xlsx")
    count = write(options.kind, schemas, file)
    facts = {"file": str(file), "kind": options.kind, "columns": count}
    return Report(f"{file}: {title} {count} 列 columns; 填好后 import 即可, 不用映射", facts)
