"""What a hub tells of its last visit, read and put into words."""

from typing import Any

import pytest

from fenhe_node.hubs.last_visit import read_visit

TOLD: dict[str, Any] = {
    "at": "2026-11-23T09:12:00+08:00",
    "outcome": "refuse",
    "code": "log.root-differs",
    "place": "u1.example/fenhe/catalogue index 43",
    "expected": "",
    "found": "",
    "remark": "",
    "seen_at": "2026-11-22T09:12:00+08:00",
}


@pytest.mark.parametrize(
    ("outcome", "code", "remark", "words"),
    [
        ("refuse", "log.root-differs", "", "备份"),
        ("refuse", "note.signature", "", "备份"),
        ("refuse", "checkpoint.unsigned", "", "密钥"),
        ("refuse", "fetch.redirect", "", "反向代理"),
        ("defer", "fetch.timeout", "", "反向代理"),
        ("defer", "visit.leaves", "", "接着读"),
        ("defer", "visit.broke", "", "省平台自己的问题"),
        ("defer", "store.write", "", "省平台自己的问题"),
        ("quarantine", "log.fork", "", "停止发布"),
        ("older", "", "", "缓存"),
        ("grown", "fetch.absent", "", "反向代理"),
        ("grown", "", "heartbeat-ahead", "NTP"),
    ],
)
def test_every_trouble_comes_with_what_to_do(
    outcome: str, code: str, remark: str, words: str
) -> None:
    visit = read_visit(TOLD | {"outcome": outcome, "code": code, "remark": remark})
    assert visit is not None
    what, advice = visit.trouble(480)
    assert "2026-11-23 09:12" in what and code in what and remark in what
    assert words in advice


@pytest.mark.parametrize("remark", ["", "fed-differs"])
def test_a_good_visit_is_no_trouble(remark: str) -> None:
    visit = read_visit(TOLD | {"outcome": "unchanged", "code": "", "remark": remark})
    assert visit is not None
    assert visit.trouble(480) == []


def test_a_hub_that_has_not_come_or_does_not_tell_is_no_trouble() -> None:
    assert read_visit(None) is None


@pytest.mark.parametrize("wrong", [{"at": "yesterday"}, {"seen_at": "Z"}, {"at": 7}])
def test_what_is_not_of_the_form_is_not_believed(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        read_visit(TOLD | wrong)


def test_a_hub_writes_nothing_on_the_terminal_but_text() -> None:
    visit = read_visit(TOLD | {"place": "\x1b[2J"})
    assert visit is not None
    assert "\x1b" not in "".join(visit.trouble(480))
