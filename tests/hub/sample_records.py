"""Records of three invented units, on which the hub's pages and answers are tried."""

from typing import Any

from fenhe_protocol.identifiers import uscc_check_character

Fields = dict[str, Any]


def code(number: int) -> str:
    """The code of the invented unit of this number."""
    first = f"1214000000000{number:04}"
    return first + uscc_check_character(first)


UNIVERSITY = "12140000000000019W"  # the code that the OpenAPI document names in its examples
INSTITUTE, COMPANY, SILENT = code(2), code(3), code(4)

# name, English name, model, class, value band, city, general, status
_INSTRUMENTS = [
    ("核磁共振波谱仪", "NMR spectrometer", "EX-600", "010601", "from_200", "太原市"),
    ("场发射扫描电子显微镜", "Field emission SEM", "SM-7800F", "010102", "from_200", "太原市"),
    (
        "透射电子显微镜",
        "Transmission electron microscope",
        "TM-2100",
        "010101",
        "from_200",
        "太原市",
    ),
    ("X射线衍射仪（XRD）", "X-ray diffractometer", "XD-6", "010301", "from_50", "太原市"),
    ("液相色谱-质谱联用仪", "LC-MS/MS", "LC-MS 8050", "010201", "from_200", "太原市"),
    ("气相色谱仪", "Gas chromatograph", "GC-7890B", "010501", "from_20", "太原市"),
    ("激光共聚焦显微镜", "Confocal laser microscope", "CL-880", "010802", "from_200", "太原市"),
    ("流式细胞仪", "Flow cytometer", "FC-3", "011012", "from_50", "太原市"),
    ("热重-差热分析仪", "TG-DTA analyser", "TG-449", "010901", "from_20", "太原市"),
    ("电感耦合等离子体质谱仪 ICP-MS", "ICP-MS", "IC-7900", "010202", "from_50", "太原市"),
    ("傅里叶变换红外光谱仪", "FT-IR spectrometer", "IR-70", "010409", "from_20", "大同市"),
    ("显微激光拉曼光谱仪", "Raman microscope", "RM-1000", "010410", "from_50", "大同市"),
    ("万能材料试验机", "Universal testing machine", "UT-5982", "020101", "from_20", "大同市"),
    ("原子力显微镜", "Atomic force microscope", "AF-5", "010803", "from_50", "长治市"),
    ("比表面及孔隙度分析仪", "Surface area analyser", "SA-2460", "020503", "from_20", "长治市"),
    ("高速冷冻离心机", "Refrigerated centrifuge", "RC-26", "011023", "under_20", "运城市"),
]

FUNCTION = (
    "用于有机化合物、高分子和天然产物的结构测定；可做一维、二维谱和变温实验。"
    "亦可按用户要求开展方法研究（须预约）。"
)
SPECIFICATION = "磁场强度 14.1 T；1H 频率 600 MHz；分辨率 ≤0.5 Hz；变温范围 -80 ℃ 至 +120 ℃"
NOTICE = "样品须提前一天送达；易燃易爆、有毒、放射性样品请先说明；首次使用须参加培训。"
OFFICE = {
    "name": "大型仪器共享服务办公室",
    "landline": "0351-0000000",
    "role_mailbox": "share@u1.example",
    "address": "山西省太原市示例区示例路 1 号",
    "postcode": "030000",
}


def regime(title: str) -> Fields:
    """One of a unit's four regimes."""
    return {
        "title": title,
        "url": "https://u1.example/rules/opening.pdf",
        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "in_force_from": "2026-01-01",
    }


def unit_record(uscc: str, name: str, name_en: str, type_: str) -> dict[str, Fields]:
    """A unit's own record."""
    return bodies(
        uscc, "unit", uscc,
        {
            "name_zh": name, "name_en": name_en, "type": type_, "region_code": "140100",
            "home_page": "https://u1.example/", "service_office": OFFICE,
            "competent_authority": "示例主管部门", "finance_level": "province",
            "regime_opening": regime(f"{name}大型仪器设备开放共享管理办法"),
            "regime_use": regime(f"{name}大型仪器设备使用办法"),
        },
        {"nrii_ins_code": "0123456789abcdef0123456789abcdef"},
    )  # fmt: skip


