"""`report`: a month or a year, per unit and province, at a place of `fed`, as .xlsx or a page."""

import argparse
import time
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.casework.reports import made_reports
from fenhe_hub.hub import open_hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.reporting.facts import ReportFacts, within
from fenhe_hub.reporting.making import again, make
from fenhe_hub.reporting.page import write_page
from fenhe_hub.reporting.period import Period
from fenhe_hub.reporting.sheets import write_sheets
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import InputError

FORMS = {".xlsx": write_sheets, ".html": write_page, ".json": ReportFacts.encode}


def add_commands(commands: Commands) -> None:
    """`report`."""
    text = "月报和年报：编制，或按日志位置再取 make a report, or take one again by its place in fed"
    report = add_command(commands, "report", text, _report)
    report.add_argument(
        "period", nargs="?", metavar="PERIOD", help="2026-11 或 or 2026；不写则列出 none: list them"
    )
    report.add_argument(
        "--at", metavar="EPOCH-SIZE", help="再取在该日志位置编制的 the one made at that place"
    )
    report.add_argument("--unit", metavar="USCC", help="只取一个单位 of one unit alone")
    report.add_argument(
        "--to", type=Path, metavar="FILE", help="写到这里：.xlsx、.html（可打印）或 .json"
    )


def _report(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    office = Office(hub, lambda: int(time.time()))
    if options.period is None:
        return _list(office, as_json=options.json)
    write = None if options.to is None else FORMS.get(options.to.suffix)
    if options.to is not None and write is None:
        raise InputError("report.file", where=str(options.to), expected=" ".join(FORMS))
    period = Period.parse(options.period)
    facts = (
        again(hub, office, period, options.at) if options.at else make(hub, office, THE_HUB, period)
    )
    facts = within(facts, frozenset({options.unit}) if options.unit else None)
    if write is not None:
        replace_files(Disk(), {options.to.absolute(): write(facts)})
    place = f"{facts.epoch}-{facts.size}"
    value = {"period": facts.period, "at": place, "units": len(facts.units), "file": options.to}
    text = f"{facts.period} @ {place}  {len(facts.units)} 个单位 units  {options.to or ''}".rstrip()
    show(value, text, as_json=options.json)
    return 0


def _list(office: Office, *, as_json: bool) -> int:
    with office.casework() as casework:
        made = list(made_reports(casework.db))
    value = [
        {"period": each.period, "at": each.place, "sha256": each.sha256, "by": each.by}
        for each in made
    ]
    lines = [
        f"{each.period} @ {each.place}  {format_time(each.at)[:16]}  {each.by}"
        + ("  期中 partial" if each.is_partial else "")
        for each in made
    ]
    show(value, "\n".join(lines) or "还没有报告 no report was made", as_json=as_json)
    return 0
