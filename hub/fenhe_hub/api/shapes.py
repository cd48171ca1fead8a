"""What the API answers, as dataclasses: `json_schema` reads the document's schemas from these.

An `Annotated` text is the description, Chinese first. Every member is always there; what is not
known is null. Times are `YYYY-MM-DDThh:mm:ss+08:00`, dates ISO dates at UTC+8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fenhe_hub.index.source import SourceState

Uscc = Annotated[str, "统一社会信用代码 unified social credit code"]
Time = Annotated[str, "时间 time, YYYY-MM-DDThh:mm:ss+08:00"]
Date = Annotated[str, "日期 date at UTC+8, YYYY-MM-DD"]
Index = Annotated[int, "日志中的位置，从 0 起 place in the log, from 0"]
Origin = Annotated[str, "日志来源名 origin of a log: its name, fixed for ever"]
NextCursor = Annotated[str | None, "下一页的 cursor, 到末页为 null; null after the last page"]
Total = Annotated[int, "符合条件的总数 how many match in all"]
Link = Annotated[str, "网址 address"]


@dataclass(frozen=True, slots=True)
class Source:
    """数据来源的状态和新旧 State and age of the feed that something comes from."""

    unit: Uscc
    origin: Annotated[str, "单位来源名 origin of the unit"]
    state: Annotated[
        SourceState,
        "ok 正常 · stale 久未更新 not heard of for its rhythm · refused 最近一次未通过验证 the last"
        " visit was refused · quarantined 已隔离 forked · never 尚未收到 nothing yet"
        " · suspended 已暂停 · moved 已迁走 · retired 已退出",
    ]
    heard_at: Annotated[Time | None, "单位最近一次确认所示数据的时间 last confirmed by the unit"]
    age_seconds: Annotated[int | None, "所示数据距今的秒数 age of what is shown"]
    code: Annotated[str | None, "最近一次访问不成功的代码 why the last visit brought nothing"]
    reason: Annotated[str | None, "原因 the same in words"]


@dataclass(frozen=True, slots=True)
class Way:
    """数据到达本平台的一条途径 One way on which a unit's data comes to this hub."""

    kind: Annotated[
        Literal["direct", "hub"], "direct 直接 of its own · hub 经由下级平台 by a hub beneath"
    ]
    hub: Annotated[str | None, "下级平台的来源名 origin of the hub beneath; null if direct"]
    url: Annotated[Link | None, "下级平台的网址 its address"]
    state: Annotated[
        Literal["enrolled", "suspended", "moved", "retired"],
        "在该途径上的登记状态 how the unit stands there; one suspension holds on every way",
    ]
    open: Annotated[bool, "是否采用 whether what comes on it is taken"]


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """管理单位 A managing unit."""

    uscc: Uscc
    name_zh: str
    name_en: str | None
    type: Annotated[str | None, "单位类型 type of unit, a code of the schema"]
    region_code: Annotated[str | None, "行政区划代码 GB/T 2260"]
    origin: Annotated[str, "单位来源名 origin of the unit"]
    enrolment: Annotated[
        Literal["enrolled", "suspended", "moved", "retired"], "登记状态 state of its enrolment"
    ]
    url: Annotated[Link, "单位发布数据的网址 where it publishes"]
    instruments: Annotated[int, "可检索的仪器数 instruments that can be found"]
    lagging: Annotated[
        int, "仍是上一版格式的公开记录数 public records of the version before of their schema"
    ]
    source: Source
    ways: Annotated[tuple[Way, ...], "到达本平台的途径 the ways on which it comes"]


@dataclass(frozen=True, slots=True)
class UnitPage:
    """管理单位列表 A page of units."""

    items: tuple[UnitSummary, ...]
    total: Total
    next: NextCursor


@dataclass(frozen=True, slots=True)
class LogState:
    """公开日志 A public log of a unit."""

    origin: Origin
    size: Annotated[int, "已验证的条数 verified leaves"]
    cosigned_size: Annotated[int, "已出具回执的条数 leaves for which there is a receipt"]
    cosigned_at: Annotated[Time | None, "最近回执时间 time of the last receipt"]
    quarantined: bool
    ended: Annotated[bool, "已由后继日志接替 closed by its unit"]


