"""Origins: which names a unit may have for ever."""

import pytest

from fenhe_protocol.origin import check_origin, log_origin, origin_hash


@pytest.mark.parametrize(
    "text",
    ["u1.example/fenhe", "hub.example/u/12140000000000019W", "127.0.0.1:8801/a/b", "h:65535/~x"],
)
def test_an_origin_is_kept_as_it_is(text: str) -> None:
    assert check_origin(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "u1.example",
        "u1.example/",
        "U1.example/fenhe",
        "u1.example/fenhe/",
        "u1.example//fenhe",
        "u1.example:443/fenhe",
        "u1.example:65536/fenhe",
        "u1.example:08/fenhe",
        "https://u1.example/fenhe",
        "u1.example/a+b",
        "u1.example/a b",
        "u1.example/汾河",
        "u1.example/fenhe\n",
        ".example/fenhe",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        check_origin(text)


def test_a_log_lies_below_its_unit() -> None:
    assert log_origin("u1.example/fenhe", "usage.2") == "u1.example/fenhe/usage.2"


def test_the_folder_of_an_origin_is_its_hash() -> None:
    expected = "59e3cfb824391637af494dfbcfeefe756403cede4aaff25d977d64bc4ede61a3"
    assert origin_hash("u1.example/fenhe/catalogue") == expected
