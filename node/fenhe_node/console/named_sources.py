"""`/imports/sources`: lists that come by themselves, what each run came to, and a run by hand."""

from fenhe_node.collecting.collect import collect
from fenhe_node.collecting.overview import overview
from fenhe_node.collecting.script_token import new_token
from fenhe_node.console.asking import Answer, Asked, GoTo, Page, Routes
from fenhe_node.store import Store

PATH = "/imports/sources"


def show(asked: Asked) -> Answer:
    """Every source of the configuration."""
    return _page(asked)


async def run_now(asked: Asked) -> Answer:
    """Collect from one; what ends it is kept as its verdict, and shown."""
    name = asked.form.text("name")
    done = await collect(asked.console.node, name, asked.console.now, by=asked.by)
    told = [
        f"{report.file}: 收下 {report.staged}, 退回 {report.refused}, 略过 {len(report.skipped)}"
        for report in done.reports
    ]
    bad = any(report.refused for report in done.reports)
    return GoTo(PATH, "; ".join(told) or "没有新的", bad)


def make_token(asked: Asked) -> Answer:
    """A token for scripts, which nobody sees a second time."""
    return _page(asked, new_token(asked.console.home.path))


def _page(asked: Asked, token: str = "") -> Page:
    console = asked.console
    with Store.open(console.home.store) as store:
        sources = overview(store, console.node.config.sources, console.runs(), asked.now)
    return Page("console/sources.html", {"sources": sources, "new_token": token})


ROUTES: Routes = (
    ("GET", PATH, show),
    ("POST", PATH, run_now),
    ("POST", f"{PATH}/token", make_token),
)
