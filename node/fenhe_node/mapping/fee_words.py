"""What units call the columns of a price list. As in `synonyms`."""

from fenhe_node.mapping.national_forms import Synonyms

UNIT_NUMBER = (
    "所在单位仪器编号",
    "单位内部编号",
    "内部编号",
    "仪器编号",
    "设备编号",
    "仪器设备编号",
    "设备编码",
    "仪器编码",
    "资产编号",
    "资产编码",
    "固定资产编号",
    "编号",
    "编码",
    "资产号",
    "id",
    "instrument id",
    "asset number",
)
"""The unit's own number of an instrument, and so often of its prices."""

FEE_STANDARD: Synonyms = (
    ("id", ("收费标准编号", "标准编号", *UNIT_NUMBER)),
    ("name_zh", ("收费标准名称", "标准名称", "仪器设备名称", "仪器名称", "设备名称", "名称")),
    ("lines.no", ("价格项序号", "项目序号")),
    ("lines.item", ("收费项目", "服务项目", "测试项目", "项目名称", "检测项目", "项目", "item")),
    ("lines.charge_unit", ("计费单位", "收费单位", "计价单位", "单位", "unit")),
    ("lines.charge_quantity", ("每份数量",)),
    (
        "lines.internal_fen",
        ("内部价格", "校内价格", "院内价格", "校内", "院内", "内部价", "校内价"),
    ),
    (
        "lines.external_fen",
        (
            "外部价格",
            "校外价格",
            "对外价格",
            "校外",
            "外部价",
            "校外价",
            "收费标准",
            "单价",
            "价格",
        ),
    ),
    ("lines.small_firm_fen", ("科技型中小微企业价格", "中小微企业价格", "小微企业价格")),
    ("lines.steps", ("分段与折扣", "阶梯价格", "分段价格", "优惠", "折扣")),
    (
        "lines.cost_basis.materials_fen",
        ("成本-材料消耗费", "材料消耗费", "材料费", "耗材费", "材料成本"),
    ),
    (
        "lines.cost_basis.utilities_fen",
        ("成本-水、电等运行费", "水、电等运行费", "水电费", "水电等运行费", "运行费", "燃料动力费"),
    ),
    ("lines.cost_basis.labour_fen", ("成本-人力成本", "人力成本", "人工费", "人员费", "劳务费")),
    ("lines.cost_basis.other_fen", ("成本-其他", "其他成本", "其他费用")),
    ("lines.note", ("备注", "说明", "note")),
    ("approval.title", ("批准文件", "批准文件名称")),
    ("approval.document_no", ("批准文号", "文号")),
    ("approval.approved_on", ("批准日期",)),
    ("in_force_from", ("执行起始日期", "执行日期", "生效日期", "起始日期")),
    ("in_force_to", ("执行截止日期", "截止日期", "失效日期")),
)
