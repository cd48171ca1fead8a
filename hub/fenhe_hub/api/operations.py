"""Every operation of the API: its address, what it takes, what it gives, who answers."""

from collections.abc import Mapping
from typing import Any

from fenhe_hub.api import (
    accusations,
    changes,
    complaint_cases,
    evidence,
    judgements,
    overview,
    resources,
    units,
)
from fenhe_hub.api.askable import (
    CHANGES,
    EVIDENCE,
    FINDING,
    FINDINGS,
    IN_PATH,
    LEAF,
    PAGED,
    RECORDS,
    SEARCH,
    UNITS,
)
from fenhe_hub.api.columns import (
    FINDING_COLUMNS,
    RECORD_COLUMNS,
    REFUSAL_COLUMNS,
    RESOURCE_COLUMNS,
    UNIT_COLUMNS,
)
from fenhe_hub.api.judgement_shapes import (
    ChangePage,
    FindingPage,
    RefusalPage,
    Stats,
    VerificationResult,
)
from fenhe_hub.api.measure_operations import MEASURE_OPERATIONS
from fenhe_hub.api.openapi import make_document
from fenhe_hub.api.operation import Asked, Operation, TextFile
from fenhe_hub.api.shapes import RecordPage, Resource, ResourcePage, UnitDetail, UnitPage


def _document(asked: Asked) -> Mapping[str, Any]:
    return make_document(OPERATIONS, asked.reading.url)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        path="/stats",
        name="stats",
        zh="总览数字",
        en="Figures",
        answer=Stats,
        respond=overview.overview,
        problems=(400,),
    ),
    Operation(
        path="/units",
        name="units",
        zh="管理单位列表",
        en="List units",
        answer=UnitPage,
        respond=units.list_units,
        parameters=(
            *UNITS,
            *PAGED,
        ),
        columns=UNIT_COLUMNS,
    ),
    Operation(
        path="/units/{uscc}",
        name="unit",
        zh="一个管理单位",
        en="One unit",
        answer=UnitDetail,
        respond=units.one_unit,
        parameters=(IN_PATH["uscc"],),
    ),
    Operation(
        path="/units/{uscc}/refusals",
        name="refusals",
        zh="退回的内容：只有位置和代码",
        en="What was refused of a unit: place and code only",
        answer=RefusalPage,
        respond=judgements.list_refusals,
        parameters=(IN_PATH["uscc"], *PAGED),
        columns=REFUSAL_COLUMNS,
    ),
    Operation(
        path="/units/{uscc}/evidence",
        name="evidence",
        zh="对单位不利的证据",
        en="What is kept against a unit",
        answer=accusations.Accusations,
        respond=accusations.list_accusations,
        parameters=(IN_PATH["uscc"],),
    ),
    Operation(
        path="/units/{uscc}/evidence/{evidence}",
        name="evidence_file",
        zh="证据文件 (fenhe verify-evidence)",
        en="Evidence file (fenhe verify-evidence)",
        answer=TextFile,
        respond=accusations.evidence_file,
        parameters=(IN_PATH["uscc"], EVIDENCE),
    ),
    Operation(
        path="/resources",
        name="resources",
        zh="检索科技资源",
        en="Search resources",
        answer=ResourcePage,
        respond=resources.list_resources,
        parameters=(*SEARCH, *PAGED),
        columns=RESOURCE_COLUMNS,
    ),
    Operation(
        path="/resources/{uscc}/{kind}/{id}",
        name="resource",
        zh="一条记录：公开内容，来源，历次发布",
        en="One record: its public body, provenance and history",
        answer=Resource,
        respond=resources.one_resource,
        parameters=tuple(IN_PATH.values()),
    ),
    Operation(
        path="/records",
        name="records",
        zh="记录在日志中的位置",
        en="Where records stand in their logs",
        answer=RecordPage,
        respond=evidence.list_places,
        parameters=(*RECORDS, *PAGED),
        columns=RECORD_COLUMNS,
    ),
    Operation(
        path="/findings",
        name="findings",
        zh="披露规则的检查结果",
        en="Findings of the disclosure rules",
        answer=FindingPage,
        respond=judgements.list_findings,
        parameters=(*FINDINGS, *PAGED),
        columns=FINDING_COLUMNS,
    ),
    Operation(
        path="/findings/{uscc}/{rule}/proof",
        name="finding_proof",
        zh="一条检查结果的证明文件 (fenhe verify-evidence)",
        en="The proof of a finding (fenhe verify-evidence)",
        answer=TextFile,
        respond=judgements.finding_proof,
        parameters=FINDING,
    ),
    Operation(
        path="/complaints",
        name="complaints",
        zh="投诉登记：事项、状态、日期，不含身份和内容",
        en="Complaints: subject, state, days; no identities, no words",
        answer=complaint_cases.CasePage,
        respond=complaint_cases.list_complaints,
        parameters=(*complaint_cases.COMPLAINTS, *PAGED),
        columns=complaint_cases.COMPLAINT_COLUMNS,
    ),
    *MEASURE_OPERATIONS,
    Operation(
        path="/changes",
        name="changes",
        zh="自某处以来的变化",
        en="What changed since a cursor",
        answer=ChangePage,
        respond=changes.list_changes,
        parameters=CHANGES,
    ),
    Operation(
        path="/proof",
        name="proof",
        zh="证明文件 (C2SP tlog-proof)",
        en="Proof file (C2SP tlog-proof)",
        answer=TextFile,
        respond=evidence.proof_file,
        parameters=LEAF,
    ),
    Operation(
        path="/verify",
        name="verify",
        zh="现场重新读取并验证一条",
        en="Read one leaf again and verify it, now",
        answer=VerificationResult,
        respond=evidence.verification,
        parameters=LEAF,
    ),
    Operation(
        path="/openapi.json",
        name="openapi",
        zh="本接口的 OpenAPI 3.1 文档",
        en="The OpenAPI 3.1 document of this interface",
        answer=dict,
        respond=_document,
    ),
)
