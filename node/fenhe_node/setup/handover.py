"""Write the handover sheet: a page that prints on one A4 sheet, and text. Start at `hand_over`."""

import pwd
import socket
from pathlib import Path

from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_node.node import open_node
from fenhe_node.setup.facts import Facts
from fenhe_node.setup.looking import SHEET, look
from fenhe_node.setup.sheet import TITLE, Place, as_text, compose, contact_on
from fenhe_node.web.app import load_templates
from fenhe_protocol.encoding import format_time


def hand_over(
    path: Path, now: int, contact: str = "", *, folder: Path | None = None
) -> tuple[Path, Path]:
    """Write page and text into the home, and a copy into `folder`; where the last ones lie."""
    page, text = render_sheet(path, now, contact)
    written = (path / SHEET, path / Path(SHEET).with_suffix(".txt"))
    for target in (path, folder) if folder else (path,):
        written = (target / SHEET, (target / SHEET).with_suffix(".txt"))
        # It may name a person at the hub.
        replace_files(PrivateDisk(), dict(zip(written, (page, text), strict=True)))
    return written


def render_sheet(path: Path, now: int, contact: str = "") -> tuple[bytes, bytes]:
    """The page and the text; where nobody is named to be called, whom the last sheet named."""
    facts = look(path, now)
    text = path / Path(SHEET).with_suffix(".txt")
    if not contact and text.is_file():
        contact = contact_on(text.read_text(encoding="utf-8"))
    sections = compose(facts, _place(path, facts), contact)
    offset = open_node(path).config.utc_offset_minutes
    day = format_time(now, offset)[:10]
    page = load_templates().get_template("setup/handover.html")
    html = page.render(title=TITLE, unit=facts.unit_name, day=day, sections=sections)
    return html.encode(), as_text(sections, day).encode()


def _place(path: Path, facts: Facts) -> Place:
    home = path.absolute()
    try:
        account = pwd.getpwuid(home.stat().st_uid).pw_name
    except KeyError:
        account = str(home.stat().st_uid)
    console = f"http://{open_node(path).config.console}" if open_node(path).config.console else ""
    return Place(str(home), socket.gethostname(), account, console)
