"""The operations on public measures: all, one, the rectifications, and the two bar lists."""

from fenhe_hub.api import measures
from fenhe_hub.api.askable import PAGED, UNIT
from fenhe_hub.api.measure_shapes import MeasureDetail, MeasurePage
from fenhe_hub.api.operation import Operation
from fenhe_hub.casework.course import BARS, KIND_LABELS

_KIND, _STATE = measures.MEASURES

_BAR_OPERATIONS = tuple(
    Operation(
        path=f"/bars/{kind}",
        name=kind.value,
        zh=f"{KIND_LABELS[kind][0]}的单位：公开的，已撤销的照样列出",
        en=f"Units under {KIND_LABELS[kind][1]}: public ones, revoked ones shown as such",
        answer=MeasurePage,
        respond=measures.BAR_LISTS[kind],
        parameters=(UNIT, _STATE, *PAGED),
        columns=measures.MEASURE_COLUMNS,
    )
    for kind in BARS
)

MEASURE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        path="/measures",
        name="measures",
        zh="公开的措施，单位的异议一并列出",
        en="Public measures, with what the unit objects",
        answer=MeasurePage,
        respond=measures.list_measures,
        parameters=(*measures.MEASURES, UNIT, *PAGED),
        columns=measures.MEASURE_COLUMNS,
    ),
    Operation(
        path="/measures/{number}",
        name="measure",
        zh="一项公开的措施及其通知",
        en="A public measure with its notices",
        answer=MeasureDetail,
        respond=measures.one_measure,
        parameters=(measures.NUMBER,),
    ),
    Operation(
        path="/rectifications",
        name="rectifications",
        zh="限期整改登记",
        en="Register of rectifications",
        answer=MeasurePage,
        respond=measures.list_rectifications,
        parameters=(UNIT, _STATE, *PAGED),
        columns=measures.MEASURE_COLUMNS,
    ),
    *_BAR_OPERATIONS,
)
