"""`/reports`: the summaries of monthly and yearly reports that are out, each at its place."""

from typing import Any

from aiohttp import web

from fenhe_hub.api.labels import Pair, class_label, facet_label, kind_label, state_label
from fenhe_hub.api.operation import Asked, not_found
from fenhe_hub.api.parameters import Parameter
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.summaries import Summary, SummaryOut, summaries_out, summary_bytes
from fenhe_hub.index.read import Reading
from fenhe_hub.portal.pages import HEADERS, Handler, Page
from fenhe_protocol.encoding import date_at

PERIOD = Parameter(
    "period", "统计期", "month or year", place="path", required=True,
    pattern="^20[0-9]{2}(-(0[1-9]|1[0-2]))?$", example="2026-10",
)  # fmt: skip
_TOTALS = {
    "units": Pair("管理单位", "units"),
    "late_units": Pair("其中有逾期项", "with something overdue"),
    "resources": Pair("科研设施与仪器等资源", "resources"),
    "instruments": Pair("其中科学仪器", "instruments"),
    "complaints_received": Pair("本期收到的投诉和意见", "complaints received"),
    "complaints_closed": Pair("本期办结的投诉和意见", "complaints closed"),
}
_BANDS = ("under_20", "from_20", "from_50", "from_200")


def summary_list(asked: Asked) -> dict[str, Any]:
    """All that are out."""
    with open_casework(asked.reading.home) as casework:
        found = summaries_out(casework.db)
    return {"summaries": [(each, date_at(each.at)) for each in found]}


def show_summary(asked: Asked) -> dict[str, Any]:
    """One of them; RequestError 404 where it is not out."""
    out = _out(asked.reading, str(asked.values["period"]))
    if out is None:
        raise not_found(str(asked.values["period"]))
    told = Summary.decode(summary_bytes(asked.reading.home, out))
    return {
        "out": out,
        "summary": told,
        "totals": [(label, told.totals.get(name, 0)) for name, label in _TOTALS.items()],
        "groups": _groups(told),
        "findings": [
            (rule, asked.reading.rule_name(rule), state_label(state).zh, count)
            for rule, state, count in sorted(told.findings, key=lambda row: (int(row[0][1:]), row))
        ],
        "units": [(unit, _rates(unit.declared)) for unit in told.units],
    }


def _groups(told: Summary) -> list[tuple[Pair, list[tuple[str, int]]]]:
    bands = sorted(told.bands.items(), key=lambda each: (*_BANDS, "").index(each[0]))
    return [
        (Pair("各类资源", "By kind"), [(kind_label(c).zh, n) for c, n in told.kinds.items()]),
        (Pair("仪器按价值", "By value"), [(_or(facet_label("value_band", c).zh, c), n)
                                          for c, n in bands]),
        (Pair("仪器按分类", "By class"), [(_or(f"{c} {class_label(c).zh}", c), n)
                                          for c, n in told.classes.items()]),
        (Pair("仪器按地市", "By city"), [(_or(c, c), n) for c, n in told.cities.items()]),
    ]  # fmt: skip


def _or(said: str, code: str) -> str:
    return said if code else "未填"


def _rates(declared: Any) -> tuple[str, str]:
    """Of the items that ought to be open: in the net, and shared, per cent."""
    whole = declared.get("eligible_items", 0)
    parts = (declared.get("registered_items"), declared.get("shared_items"))
    said = ["—" if part is None or not whole else f"{100 * part / whole:.1f}%" for part in parts]
    return said[0], said[1]


def _out(reading: Reading, period: str) -> SummaryOut | None:
    with open_casework(reading.home) as casework:
        return next((x for x in summaries_out(casework.db) if x.period == period), None)


def summary_json(reading: Reading) -> Handler:
    """The same as JSON: the very bytes whose hash stands in the hub's log."""

    async def handle(request: web.Request) -> web.StreamResponse:
        out = _out(reading, request.match_info["period"])
        if out is None:
            raise web.HTTPNotFound
        raw = summary_bytes(reading.home, out)
        return web.Response(body=raw, content_type="application/json", headers=HEADERS)

    return handle


SUMMARY_PAGES = (
    Page("/reports", "summaries.html", summary_list),
    Page("/reports/{period}", "summary.html", show_summary, (PERIOD,)),
)
