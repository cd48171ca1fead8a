"""What was promised is never promised otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_hub.cosign import Cosigned, Statement
from fenhe_protocol.errors import StoreError

ORIGIN = "u1.example/fenhe/catalogue"
NOW = 1_795_392_065
FIRST = Statement(3, b"a" * 32, NOW)


@pytest.fixture
def cosigned(tmp_path: Path) -> Iterator[Cosigned]:
    store = Cosigned(tmp_path / "head.sqlite")
    yield store
    store.close()


def test_a_promise_is_remembered(cosigned: Cosigned) -> None:
    cosigned.promise(ORIGIN, Statement(), FIRST)
    assert cosigned.last(ORIGIN) == FIRST
    assert cosigned.latest_time() == NOW


def test_the_same_head_may_be_promised_again(cosigned: Cosigned) -> None:
    cosigned.promise(ORIGIN, Statement(), FIRST)
    cosigned.promise(ORIGIN, FIRST, Statement(3, b"a" * 32, NOW + 1))


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (Statement(2, b"b" * 32, NOW), "cosign.back"),
        (Statement(3, b"b" * 32, NOW), "cosign.back"),
        (Statement(4, b"b" * 32, NOW - 301), "cosign.clock"),
    ],
)
def test_what_disagrees_is_not_promised(cosigned: Cosigned, new: Statement, code: str) -> None:
    cosigned.promise(ORIGIN, Statement(), FIRST)
    with pytest.raises(StoreError) as caught:
        cosigned.promise(ORIGIN, FIRST, new)
    assert caught.value.code == code
    assert cosigned.last(ORIGIN) == FIRST


def test_of_two_that_race_one_wins(cosigned: Cosigned, tmp_path: Path) -> None:
    other = Cosigned(tmp_path / "head.sqlite")
    before = other.last(ORIGIN)
    cosigned.promise(ORIGIN, Statement(), FIRST)
    with pytest.raises(StoreError) as caught:
        other.promise(ORIGIN, before, Statement(5, b"c" * 32, NOW))
    other.close()
    assert caught.value.code == "cosign.race"
    assert cosigned.last(ORIGIN) == FIRST
