"""What may be asked of each operation."""

from typing import get_args

from fenhe_hub.api import fed_cursor
from fenhe_hub.api.judgements import STATES
from fenhe_hub.api.labels import field_codes, kinds
from fenhe_hub.api.operation import LARGEST_PAGE, PAGE
from fenhe_hub.api.parameters import Parameter, path_of
from fenhe_hub.api.units import ORDERS as UNIT_ORDERS
from fenhe_hub.index.grams import LONGEST_QUERY
from fenhe_hub.index.search import ORDERS
from fenhe_hub.index.source import SourceState
from fenhe_hub.index.verdicts import ORDERS as VERDICT_ORDERS

_USCC = "^[0-9A-HJ-NPQRTUWXY]{18}$"

IN_PATH = {
    "uscc": Parameter(
        "uscc",
        "统一社会信用代码",
        "unified social credit code",
        place="path",
        required=True,
        pattern=_USCC,
        example="12140000000000019W",
    ),
    "kind": Parameter(
        "kind",
        "记录类别",
        "kind of record",
        place="path",
        required=True,
        choices=tuple(kinds()),
        example="instrument",
    ),
    "id": Parameter(
        "id",
        "单位内部编号，须按百分号编码",
        "the unit's own number, percent-encoded",
        place="path",
        required=True,
        longest=64,
        example="A-1001",
    ),
}
_LIMIT = Parameter(
    "limit",
    "每页条数",
    "how many at most",
    type="integer",
    least=1,
    most=LARGEST_PAGE,
    default=PAGE,
)
_CURSOR = Parameter(
    "cursor",
    "上一页的 next, 原样带回；重建索引后可能失效",
    "`next` of the page before, as it came; a rebuilt index may not know it",
    longest=1000,
    pattern="^[A-Za-z0-9_-]*$",
)
PAGED = (_LIMIT, _CURSOR)
UNIT = Parameter("unit", "管理单位代码", "code of a unit", pattern=_USCC)
_WORDS = "检索词，以空格分开，须全部出现；一至两个汉字也可以"
_QUERY = Parameter(
    "q", _WORDS, "words, all of which must occur as they stand", longest=LONGEST_QUERY
)
SEARCH = (
    _QUERY,
    Parameter(
        "kind", "类别，缺省为全部资源", "kind; all resources if absent", choices=tuple(kinds())
    ),
    UNIT,
    Parameter("city", "所在市", "city", longest=50, example="太原市"),
    Parameter(
        "class_code",
        "设备分类编码的前 2, 4 或 6 位",
        "the first 2, 4 or 6 digits of the class code",
        pattern="^[0-9]{2}([0-9]{2}){0,2}$",
        example="0106",
    ),
    Parameter(
        "value_band",
        "原值区间",
        "band of the purchase value",
        choices=field_codes("instrument", "value_band"),
    ),
    Parameter("status", "运行状态", "status", choices=field_codes("instrument", "status")),
    Parameter(
        "sort",
        "排序：相关度，名称 (拼音), 单位，分类，原值",
        "order: relevance, name (by sound), unit, class, value",
        choices=ORDERS,
        default="relevance",
    ),
    Parameter(
        "facets",
        "是否计总数和分面",
        "whether to count the total and the facets",
        type="boolean",
        default=True,
    ),
)
FINDING = (
    IN_PATH["uscc"],
    path_of("rule", "规则编号", "number of a rule", pattern="^D[0-9]{1,2}$", example="D1"),
    Parameter("kind", "对象类别；空为单位本身", "kind of the record; empty: the unit", longest=40),
    Parameter("id", "对象编号", "number of the record concerned", longest=256),
)
FINDINGS = (
    Parameter(
        "q",
        "单位名称中的词，或记录编号",
        "words in a unit's name, or a record's number",
        longest=LONGEST_QUERY,
    ),
    Parameter(
        "sort",
        "排序：期限，单位，规则，状态",
        "order: due date, unit, rule, state",
        choices=VERDICT_ORDERS,
        default="due",
    ),
    UNIT,
    Parameter("rule", "规则编号", "number of a rule", pattern="^D[0-9]{1,2}$", example="D1"),
    Parameter(
        "state",
        "状态; open 为待办，逾期，暂定，无法判断; all 为全部",
        "state; open: due, overdue, provisional or unknown; all: any",
        choices=("open", "all", *STATES),
        default="open",
    ),
    Parameter("kind", "对象类别", "kind of the record concerned", longest=40),
    Parameter(
        "due_before",
        "期限早于此日",
        "due before this date",
        pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        example="2026-12-31",
    ),
)
LEAF = (
    Parameter(
        "origin",
        "日志来源名",
        "origin of a log",
        required=True,
        longest=400,
        example="u1.example/fenhe/catalogue",
    ),
    Parameter(
        "index", "日志中的位置", "place in the log", type="integer", required=True, example=0
    ),
)
EVIDENCE = Parameter(
    "evidence",
    "证据的编号",
    "id of the evidence",
    place="path",
    required=True,
    pattern="^[a-z]{4,8}-[0-9a-f]{16}$",
    example="fork-fedcba9876543210",
)
CHANGES = (
    Parameter(
        "cursor",
        "从这里继续; 0 为从头, 不写期次即第一期",
        "where to go on; 0 is the beginning, and without an epoch it is the first",
        pattern=fed_cursor.PATTERN,
        default="0",
    ),
    Parameter(
        "limit",
        "至多几条",
        "how many at most",
        type="integer",
        least=1,
        most=LARGEST_PAGE,
        default=LARGEST_PAGE,
    ),
)


UNITS = (
    Parameter(
        "sort",
        "排序：名称，仪器数，最久未更新",
        "order: name, number of instruments, longest silent first",
        choices=UNIT_ORDERS,
        default="name",
    ),
    Parameter("q", "名称或代码中的词", "words in name or code", longest=LONGEST_QUERY),
    Parameter(
        "state",
        "来源状态",
        "state of the feed",
        choices=get_args(SourceState),
    ),
    Parameter("type", "单位类型", "type of unit", choices=field_codes("unit", "type")),
)
RECORDS = (
    Parameter("unit", "管理单位代码", "code of a unit", required=True, pattern=_USCC),
    Parameter("kind", "类别", "kind", choices=tuple(kinds())),
    Parameter("id", "编号，与 kind 一起用", "number, together with kind", longest=64),
)
