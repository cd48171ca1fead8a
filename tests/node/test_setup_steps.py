"""The steps of the first hour, read from what is there."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.setup.facts import Facts
from fenhe_node.setup.steps import OPTIONAL, State, Step, next_step, steps

FOUNDED = Facts(
    unit_name="示例大学",
    uscc="12140000000000019W",
    origin="hub.example/u/12140000000000019W",
    url="https://hub.example/u/12140000000000019W",
    fingerprint="0f" * 32,
    hub_url="https://hub.example/fenhe",
)
TRUSTING = replace(FOUNDED, hub="hub.example/fenhe", hub_fingerprint="1e" * 32)
LISTED = replace(TRUSTING, rows=40, refused=9, records=31, pending=32)
PUBLISHED = replace(LISTED, published=32, pending=0, waiting=32)
WHOLE = replace(PUBLISHED, waiting=0, received=32)
COUNT = st.integers(0, 3)
ANY = st.builds(
    Facts,
    unit_name=st.sampled_from(["", "示例大学"]),
    fingerprint=st.sampled_from(["", "0f" * 32]),
    hub=st.sampled_from(["", "hub.example"]),
    listens=st.booleans(),
    has_address=st.booleans(),
    records=COUNT,
    refused=COUNT,
    pending=COUNT,
    published=COUNT,
    received=COUNT,
    waiting=COUNT,
    publish_at=st.sampled_from(["", "30 2 * * *"]),
)


def named(facts: Facts, name: str) -> Step:
    return next(step for step in steps(facts) if step.name == name)


def missing(facts: Facts, name: str) -> str:
    return " ".join(text.zh for text in named(facts, name).missing)


def test_one_step_after_the_other_is_next() -> None:
    ways = [Facts(), FOUNDED, TRUSTING, LISTED, PUBLISHED, WHOLE]
    found = [next_step(facts) for facts in ways]
    assert [step.name if step else None for step in found] == [
        "unit",
        "hub",
        "lists",
        "publish",
        "receipt",
        None,
    ]


@given(facts=ANY)
def test_at_most_one_step_is_next_and_nothing_later_is_asked_for(facts: Facts) -> None:
    states = [step.state for step in steps(facts)]
    assert states.count(State.NEXT) <= 1
    if State.NEXT in states:
        after = states[states.index(State.NEXT) + 1 :]
        assert set(after) <= {State.LATER, State.DONE}


@given(facts=ANY)
def test_whatever_is_to_be_done_says_what_is_missing(facts: Facts) -> None:
    for step in steps(facts):
        assert step.state in (State.DONE, State.LATER) or step.missing, step.name
        assert all(text.zh and text.en for text in (step.title, *step.said, *step.missing))


def test_only_a_schedule_and_a_sheet_may_be_left() -> None:
    assert {step.name for step in steps(WHOLE) if step.state is State.OPEN} == OPTIONAL


def test_what_was_refused_holds_up_nothing_and_is_said() -> None:
    assert named(LISTED, "lists").state is State.DONE
    assert "退回 9 行" in missing(LISTED, "lists")
    assert missing(replace(LISTED, refused=0), "lists") == ""


def test_a_change_after_the_receipt_is_to_be_published() -> None:
    changed = replace(WHOLE, pending=9)
    assert (step := next_step(changed)) and step.name == "publish"
    assert "9 条有变化" in missing(changed, "publish")


def test_an_address_that_does_not_answer_is_said_and_all_is_pushed() -> None:
    named_it = replace(TRUSTING, has_address=True)
    assert "先推送" in missing(named_it, "way")
    assert missing(replace(named_it, listens=True), "way") == ""


def test_who_pushes_hands_over_a_file_and_who_listens_an_address() -> None:
    assert "public/root/1" in missing(PUBLISHED, "receipt")
    assert "报网址 https://" in missing(replace(PUBLISHED, listens=True), "receipt")


def test_a_schedule_without_a_running_service_is_no_schedule() -> None:
    planned = replace(WHOLE, publish_at="30 2 * * *")
    assert "服务没有运行" in missing(planned, "schedule")
    assert missing(replace(planned, served=True), "schedule") == ""
