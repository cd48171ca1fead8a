"""YAML that would grow, go deep or act ends in a short error, whoever reads it."""

import pytest
import yaml

from fenhe_client.yaml_text import MOST_BYTES, compose_yaml, load_yaml

GROWING = "[&a0 [x, x]," + ",".join(f"&a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)) + "]"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"", None),
        (b"a:\n", {"a": None}),
        (b"\xef\xbb\xbfa: 1", {"a": 1}),
        (b"a: &one [1, 2]\nb: *one\n", {"a": [1, 2], "b": [1, 2]}),
        (b"[" * 31 + b"]" * 31, None),
        ("名: 值 # 注".encode(), {"名": "值"}),
        (b"- &a " + b"[" + b"x, " * 200 + b"]\n" + b"- *a\n" * 300, None),
    ],
)
def test_what_people_write_is_read(raw: bytes, value: object) -> None:
    assert load_yaml(raw) == (yaml.safe_load(raw) if value is None else value)


@pytest.mark.parametrize(
    "raw",
    [
        GROWING.encode(),
        b"&a [*a]",
        b"a: *nobody",
        b"[" * 33 + b"]" * 33,
        b"[" * 200_000,  # more than libyaml's loader survives
        b"- " * 200_000,
        b"? " * 200_000,
        b"a: !!python/object/apply:os.system ['true']",
        b"a: \x07",
        b"\xff\xfea\x00",
        b"a: 2026-02-30",
        b"a: 0x" + b"9" * 5000,  # a number, and none that can be written in ten digits
        b"readers: [a]\nreaders: [b]\n",
        b"x: {a: 1, a: 2}",
        b"---\na: 1\n---\nb: 2\n",
        b"x" * (MOST_BYTES + 1),
    ],
    ids=lambda raw: repr(raw[:12]),
)
def test_what_is_none_is_told_in_short(raw: bytes) -> None:
    with pytest.raises(yaml.YAMLError) as error:
        load_yaml(raw)
    assert len(str(error.value)) < 1_000
    assert "\n" not in str(error.value)


def test_the_line_is_named() -> None:
    with pytest.raises(yaml.YAMLError, match=r"^the key 'a' stands twice line 2, column 1$"):
        load_yaml(b"a: 1\na: 2\n")


@pytest.mark.parametrize("raw", [b"a: " + b"{a: " * 1500, b"&a {a: *a}", b"\xff", b"a: ["])
def test_nodes_are_no_way_around_the_limits(raw: bytes) -> None:
    with pytest.raises(yaml.YAMLError):
        compose_yaml(raw)
