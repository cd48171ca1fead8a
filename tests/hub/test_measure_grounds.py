"""What may be a ground of a measure, which step follows which, and what a template may name."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fenhe_hub.casework.course import STATE_LABELS, Kind, State, Step, after
from fenhe_hub.office.grounds import Case, GroundFinding, ItemFacts, check_grounds
from fenhe_hub.office.letter_text import PLACES, example, render, templates
from fenhe_protocol.errors import RequestError

BREACH = GroundFinding("f", "D1", "instrument", "A-1", "overdue", "duty", True, True)
ITEM = ItemFacts("instrument", "A-1", "general", False)
POOR = {("instrument", "A-1"): "poor"}


def refused(case: Case) -> str:
    with pytest.raises(RequestError) as error:
        check_grounds(case)
    return error.value.code


@pytest.mark.parametrize("kind", [each for each in Kind if each is not Kind.REALLOCATION])
def test_what_is_voluntary_advice_or_no_breach_never_leads_to_a_measure(kind: Kind) -> None:
    check_grounds(Case(kind, True, [BREACH]))
    for obligation in ("voluntary", "ineligible", "unknown"):
        finding = replace(BREACH, obligation=obligation)
        assert refused(Case(kind, True, [BREACH, finding])) == "measure.voluntary"
    assert refused(Case(kind, True, [replace(BREACH, is_ground=False)])) == "measure.advice"
    for state in ("met", "exempt", "not_applicable"):
        assert refused(Case(kind, True, [replace(BREACH, state=state)])).startswith("measure.state")
    assert refused(Case(kind, False, [])) == "measure.no-ground"
    assert refused(Case(kind, True, [replace(BREACH, shown=False)])) == "measure.not-shown"
    check_grounds(Case(kind, False, [replace(BREACH, shown=False)]))


@pytest.mark.parametrize("state", ["due", "provisional", "unknown"])
def test_of_what_is_only_due_a_unit_is_reminded_and_nothing_more(state: str) -> None:
    finding = replace(BREACH, state=state)
    check_grounds(Case(Kind.REMINDER, False, [finding]))
    assert refused(Case(Kind.CRITICISM, True, [finding])) == "measure.state-of-finding"


def test_a_sign_of_poor_use_is_a_ground_once_there_is_a_final_result() -> None:
    sign = replace(BREACH, rule="D8", is_ground=False)
    assert refused(Case(Kind.CRITICISM, True, [sign])) == "measure.sign"
    check_grounds(Case(Kind.CRITICISM, True, [sign], evaluated=POOR))
    check_grounds(Case(Kind.CRITICISM, True, [sign], evaluated={("", ""): "qualified"}))
    other = {("instrument", "A-2"): "poor"}
    assert refused(Case(Kind.CRITICISM, True, [sign], evaluated=other)) == "measure.sign"


@pytest.mark.parametrize(
    ("item", "evaluated", "code"),
    [
        (None, POOR, "measure.item"),
        (replace(ITEM, kind="base"), POOR, "measure.item"),
        (replace(ITEM, voluntary=True), POOR, "measure.voluntary"),
        (replace(ITEM, use="special"), POOR, "measure.special"),
        (replace(ITEM, use=""), POOR, "measure.special"),
        (ITEM, {}, "measure.not-evaluated"),
        (ITEM, {("instrument", "A-1"): "qualified", ("", ""): "poor"}, "measure.not-evaluated"),
    ],
)
def test_only_a_general_instrument_that_shares_poorly_by_a_final_result_is_reallocated(
    item: ItemFacts | None, evaluated: dict[tuple[str, str], str], code: str
) -> None:
    assert refused(Case(Kind.REALLOCATION, False, [], item, evaluated)) == code
    check_grounds(Case(Kind.REALLOCATION, False, [], ITEM, POOR))
    check_grounds(Case(Kind.REALLOCATION, False, [BREACH], ITEM, {("", ""): "poor"}))


@pytest.mark.parametrize("name", [*Kind, "revocation", "closing"])
def test_every_template_names_known_places_and_can_be_looked_at(name: str) -> None:
    shown = example(templates()[name])
    assert "{{" not in shown and "示例大学" in shown and "（无）" not in shown


@given(st.text(max_size=40).map(str.strip))
def test_what_a_value_holds_is_never_a_place(text: str) -> None:
    values = dict.fromkeys(PLACES, text)
    assert render("<{{ reason }}>", values) == f"<{text or '（无）'}>".strip()


STEPS = st.sampled_from(Step)


class Course(RuleBasedStateMachine):
    """Whatever is tried in whatever order: a measure ends once, and is decided before it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.taken = State.PROPOSED, list[Step]()

    @rule(step=STEPS)
    def try_step(self, step: Step) -> None:
        if (then := after(self.state, step)) is not None:
            self.state, self.taken = then, [*self.taken, step]

    @precondition(lambda self: self.state in (State.WITHDRAWN, State.REJECTED, State.REVOKED))
    @rule(step=STEPS)
    def nothing_follows_an_end(self, step: Step) -> None:
        assert after(self.state, step) is None

    @invariant()
    def what_was_said_was_decided(self) -> None:
        ended_aloud = {Step.CLOSE, Step.REVOKE, Step.REMARK} & {*self.taken}
        assert not ended_aloud or self.taken[0] is Step.DECIDE
        assert self.taken.count(Step.DECIDE) <= 1 and self.taken.count(Step.REVOKE) <= 1
        assert self.state in STATE_LABELS


Course.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestCourse = Course.TestCase
