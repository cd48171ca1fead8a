"""Errors: every code has its sentences, and what is shown fits one safe line."""

import ast
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from fenhe_protocol import errors
from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.errors import Deferred, FenheError, Forked, Refused, RequestError

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path for folder in ("protocol", "node", "hub") for path in (ROOT / folder).rglob("*.py")
)
CLASSES = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, FenheError)
}


def codes_in(path: Path) -> Iterator[str]:
    """Codes given to an error class, or to a function here that makes one or takes a `code`."""
    tree = ast.parse(path.read_bytes())
    makers = CLASSES | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (_makes_errors(node) or _takes_code(node))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            code = node.args[0]
            if node.func.id in makers and isinstance(code, ast.Constant):
                yield str(code.value)


def _makes_errors(function: ast.FunctionDef) -> bool:
    return (
        isinstance(function.returns, ast.Name)
        and function.returns.id in CLASSES
        and _takes_code(function)
    )


def _takes_code(function: ast.FunctionDef) -> bool:
    return bool(function.args.args) and function.args.args[0].arg == "code"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_that_is_used_has_its_sentences(path: Path) -> None:
    assert sorted(set(codes_in(path)) - TEXTS.keys()) == []


def test_codes_stand_by_area() -> None:
    areas = [area for area, _ in groupby(TEXTS, key=lambda code: code.partition(".")[0])]
    assert len(areas) == len(set(areas))


@pytest.mark.parametrize("code", TEXTS)
def test_a_sentence_is_in_its_language(code: str) -> None:
    zh, en = TEXTS[code]
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert not any("\u4e00" <= character <= "\u9fff" for character in en)
    assert not (zh + en).endswith((".", "。", " "))


def test_an_error_reads_chinese_first_and_names_both_sides() -> None:
    error = Refused("checkpoint.size", where="u1.example", expected="2", found="02", advice="ask")
    zh, en = TEXTS["checkpoint.size"]
    assert str(error) == (
        f"checkpoint.size: {zh} / {en}"
        " (位置 at: u1.example; 应为 expected: 2; 实为 found: 02; 建议 advice: ask)"
    )


def test_a_problem_has_only_the_members_that_say_something() -> None:
    assert RequestError("request.key", status=401, found="ab").problem() == {
        "type": "urn:fenhe:error:request.key",
        "title": " / ".join(TEXTS["request.key"]),
        "code": "request.key",
        "found": "ab",
    }


def test_what_a_stranger_sent_stays_on_one_short_line() -> None:
    shown = str(Refused("note.form", found="a\n\x1b[31m\u202eb" + "c" * 10_000))
    assert shown.isprintable()
    assert len(shown) < 400


def test_a_code_without_sentences_still_shows_itself() -> None:
    assert str(FenheError("area.unheard")) == "area.unheard: area.unheard / area.unheard"


def test_every_branch_carries_its_own() -> None:
    assert Forked("note.form", evidence=(b"a", b"b")).evidence == (b"a", b"b")
    assert Deferred("note.form", retry_after=30).retry_after == 30
    assert RequestError("note.form").status == 400
