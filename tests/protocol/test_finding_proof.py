"""A finding's file: what it proves of any history, and that no byte of it can be changed unseen."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fenhe_protocol.errors import FenheError, InputError, Refused
from fenhe_protocol.finding_file import MOST_BYTES, FindingFile
from fenhe_protocol.finding_proof import examine
from fenhe_protocol.strict_json import dumps, loads
from tests.protocol.found import HUB_MARK, NOW, USCC, Story

STEPS = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from(["A-1", "A-9"])),
    st.tuples(st.just("hub"), st.just("A-9")),
    st.tuples(st.just("erase"), st.integers(0, 20)),
    st.tuples(st.just("lose"), st.integers(0, 20)),
    st.tuples(st.just("cosign"), st.integers(0, 90)),
)

MEMBERS = ["claim", "fed", "form", "grounds", "hub", "logs", "rules", "unit"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["fed", "leaves", "note", "pub"]), inner, max_size=3)
    ),
)


def told(steps: list[tuple[str, object]]) -> Story:
    story = Story()
    for verb, what in steps:
        if verb == "publish":
            story.publish(str(what))
        elif verb == "hub":
            story.publish(str(what), ("hub",))
        elif verb == "cosign":
            story.cosign(NOW + 86_400 * int(str(what)))
        elif verb == "erase" and story.size:
            story.erase(int(str(what)) % story.size)
        elif story.size:
            story.lost.add(int(str(what)) % story.size)
    story.publish("A-2")
    story.cosign(NOW)
    return story


def some() -> Story:
    story = Story()
    for id_ in ("A-1", "A-9", "A-3"):
        story.publish(id_)
    story.cosign(NOW + 60)
    story.erase(0)
    story.publish("A-9", ("hub", "pub"))
    story.cosign(NOW + 120)
    return story


WHOLE = some().file().encode()
SEEN = examine(WHOLE, fingerprint=HUB_MARK)


@settings(max_examples=60)
@given(st.lists(STEPS, max_size=25))
def test_presence_absence_and_what_is_open_are_those_of_the_history(
    steps: list[tuple[str, object]],
) -> None:
    story = told(steps)
    seen = examine(story.file().encode(), fingerprint=HUB_MARK)
    (log,) = seen.logs
    bodies = dict(enumerate(story.bodies))
    gone = story.erased | story.lost
    there = {i for i, b in bodies.items() if b and b'"A-9"' in b.raw and i not in gone}
    assert {each.place.index for each in seen.sightings} == there
    for each in seen.sightings:
        times = [at for size, at in story.heads if size > each.place.index]
        assert each.at_latest == min(times)
    assert set(log.erased) == {i for i in story.erased if bodies[i]}
    assert set(log.unproven) == {i for i in story.lost - story.erased if bodies[i]}
    assert seen.is_complete == (not log.unproven)
    assert log.opened + log.silent + len(log.erased) + len(log.unproven) == log.size == story.size


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
@settings(max_examples=120)
@example(0, 1)
@example(len(WHOLE) - 1, 1)
def test_a_changed_byte_is_refused_or_says_something_else(at: int, by: int) -> None:
    changed = bytearray(WHOLE)
    changed[at] ^= by
    with suppress(FenheError):
        assert examine(bytes(changed), fingerprint=HUB_MARK) != SEEN


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 40), st.binary(max_size=20))
@settings(max_examples=80)
def test_whatever_is_cut_or_put_in_raises_nothing_but_our_own_errors(
    at: int, cut: int, added: bytes
) -> None:
    try:
        examine(WHOLE[:at] + added + WHOLE[at + cut :])
    except FenheError as error:
        assert error.code in error.problem()["type"]


@given(VALUES, st.sampled_from(MEMBERS))
@settings(max_examples=60)
def test_a_member_of_another_form_is_refused_at_its_place(value: object, name: str) -> None:
    members = loads(WHOLE) | {name: value}
    raw = dumps(members) + b"\n"
    try:
        assert FindingFile.decode(raw).encode() == raw
    except InputError as error:
        assert error.code == "finding.form" and error.where.startswith((name, "-"))


def test_what_is_taken_away_or_hidden_is_missed() -> None:
    story = some()
    file = story.file()
    (log,) = file.logs
    (part,) = file.fed
    refused: dict[str, list[dict[str, Any]]] = {
        "finding.tree": [
            {"logs": (replace(log, leaves=(*log.leaves[:-1], b"{}")),)},
            {"fed": (replace(part, leaves=part.leaves[1:]),)},
            {"fed": (replace(part, beside=(*part.beside, bytes(32))),)},
        ],
        "finding.closed": [{"logs": (replace(log, bodies=(*log.bodies[:-1], None)),)}],
        "finding.rules": [{"rules": file.rules + " "}],
        "finding.roots": [{"unit": ()}],
        "finding.unregistered": [{"claim": {**file.claim, "unit": USCC[:-1] + "X"}}],
        "finding.order": [
            {"logs": (log, log)},
            {"logs": (replace(log, leaves=log.leaves[:-1], bodies=log.bodies[:-1]),)},
        ],
    }
    for code, changes in refused.items():
        for change in changes:
            with pytest.raises(Refused) as caught:
                examine(replace(file, **change).encode())
            assert caught.value.code == code, change.keys()


def test_a_unit_whose_log_is_not_in_the_file_is_not_said_to_lack_anything() -> None:
    seen = examine(replace(some().file(), logs=()).encode())
    assert seen.not_shown == ("catalogue",) and not seen.is_complete


def test_gaps_between_heartbeats_are_the_hubs_outages() -> None:
    story = some()
    story.beats = [NOW, NOW + 7200, NOW + 7200 + 7201]
    assert examine(story.file().encode()).outages == ((NOW + 7200, NOW + 14_401),)


def test_a_file_that_is_too_long_is_not_even_read() -> None:
    with pytest.raises(InputError, match=r"finding\.form"):
        FindingFile.decode(b"x" * (MOST_BYTES + 1))