@dataclass(frozen=True, slots=True)
class Standing:
    """登记状态的说明 Why a unit stands as it does, as published."""

    reason: str | None
    since: Annotated[str | None, "日期 date"]
    successors: Annotated[tuple[str, ...], "接替的来源名 origins that stand for it now"]


@dataclass(frozen=True, slots=True)
class UnitDetail:
    """一个管理单位 One unit with its own record and logs."""

    unit: UnitSummary
    standing: Standing
    record: Annotated[Mapping[str, Any], "单位记录的公开部分 the public body of its unit record"]
    logs: tuple[LogState, ...]
    findings: Annotated[Mapping[str, int], "各状态的检查结果数 findings by state"]
    refused: Annotated[int, "退回的条数 bodies refused"]


@dataclass(frozen=True, slots=True)
class ResourceSummary:
    """一条资源记录的概要 A record in short."""

    unit: Uscc
    unit_name: str
    kind: str
    id: Annotated[str, "单位内部编号 the unit's own number"]
    name_zh: str
    name_en: str | None
    model: str | None
    manufacturer: str | None
    class_code: str | None
    city: str | None
    value_band: str | None
    status: str | None
    page: Annotated[Link, "网页 its page for people"]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """一个取值和它的条数 A value and how many hits have it."""

    value: str
    label_zh: str
    label_en: str
    count: int


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """检索结果 A page of hits."""

    items: tuple[ResourceSummary, ...]
    total: Annotated[int | None, "总数, facets=false 时为 null; null with facets=false"]
    facets: Annotated[
        Mapping[str, tuple[FacetValue, ...]],
        "分面: kind, unit, city, class_code, value_band, status",
    ]
    sources: Annotated[Mapping[str, Source], "本页各单位的来源状态 by uscc"]
    next: NextCursor


@dataclass(frozen=True, slots=True)
class Provenance:
    """来源证据 Where a record stands in its unit's signed log, and since when the hub has it."""

    origin: Origin
    index: Index
    size: Annotated[int, "最近回执所签的大小 size of the last cosigned head"]
    received_at: Annotated[Time | None, "本条首个回执的时间 time of this leaf's earliest receipt"]
    received_on: Annotated[Date | None, "计为送达的日期 the date that counts as delivery"]
    cosigner: Annotated[str, "出具回执者 name of the cosigner"]
    proof: Annotated[Link, "证明文件 the proof file"]
    verify: Annotated[Link, "现场重新验证 verify again, now"]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """一次发布 One valid leaf of the identity."""

    origin: Origin
    index: Index
    deleted: bool
    received_at: Time | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """外部用户的评价，由单位申报 Ratings by users from outside, as the unit reports them."""

    count: Annotated[
        int | None,
        "所示评价数，成组公开；不足 fewest 个为 null; shown by whole groups, null below `fewest`",
    ]
    average_tenths: Annotated[int | None, "平均分乘 10，1 至 5 分 the average of 1 to 5, times ten"]
    fewest: Annotated[int, "少于此数不公开 fewer are not shown, nor told from none"]


@dataclass(frozen=True, slots=True)
class Resource:
    """一条记录的当前状态 The state of a record."""

    unit: Uscc
    unit_name: str
    kind: str
    id: str
    deleted_on: Annotated[Date | None, "删除日期 when it was deleted"]
    record: Annotated[Mapping[str, Any], "公开部分原文 the public body as published; {} if deleted"]
    provenance: Provenance
    history: Annotated[tuple[HistoryEntry, ...], "历次发布，最新在后 newest last"]
    source: Source
    ways: Annotated[tuple[Way, ...], "到达本平台的途径 the ways on which its unit comes"]
    ratings: Annotated[Ratings | None, "用户评价，仅仪器设备 of instruments alone"]
    page: Link


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """记录在日志中的位置 Where the present state of a record stands."""

    unit: Uscc
    kind: str
    id: str
    origin: Origin
    index: Index
    pub_idx: Annotated[int, "与 index 相同 the same as index: the leaf with its public body"]
    deleted_on: Date | None
    received_at: Time | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """记录位置列表 A page of places."""

    items: tuple[RecordPlace, ...]
    source: Source
    next: NextCursor
