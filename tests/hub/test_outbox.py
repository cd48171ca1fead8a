from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.upstream.outbox import (
    Candidate,
    Item,
    ItemState,
    Patience,
    admit,
    after_reply,
    approve,
    is_due,
    leave,
    note_audit,
    send_again,
)
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.report import group_items
from fenhe_hub.upstream.scope import NationalScope
from fenhe_hub.upstream.seam import Reply

NOW = 1795392065
CANDIDATE = Candidate("U", "instrument", "A-1", "u1.example/fenhe/catalogue", 3, "ins", "{}", "aa")
PATIENCE = Patience()


def an_item(state: ItemState = ItemState.READY) -> Item:
    return Item(CANDIDATE, state)


def test_approval_comes_before_upload_only_where_it_is_on() -> None:
    waiting = admit(None, CANDIDATE, approval=True)
    assert waiting is not None and waiting.state is ItemState.WAITING
    assert not is_due(waiting, NOW)
    assert is_due(approve(waiting), NOW)
    ready = admit(None, CANDIDATE, approval=False)
    assert ready is not None and ready.state is ItemState.READY


def test_a_unit_without_a_code_at_the_platform_is_blocked_until_it_has_one() -> None:
    blocked = admit(None, replace(CANDIDATE, ins_code=None), approval=False)
    assert blocked is not None and blocked.state is ItemState.BLOCKED
    mended = admit(blocked, CANDIDATE, approval=False)
    assert mended is not None and mended.state is ItemState.READY


def test_an_unchanged_record_changes_nothing() -> None:
    done = after_reply(an_item(), Reply(100, ""), NOW, PATIENCE)
    assert admit(done, CANDIDATE, approval=False) is None


def test_a_changed_record_is_sent_anew_and_approved_anew() -> None:
    done = after_reply(an_item(), Reply(100, ""), NOW, PATIENCE)
    changed = admit(done, replace(CANDIDATE, payload_sha256="bb"), approval=True)
    assert changed is not None and changed.state is ItemState.WAITING
    assert changed.delivered_sha256 == "aa"


@pytest.mark.parametrize("status", [0, 1])
def test_never_push_over_submitted_or_approved(status: int) -> None:
    done = note_audit(after_reply(an_item(), Reply(100, ""), NOW, PATIENCE), status, approval=False)
    assert done.state is ItemState.DONE
    held = admit(done, replace(CANDIDATE, payload_sha256="bb"), approval=False)
    assert held is not None and held.state is ItemState.HELD
    assert not is_due(held, NOW)
    assert note_audit(held, 2, approval=False).state is ItemState.READY


@pytest.mark.parametrize("code", [0, 1, 101, 200, 201, 202, 999])
def test_everything_but_100_waits_for_mending(code: int) -> None:
    returned = after_reply(an_item(), Reply(code, "raw"), NOW, PATIENCE)
    assert returned.state is ItemState.RETURNED
    assert not is_due(returned, NOW + 10**9)
    assert is_due(send_again(returned), NOW)


@given(st.lists(st.sampled_from([None, 203, 301]), min_size=1, max_size=40))
def test_faults_are_retried_ever_later_and_never_later_than_the_longest_wait(
    codes: list[int | None],
) -> None:
    item, waits = an_item(), []
    for code in codes:
        item = after_reply(item, Reply(code, ""), NOW, PATIENCE)
        waits.append(item.next_at - NOW)
    assert item.state is ItemState.RETRY
    assert waits == sorted(waits)
    assert max(waits) <= PATIENCE.longest_seconds
    assert is_due(item, item.next_at) and not is_due(item, item.next_at - 1)


def test_what_cannot_have_arrived_leaves_nothing() -> None:
    assert [state for state in ItemState if leave(an_item(state))] == [ItemState.SENDING]
    refused = after_reply(an_item(), Reply(202, ""), NOW, PATIENCE)
    assert leave(refused) is None


def test_what_may_have_arrived_is_remembered_even_if_it_changed_since() -> None:
    silent = after_reply(an_item(), Reply(None, "ReadTimeout"), NOW, PATIENCE)
    for cut_off in (silent, an_item(ItemState.SENDING)):
        assert (gone := leave(cut_off)) and gone.state is ItemState.GONE
        changed = admit(cut_off, replace(CANDIDATE, payload_sha256="bb"), approval=False)
        assert changed and leave(changed) and is_due(changed, NOW)


