"""Usage summaries on a node's pages."""

from fenhe_node.pages.usage_table import usage_table
from fenhe_node.published import Published
from fenhe_protocol.schema import SchemaSet

SCHEMA = SchemaSet.load().kind("usage_summary").schema


def summary(period: str, **fields: object) -> Published:
    id_ = f"A-1/{period}"
    return Published("usage_summary", id_, 0, {"instrument": "A-1", "period": period} | fields, b"")


def test_nil_reports_alone_still_say_that_there_was_no_use() -> None:
    table = usage_table(SCHEMA, [summary("2026-Q2", nil_report=True)])
    assert table.titles == ["运行机时", "服务次数"]
    assert [list(row.cells) for row in table.rows] == [["0", "0"]]


def test_columns_are_those_that_some_summary_fills() -> None:
    summaries = [summary("2026-Q2", nil_report=True), summary("2026-Q3", samples=4)]
    table = usage_table(SCHEMA, summaries)
    assert table.titles == ["样品数"]
    assert [list(row.cells) for row in table.rows] == [["4"], ["0"]]
