"""`/charts`: the figures of the account's scope as drawings, each with its table and its export."""

from collections.abc import Sequence
from datetime import date

from fenhe_hub.api.spreadsheet import FORMATS, write_spreadsheet
from fenhe_hub.charts.chart import Chart
from fenhe_hub.console.asking import Answer, Asked, Download, Page, Reach, Route, staff_of
from fenhe_hub.console.charts_drawn import FIGURES, Drawing
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.office.roles import Permission
from fenhe_hub.trends.daily import open_daily
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError


def show(asked: Asked) -> Answer:
    """All of them, for a year and a figure on the map; or one as a file."""
    query, console = asked.query, asked.console
    within, today = staff_of(asked).units, date.fromisoformat(date_at(asked.now))
    with console.index() as db, open_daily(console.hub.home) as daily:
        drawing = Drawing(db, daily, UnitNames.read(db), within, today, console.reading.rules)
        years = drawing.years()
        chosen = next((each for each in years if str(each) == query.get("year")), None)
        figure = query.get("figure", "")
        figure = figure if figure in FIGURES else "instruments"
        charts = drawing.all(chosen or max(years, default=today.year), figure)
    if form := query.get("form", ""):
        return _file(charts, query.get("chart", ""), form, today)
    context = {
        "charts": charts,
        "years": years,
        "year": chosen or max(years, default=today.year),
        "figures": FIGURES,
        "figure": figure,
    }
    return Page("console/charts.html", context)


def _file(charts: Sequence[Chart], key: str, form: str, today: date) -> Download:
    """The table behind one of them; RequestError 400, 404."""
    if form not in FORMATS:
        raise RequestError(
            "request.parameter", status=400, where="form", expected=", ".join(FORMATS), found=form
        )
    chart = next((each for each in charts if each.key == key), None)
    if chart is None:
        raise RequestError("request.absent", status=404, where=key)
    rows = ([_cell(cell) for cell in row] for row in chart.rows)
    body = write_spreadsheet(form, list(chart.heads), rows)
    return Download(body, f"{key}-{today}.{form}", FORMATS[form])


def _cell(cell: str | int | float | None) -> str | int | None:
    return f"{cell:.1f}" if isinstance(cell, float) else cell


ROUTES = (Route("GET", "/charts", show, Permission.SEE, Reach.OWN),)