@pytest.mark.parametrize("state", ItemState)
def test_of_what_arrived_it_stays_that_it_did_and_nothing_is_sent(state: ItemState) -> None:
    payload = replace(CANDIDATE, payload='{"secret"}', lacking=("fee 缺失",))
    gone = leave(replace(Item(payload, state), delivered_sha256="aa", code=100, attempts=3))
    assert gone is not None and gone.state is ItemState.GONE
    assert (gone.delivered_sha256, gone.code) == ("aa", 100)
    assert (gone.candidate.payload, gone.candidate.payload_sha256) == ("", "")
    assert not is_due(gone, NOW + 10**9)
    assert leave(gone) == gone == send_again(gone) == approve(gone)
    assert note_audit(gone, 0, approval=False).state is ItemState.GONE


def test_what_comes_back_as_it_was_delivered_is_not_sent_again() -> None:
    done = after_reply(an_item(), Reply(100, ""), NOW, PATIENCE)
    gone = leave(done)
    back = admit(gone, CANDIDATE, approval=True)
    assert back == done
    changed = admit(gone, replace(CANDIDATE, payload_sha256="bb"), approval=True)
    assert changed is not None and changed.state is ItemState.WAITING
    reviewed = admit(replace(gone, audit_status=0) if gone else None,
                     replace(CANDIDATE, payload_sha256="bb"), approval=False)  # fmt: skip
    assert reviewed is not None and reviewed.state is ItemState.HELD


def test_what_was_cut_off_while_sending_is_sent_again() -> None:
    assert is_due(an_item(ItemState.SENDING), NOW)


def test_items_and_raw_replies_come_back_from_disk(tmp_path: Path) -> None:
    item = replace(an_item(), candidate=replace(CANDIDATE, lacking=("postalcode 缺失", "fee 缺失")))
    store = OutboxStore(tmp_path / "outbox.sqlite")
    with store.transaction():
        store.put(item)
        store.keep_reply(item, Reply(202, "<raw/>"), NOW)
    store.close()
    again = OutboxStore(tmp_path / "outbox.sqlite")
    assert again.items() == [item]
    assert again.item("U", "instrument", "A-1") == item
    assert again.replies() == [("U", "instrument", "A-1", NOW, 202, "<raw/>")]
    again.close()


def test_an_erased_record_leaves_no_text_of_itself_or_of_an_answer(tmp_path: Path) -> None:
    store = OutboxStore(tmp_path / "outbox.sqlite")
    item = replace(an_item(), candidate=replace(CANDIDATE, payload="示例正文" * 9))
    other = replace(an_item(), candidate=replace(CANDIDATE, record_id="A-2", index=4))
    with store.transaction():
        for each, raw in ((item, "示例旧答复" * 900), (other, "示例留下的答复")):
            store.put(each)
            store.keep_reply(each, Reply(202, raw), NOW)
            store.put(after_reply(each, Reply(100, ""), NOW, PATIENCE))
    store.forget(lambda origin, index: index == 3)
    store.forget(lambda origin, index: index == 3)  # whoever asks twice loses nothing more
    assert [each.state for each in store.items()] == [ItemState.GONE, ItemState.DONE]
    assert [raw for *_, raw in store.replies()] == ["", "示例留下的答复"]
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [text for text in ("示例正文", "示例旧答复") if text.encode() in kept]
    store.close()


def test_a_transaction_that_fails_writes_nothing(tmp_path: Path) -> None:
    store = OutboxStore(tmp_path / "outbox.sqlite")
    with pytest.raises(RuntimeError), store.transaction():
        store.put(an_item())
        raise RuntimeError
    assert store.items() == []
    store.close()


def test_the_report_groups_by_state_and_reply_with_reasons_by_frequency() -> None:
    lacking = replace(CANDIDATE, lacking=("postalcode 缺失",))
    returned = [Item(lacking, ItemState.RETURNED, code=202) for _ in range(3)]
    groups = group_items([*returned, replace(an_item(ItemState.DONE), code=100)])
    assert [(g.state, g.code, g.count) for g in groups] == [
        (ItemState.RETURNED, 202, 3),
        (ItemState.DONE, 100, 1),
    ]
    assert groups[0].lacking == (("postalcode 缺失", 3),)


@pytest.mark.parametrize(
    ("value", "funds", "inside"),
    [
        (500_000, ["central"], True),
        (499_999, ["central"], False),
        (500_000, ["own"], False),
        (None, ["central"], False),
    ],
)
def test_the_national_scope_is_a_line_and_funds(
    value: int | None, funds: list[str], inside: bool
) -> None:
    scope = NationalScope(500_000, frozenset({"central", "local"}), frozenset({"instrument"}))
    supervised = {"funds": funds} | ({} if value is None else {"value_yuan": value})
    assert scope.holds("instrument", supervised) is inside
    assert not scope.holds("fee_standard", supervised)
