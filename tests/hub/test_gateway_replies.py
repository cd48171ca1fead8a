"""Replies of the platform: kept sealed, shown without what was sent."""

import html
import json

from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.gateway.replies import opened_reply, sealed_reply, shown, values_in
from fenhe_hub.upstream.seam import Reply
from fenhe_protocol.seal import OpeningKey
from tests.hub.quoting_platform import SPELLINGS

ORIGIN = "gateway.example/nrii"
KEY = OpeningKey.from_seed(b"k" * 32)
VALUES = st.lists(st.text(min_size=2, max_size=12).filter(str.strip), min_size=1, max_size=6)


def kept(raw: str) -> Reply:
    return sealed_reply(Reply(202, raw), origin=ORIGIN, public=KEY.public)


@given(st.text(max_size=600))
def test_a_reply_comes_back_as_it_was_and_reads_as_nothing(raw: str) -> None:
    reply = kept(raw)
    assert reply.code == 202
    assert opened_reply(reply.raw, origin=ORIGIN, seals={KEY.id: KEY}) == raw


def test_with_its_key_gone_a_reply_is_empty() -> None:
    assert opened_reply(kept("不收").raw, origin=ORIGIN, seals={}) == ""


@given(VALUES)
def test_no_name_that_was_sent_is_shown(tails: list[str]) -> None:
    names = [f"诸葛{tail.strip()}" for tail in tails if tail.strip().isalpha()]
    for spelled in (str, html.escape, lambda text: json.dumps(text)[1:-1]):
        raw = "".join(f"<row>不收 {spelled(name)}</row>" for name in names)
        assert "诸葛" not in shown(raw, names)


@given(st.sampled_from(sorted(SPELLINGS)), st.integers(0, 10))
def test_no_part_of_a_user_is_shown_however_it_is_quoted(spelling: str, start: int) -> None:
    user = ("诸葛示例甲", "13976540001", "lisi70001@163.com", "诸葛示例甲工作室：核磁共振")
    quoted = SPELLINGS[spelling](f"不收：{'，'.join(user)[start:]} 请改正".ljust(80))
    read = shown(f"<fault>{quoted}</fault>", user, user)
    assert not [part for part in ("诸葛", "示例", "7654", "163.c", "核磁共振") if part in read]
    assert "不收" in read or spelling == "as base64"


def test_what_is_not_the_users_stays_readable() -> None:
    said = shown("<f>第 202 号：电话 1397654 格式不对，共 20 位</f>", (), ("13976540001",))
    assert said == "第 202 号：电话 … 格式不对，共 20 位"


def test_equal_complaints_about_different_people_are_equal() -> None:
    said = [("S-1", "示例用户甲"), ("S-2", "示例用户乙")]
    texts = {shown(f"<f>记录 {id}：{name} 不合规定</f>", (id, name)) for id, name in said}
    assert texts == {"记录 …：… 不合规定"}


def test_short_codes_stay_readable() -> None:
    assert shown("<code>202</code> 1", ("1", "202", "-1")) == "202 1"


def test_every_text_in_a_record_is_looked_for() -> None:
    value = {"a": "x", "b": ["y", {"c": "z"}], "d": 1}
    assert sorted(values_in(value)) == ["x", "y", "z"]


def test_a_reference_of_thousands_of_digits_is_no_sign_and_hides_nothing() -> None:
    far, padded = f"&#{'9' * 5000};", "".join(f"&#{ord(sign):05000};" for sign in "诸葛")
    assert shown(f"{far} {padded} 不收", (), ("诸葛",)) == "\ufffd … 不收"
