"""Sentences about a value that a schema refuses, for a person at a unit. Chinese and English.

What is expected is read from the schema (title, labels, unit of measure, form, limits, example),
so that a field described once is described everywhere.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_protocol.error_texts import Text

Schema = Mapping[str, Any]
_LONGEST_FOUND = 80
_LABELS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault of one record: where (`lines[2].item`), a stable code, and both sides."""

    path: str
    code: str
    title_zh: str
    title_en: str
    expected_zh: str
    expected_en: str
    found: str

    @property
    def zh(self) -> str:
        """The whole sentence in Chinese."""
        return f"{self.title_zh}：应为{self.expected_zh}；实为 {self.found}"

    @property
    def en(self) -> str:
        """The whole sentence in English."""
        return f"{self.title_en}: expected {self.expected_en}; found {self.found}"


_NOTHING = Text("", "")
_NAMED = Text("（清单里写名称也行，如 化学）", " (a list may give its name)")
_TABLES = {
    "instrument-classes": Text(
        "国家平台仪器分类代码表里的 6 位代码，例如 010601；分不清的填 990000",
        "one of the national platform's classes of instruments, such as 010601;"
        " 990000 where it fits nowhere",
    ),
    "subjects": Text(
        f"一级学科代码表里的 3 位代码，例如 150{_NAMED.zh}",
        f"a code of the first-level subjects, such as 150{_NAMED.en}",
    ),
}


def of_table(name: str) -> Text:
    """Describe what a field wants that takes the codes of a table."""
    return _TABLES.get(name, Text(f"代码表 {name} 中的代码", f"a code of the table {name}"))


def expectation(schema: Schema) -> Text:
    """Describe what a field wants, with its example where it has one."""
    zh, en = _wanted(schema)
    if "x-labels" in schema or "items" in schema or not schema.get("examples"):
        return Text(zh, en)
    example = shown(schema["examples"][0]).strip('"')
    return Text(f"{zh}，例如 {example}", f"{en}, such as {example}")


def shown(value: Any) -> str:
    """Write a value for a sentence, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_FOUND else text[: _LONGEST_FOUND - 1] + "…"


def _wanted(schema: Schema) -> Text:
    if "const" in schema:
        return Text(f"“{schema['const']}”", f'"{schema["const"]}"')
    if "enum" in schema:
        return _one_of(schema)
    if "x-form" in schema:
        also = _NAMED if schema.get("x-table") == "subjects" else _NOTHING
        return Text(f"{schema['x-form']['zh']}{also.zh}", f"{schema['x-form']['en']}{also.en}")
    return _BY_TYPE.get(schema.get("type", "string"), _text)(schema)


def _one_of(schema: Schema) -> Text:
    labels = schema.get("x-labels", {})
    codes = schema["enum"][:_LABELS_SHOWN]
    more = len(schema["enum"]) > _LABELS_SHOWN
    zh = "、".join(f"{labels[str(c)]['zh']}（{c}）" if labels else str(c) for c in codes)
    en = ", ".join(f"{c} ({labels[str(c)]['en']})" if labels else str(c) for c in codes)
    return Text(f"下列之一：{zh}{'等' if more else ''}", f"one of {en}{' …' if more else ''}")


def _integer(schema: Schema) -> Text:
    unit = schema.get("x-unit", {"zh": "", "en": ""})
    lowest, highest = schema.get("minimum"), schema.get("maximum")
    # The bound that every number of a body has is no news to anyone.
    bounded = highest is not None and highest < 2**53 - 1
    zh = f"整数，{lowest} 至 {highest}" if bounded else f"不小于 {lowest} 的整数"
    en = f"an integer from {lowest} to {highest}" if bounded else f"an integer of {lowest} or more"
    if not unit["zh"]:
        return Text(zh, en)
    return Text(f"{zh}，单位：{unit['zh']}", f"{en}, in {unit['en']}")


def _list(schema: Schema) -> Text:
    lowest, highest = schema.get("minItems", 0), schema["maxItems"]
    item = expectation(schema["items"])
    return Text(
        f"{lowest} 至 {highest} 项的列表，每项为{item.zh}",
        f"a list of {lowest} to {highest}, each {item.en}",
    )


def _text(schema: Schema) -> Text:
    if schema.get("format") == "date":
        return Text("真实存在的日期，写作 年-月-日", "a real date, written year-month-day")
    if schema.get("format") == "date-time":
        return Text("带时区的时间", "a time with its offset")
    longest = schema.get("maxLength")
    if schema.get("x-text") == "id":
        return Text(
            f"1 至 {longest} 个字符的编号，不含空格和控制字符",
            f"an identifier of 1 to {longest} characters without spaces and control characters",
        )
    limit = (
        Text(f"，最多 {longest} 个字", f" of at most {longest} characters") if longest else ("", "")
    )
    return Text(f"文字{limit[0]}", f"text{limit[1]}")


def _boolean(_: Schema) -> Text:
    return Text("是或否（true 或 false）", "true or false")


def _object(_: Schema) -> Text:
    return Text("一组内容", "an object")


_BY_TYPE: dict[str, Callable[[Schema], Text]] = {
    "array": _list,
    "boolean": _boolean,
    "integer": _integer,
    "object": _object,
}