def instrument(uscc: str, number: int) -> dict[str, Fields]:
    """One of the instruments above; every third is short of some members."""
    name, name_en, model, class_code, band, city = _INSTRUMENTS[number % len(_INSTRUMENTS)]
    public: Fields = {
        "name_zh": name, "name_en": name_en, "model": model, "class_code": class_code,
        "status": ("normal", "normal", "standby", "occasional_fault")[number % 4],
        "manufacturer": "示例仪器公司", "value_band": band,
        "location": {"province": "山西省", "city": city, "county": "示例区", "street": "示例路1号"},
    }  # fmt: skip
    if number % 3 != 2:
        public |= {
            "function": FUNCTION, "technical_specification": SPECIFICATION,
            "user_notice": NOTICE, "service_content": "氢谱、碳谱、二维谱测试；谱图解析",
            "subjects": ["150", "430"], "general_or_special": "general", "share_mode": "external",
            "fee_standards": ["FS-1"], "booking_url": "https://u1.example/book",
            "accepted_on": "2026-10-20", "in_service_on": "2026-11-01",
            "origin_country": "中国", "service_office": OFFICE, "imported_duty_free": False,
        }  # fmt: skip
    held = {"value_yuan": 3_200_000 + number, "department": "秘密不外传的部门"}
    return bodies(uscc, "instrument", f"A-{1001 + number}", public, held)


def fee_standard(uscc: str) -> dict[str, Fields]:
    """Price lines with steps and a cost basis."""
    lines = [
        {
            "no": 1, "item": "氢谱测定", "charge_unit": "sample", "internal_fen": 10_000,
            "external_fen": 30_000, "small_firm_fen": 24_000,
            "cost_basis": {"materials_fen": 5_000, "utilities_fen": 3_000, "labour_fen": 20_000},
        },
        {
            "no": 2, "item": "上机（自主操作）", "charge_unit": "minute", "charge_quantity": 30,
            "internal_fen": 5_000, "external_fen": 15_000,
            "steps": [{"party": "external", "from_quantity": 10, "percent": 80}],
            "note": "不含耗材",
        },
        {"no": 3, "item": "谱图解析", "charge_unit": "time", "external_fen": 0},
    ]  # fmt: skip
    approval = {"title": "关于测试收费标准的批复", "document_no": "示例〔2026〕1号"}
    public = {
        "name_zh": "核磁共振波谱仪收费标准", "lines": lines, "approval": approval,
        "in_force_from": "2026-01-01",
    }  # fmt: skip
    return bodies(uscc, "fee_standard", "FS-1", public)


def usage_summary(uscc: str, instrument_id: str, period: str, **fields: Any) -> dict[str, Fields]:
    """A quarter of use, with one cell withheld."""
    public: Fields = {
        "instrument": instrument_id, "period": period, "run_minutes": 42_000,
        "effective_minutes": 36_000, "external_minutes": 9_000, "open_minutes": 40_000,
        "services": 120, "samples": 560, "user_visits": 95,
        "withheld": ["external_users", "income_band"], "k": 3, **fields,
    }  # fmt: skip
    held = {"income_fen": 1_234_567}
    return bodies(uscc, "usage_summary", f"{instrument_id}-{period}", public, held)


def deletion(uscc: str, kind: str, id_: str) -> dict[str, Fields]:
    """The deletion of a record in both tiers."""
    gone = {"deleted": {"on": "2026-11-20", "reason": "scrapped"}}
    return bodies(uscc, kind, id_, gone, gone)


def held_only(uscc: str, id_: str) -> dict[str, Fields]:
    """An instrument without a public side: classified, say, or not yet released."""
    return {"hub": {"unit": uscc, "kind": "instrument", "id": id_, "department": "不外传"}}


def bodies(
    uscc: str, kind: str, id_: str, public: Fields, held: Fields | None = None
) -> dict[str, Fields]:
    """The bodies of one record by tier, each with its envelope."""
    envelope = {"unit": uscc, "kind": kind, "id": id_}
    parts = {"pub": envelope | public}
    return parts | {"hub": envelope | held} if held else parts
