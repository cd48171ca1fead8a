"""A report as a page that prints; it needs no network, no script and no other file. Pure."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from fenhe_hub.reporting.facts import ReportFacts
from fenhe_hub.reporting.tables import heading, tables

_PAGES = Environment(
    loader=PackageLoader("fenhe_hub.reporting", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def write_page(facts: ReportFacts) -> bytes:
    """HTML, UTF-8."""
    page = _PAGES.get_template("report.html")
    return page.render(title=heading(facts), facts=facts, tables=tables(facts)).encode("utf-8")
