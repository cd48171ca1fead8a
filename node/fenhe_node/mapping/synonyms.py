"""What units call the fields. Compared by `headers.key`; the first of a row is the likeliest.

A field takes one column: the first synonym of its row that the sheet has. Rows are asked in order,
so that 仪器编号 becomes the id only where there is no 所在单位仪器编号.
"""

import re

from fenhe_node.mapping.national_forms import FORMS, Synonyms

_UNIT_NUMBER = (
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

_INSTRUMENT: Synonyms = (
    ("id", _UNIT_NUMBER),
    (
        "name_zh",
        (
            "仪器设备名称",
            "仪器名称",
            "设备名称",
            "中文名称",
            "名称",
            "资产名称",
            "设备名",
            "仪器",
            "instrument",
            "name",
        ),
    ),
    ("name_en", ("英文名称", "英文名", "外文名称", "english name", "name in english")),
    ("status", ("运行状态", "仪器状态", "设备状态", "使用状态", "状态", "现状", "status")),
    ("model", ("规格型号", "型号规格", "型号", "仪器型号", "设备型号", "型号/规格", "model")),
    (
        "manufacturer",
        (
            "生产制造商",
            "制造商",
            "生产厂家",
            "生产厂商",
            "制造厂商",
            "制造厂家",
            "厂家",
            "厂商",
            "生产商",
            "生产单位",
            "品牌",
            "manufacturer",
        ),
    ),
    ("origin_country", ("产地国别", "国别", "产地", "原产国", "生产国", "制造国")),
    ("function", ("主要功能", "功能", "用途", "主要用途", "功能用途", "仪器功能")),
    (
        "technical_specification",
        ("主要技术指标", "技术指标", "技术参数", "主要技术参数", "性能指标", "规格"),
    ),
    ("class_code", ("仪器分类编码", "设备分类编码", "分类编码", "分类号", "分类代码")),
    ("subjects", ("主要学科领域", "学科领域", "学科", "所属学科")),
    ("general_or_special", ("仪器设备类别", "通用/专用", "设备类别")),
    ("photo", ("图片", "图片网址", "照片")),
    ("service_content", ("服务内容", "服务项目", "测试项目", "检测项目")),
    ("user_notice", ("用户须知", "使用须知", "对外开放共享规定", "开放共享规定", "预约须知")),
    ("share_mode", ("共享模式", "共享方式")),
    ("fee_standards", ("收费标准编号",)),
    ("fee_text", ("参考收费标准", "收费标准", "收费")),
    ("achievement", ("服务典型成果", "服务的典型成果")),
    ("booking_url", ("预约服务网址", "预约网址", "预约地址", "预约链接")),
    ("location.province", ("安放地址-省", "安放地址-省份", "省", "省份")),
    ("location.city", ("安放地址-市", "安放地址-城市", "市", "城市")),
    ("location.county", ("安放地址-区县", "区县", "县区")),
    (
        "location.street",
        (
            "安放地址-街道",
            "放置地点",
            "存放地点",
            "安放地点",
            "安装地点",
            "存放位置",
            "所在位置",
            "安放位置",
            "地点",
            "街道",
            "安放地址",
            "存放地",
            "location",
        ),
    ),
    ("carrier.type", ("所属资源载体类型",)),
    ("carrier.id", ("所属资源载体内部编号", "所属科研设施内部编号")),
    ("accepted_on", ("安装使用验收日期", "验收日期", "验收时间", "验收合格日期")),
    ("in_service_on", ("启用日期", "投入使用日期", "启用时间", "投用日期")),
    ("imported_duty_free", ("是否在海关监管年限内", "海关监管情况", "是否海关监管", "是否免税")),
    ("service_office.name", ("服务窗口", "窗口名称", "服务机构", "管理机构")),
    ("service_office.landline", ("座机", "办公电话", "固定电话", "电话", "联系电话", "咨询电话")),
    ("service_office.role_mailbox", ("公务邮箱", "服务邮箱")),
    ("service_office.address", ("通讯地址", "联系地址")),
    ("service_office.postcode", ("邮政编码", "邮编")),
    (
        "value_yuan",
        (
            "原值",
            "设备原值",
            "仪器原值",
            "资产原值",
            "单价",
            "购置金额",
            "购置价格",
            "价值",
            "金额",
            "价格",
            "总价",
        ),
    ),
    ("funds", ("主要购置经费来源", "购置经费来源", "经费来源", "资金来源")),
    ("acquisition", ("设备仪器来源", "仪器设备来源", "设备来源", "仪器来源")),
    (
        "department",
        (
            "所属单位内部门",
            "所在单位内部门",
            "使用单位",
            "使用部门",
            "所属部门",
            "所在部门",
            "所属学院",
            "管理部门",
            "院系",
            "学院",
            "部门",
            "领用单位",
            "department",
        ),
    ),
    ("asset_register_no", ("资产登记号", "资产编号", "固定资产编号", "资产编码", "资产号")),
    (
        "booked_on",
        ("建账日期", "入账日期", "购置日期", "购入日期", "购买日期", "购置时间", "入账时间"),
    ),
    ("nrii_no", ("国家平台仪器编号", "国家平台编号")),
    ("declared_run_minutes", ("年运行机时", "年总运行机时")),
    ("declared_service_minutes", ("年对外服务机时", "年服务机时")),
    ("declared_year", ("申报年度", "统计年度", "年度")),
    ("customs.declaration_no", ("进口报关单编号", "报关单编号", "报关单号")),
    ("customs.item_no", ("进口报关单项号", "报关单项号")),
    ("customs.released_on", ("海关放行日期", "放行日期")),
    ("customs.form_name", ("仪器设备在进口报关单上的名称", "报关单上的名称")),
    (
        "contact_person.name",
        (
            "联系人",
            "负责人",
            "管理员",
            "保管人",
            "机组负责人",
            "仪器负责人",
            "设备负责人",
            "责任人",
            "领用人",
            "使用人",
        ),
    ),
    ("contact_person.phone", ("手机", "手机号", "手机号码", "移动电话", "联系人电话")),
    (
        "contact_person.mail",
        ("电子邮箱", "邮箱", "电子邮件", "联系人邮箱", "email", "e-mail", "mail"),
    ),
)

_FEE_STANDARD: Synonyms = (
    ("id", ("收费标准编号", "标准编号", *_UNIT_NUMBER)),
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
    ("lines.note", ("备注", "说明", "note")),
    ("approval.title", ("批准文件", "批准文件名称")),
    ("approval.document_no", ("批准文号", "文号")),
    ("approval.approved_on", ("批准日期",)),
    ("in_force_from", ("执行起始日期", "执行日期", "生效日期", "起始日期")),
    ("in_force_to", ("执行截止日期", "截止日期", "失效日期")),
)

_SERVICE_RECORD: Synonyms = (
    ("id", ("服务记录编号", "记录编号", "预约编号", "订单编号", "订单号", "流水号", "记录号")),
    ("instrument", ("所在单位仪器编号", "仪器编号", "设备编号", "仪器设备编号", "资产编号")),
    ("started_at", ("服务开始时间", "实际服务时间", "开始时间", "上机时间", "起始时间")),
    ("ended_at", ("服务结束时间", "结束时间", "下机时间")),
    ("effective_minutes", ("有效机时", "服务机时", "使用机时", "机时", "服务量", "使用时长")),
    ("amount_fen", ("服务金额", "实收金额", "收费金额", "金额", "费用")),
    ("fee_line", ("价格项", "收费项")),
    ("samples", ("样品数", "样品数量", "测样数", "样品个数")),
    ("way", ("服务方式",)),
    ("user_class", ("用户类别", "服务对象", "用户类型", "用户性质")),
    ("direction", ("服务类型", "服务方向", "用途")),
    ("subjects", ("主要学科领域", "课题主要学科领域", "学科领域")),
    ("rating", ("用户评价", "评价", "用户评价及意见")),
    ("agreement", ("是否签订协议", "是否签协议")),
    ("capture", ("采集方式", "记录方式")),
    ("off_site", ("是否在单位外使用",)),
    ("applicant", ("申请人", "用户姓名", "使用人", "用户", "预约人")),
    ("phone", ("申请人电话", "联系电话", "电话", "手机", "手机号")),
    ("mail", ("申请人电子邮箱", "申请人邮箱", "电子邮箱", "邮箱")),
    ("applicant_unit", ("申请人单位", "用户单位", "使用单位", "所在单位", "课题组")),
    ("project_name", ("课题名称", "项目名称")),
    ("project_content", ("课题研究内容", "研究内容")),
    ("funding", ("课题经费来源", "经费来源")),
    ("content", ("实际服务内容", "服务内容")),
    ("comment", ("用户意见", "意见")),
)

_REGIMES = (("opening", "开放"), ("operation", "运行"), ("maintenance", "维护"), ("use", "使用"))

_UNIT: Synonyms = (
    ("name_zh", ("单位名称", "名称", "全称")),
    ("name_en", ("英文名称",)),
    ("type", ("单位类型", "单位性质")),
    ("region_code", ("行政区划代码", "区划代码")),
    ("ror", ("ror 标识", "ror")),
    ("home_page", ("单位网址", "网址", "官网")),
    ("competent_authority", ("主管部门",)),
    ("finance_level", ("财政级次",)),
    ("income_category", ("收入类别",)),
    ("rhythm_hours", ("在线节奏",)),
    ("nrii_ins_code", ("国家平台单位标识", "inscode", "单位编码")),
    ("service_office.name", ("窗口名称", "服务窗口")),
    ("service_office.landline", ("座机", "办公电话", "电话")),
    ("service_office.role_mailbox", ("公务邮箱", "服务邮箱")),
    ("service_office.address", ("通讯地址", "地址")),
    ("service_office.postcode", ("邮政编码", "邮编")),
    *(
        (f"regime_{name}.{member}", (f"{word}制度{what}", f"{word}制度-{what}"))
        for name, word in _REGIMES
        for member, what in (("title", "名称"), ("url", "网址"), ("in_force_from", "施行日期"))
    ),
)

SYNONYMS: dict[str, Synonyms] = {
    "instrument": _INSTRUMENT,
    "fee_standard": _FEE_STANDARD,
    "service_record": _SERVICE_RECORD,
    "unit": _UNIT,
    **FORMS,
}

# Headers that speak of a person, whatever else stands beside them.
PERSON_WORDS = re.compile(
    "姓名|联系人|负责人|保管人|领用人|使用人|管理员|责任人|操作员|操作人|申请人|机主|导师|经办人"
    "|身份证|手机|微信|qq"
)

ROW_NUMBERS = ("序号", "no", "no.", "#", "行号")
