"""The papers agree with the code: what is generated, linked, shown as a command, or has a name."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_hub.console.act_names import ACT_NAMES
from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.schema import SchemaSet
from tests import command_lines, printable, reference
from tests.sources import ROOT, cell_faults, constants, metrics

SKIPPED = {".venv", ".git", ".hypothesis", ".pytest_cache", "node_modules", "demo-data"}
PAPERS = sorted(
    path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts)
)
GENERATED = reference.files()
ADRS = sorted(
    path for path in (ROOT / "docs/adr").glob("[0-9]*.md") if re.match(r"\d{4}-", path.name)
)
FAULTS = {fault.code for fault in cell_faults()}
FILES = (".html", ".json", ".lock", ".css", ".sqlite", ".yaml", ".py", ".md")
SETTINGS = {
    name for each in reference.SETTINGS.values() for name, *_ in reference.settings_of(each)
}
LIKE_A_CODE = re.compile(
    rf"(?:{'|'.join(sorted({code.partition('.')[0] for code in TEXTS}))})\.[a-z]+(?:-[a-z]+)*"
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
SHOWN = re.compile(r"^\$ ((?:.*\\\n)*.*)", re.MULTILINE)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", GENERATED)
def test_what_is_generated_is_up_to_date(path: str) -> None:
    stored = (ROOT / path).read_text(encoding="utf-8")
    assert stored == GENERATED[path], "run: .venv/bin/python -m tests.reference"


def test_the_page_that_prints_is_made_of_the_quick_start() -> None:
    stored = printable.TARGET.read_text(encoding="utf-8")
    assert stored == printable.printable(), "run: .venv/bin/python -m tests.printable"


@pytest.mark.parametrize("program", command_lines.PROGRAMS)
def test_every_command_and_option_is_in_the_reference(program: str) -> None:
    text = GENERATED[reference.REFERENCE]
    for name, command in command_lines.commands_of(command_lines.parser_of(program)).items():
        section = text.partition(f"#### {program} {name}\n")[2].partition("\n#")[0]
        for action in command._actions[1:]:  # the first is --help
            shown = action.metavar or next(iter(action.choices or [action.dest]))
            for word in action.option_strings or [str(shown)]:
                assert word in section, (name, word)
            assert str(action.help) in section.replace("\\<", "<"), (name, action.help)


@pytest.mark.parametrize("program", command_lines.PROGRAMS)
def test_every_command_says_what_it_is_for_and_every_option_too(program: str) -> None:
    for name, command in command_lines.commands_of(command_lines.parser_of(program)).items():
        assert command.description, name
        assert [action.dest for action in command._actions if not action.help] == [], name


@pytest.mark.parametrize("program", command_lines.PROGRAMS)
def test_every_program_states_its_exit_codes(program: str) -> None:
    assert {0, 1, 2, 3} <= reference.exit_codes(command_lines.PROGRAMS[program]).keys()


def test_every_code_of_an_error_stands_in_the_sources_and_in_the_reference() -> None:
    used = {text for path, text in constants() if path.parent.name != "error_texts"}
    assert sorted(TEXTS.keys() - used) == []
    assert [code for code in TEXTS if f"`{code}`" not in GENERATED[reference.REFERENCE]] == []


def test_every_string_that_looks_like_a_code_of_an_error_is_one() -> None:
    found = {(text, named(path)) for path, text in constants() if is_unknown_code(text)}
    assert sorted(found) == []


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_code_and_metric_that_is_named_exists(paper: Path) -> None:
    words = INLINE.findall(FENCE.sub("", paper.read_text(encoding="utf-8")))
    assert [word for word in words if is_unknown_code(word)] == []
    known = {metric.name for metric in metrics()}
    named_metrics = {word for word in words if re.fullmatch(r"fenhe_(?:hub|node)_[a-z_]+", word)}
    assert named_metrics <= known


def is_unknown_code(text: str) -> bool:
    """Whether it looks like an error's code and is none, nor a file, a setting, fault or act."""
    if not LIKE_A_CODE.fullmatch(text) or text.endswith(FILES):
        return False
    return not any(text in known for known in (TEXTS, FAULTS, SETTINGS, ACT_NAMES))


def test_every_metric_is_in_the_reference_with_a_sentence() -> None:
    found = list(metrics())
    assert len(found) > 20
    for metric in found:
        assert f"`{metric.name}`" in GENERATED[reference.REFERENCE]
        assert metric.text, metric.name


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_link_to_a_file_or_heading_leads_somewhere(paper: Path) -> None:
    for link in LINK.findall(FENCE.sub("", paper.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (paper.parent / file).resolve() if file else paper
        assert target.exists(), link
        assert not anchor or anchor in set(anchors(target)), link


def anchors(paper: Path) -> Iterator[str]:
    """The anchors of a paper's headings, as GitHub makes them."""
    for title in re.findall(r"^#+ (.+)$", FENCE.sub("", paper.read_text("utf-8")), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        yield re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_command_that_is_shown_can_be_given(paper: Path) -> None:
    for fence in FENCE.findall(paper.read_text(encoding="utf-8")):
        for shown in SHOWN.findall(fence):
            for program, arguments in given(shown):
                accept(program, arguments)


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_command_named_in_a_sentence_exists(paper: Path) -> None:
    text = FENCE.sub("", paper.read_text(encoding="utf-8"))
    for program, arguments in (g for shown in INLINE.findall(text) for g in given(shown)):
        known = command_lines.commands_of(command_lines.parser_of(program))
        words = [word for word in arguments if re.fullmatch("[a-z]+", word)]
        if words and words[0] not in {name.split()[0] for name in known}:
            pytest.fail(f"{program} {words[0]}")
        names = {" ".join(words[:2]), *words[:1]} & known.keys()
        options = {o for name in names for o in known[name]._option_string_actions}
        for option in (word for word in arguments if word.startswith("--")):
            assert option in {"--home", *options}, (program, arguments)


def given(shown: str) -> Iterator[tuple[str, list[str]]]:
    """The programs in a line of a shell and what they are given."""
    for part in re.split(r"\||&&|;|>", shown.replace("\\\n", " ")):
        line = re.sub(r"^(?:sudo|runuser) -u \S+ (?:-- )?", "", part.strip())
        if Path(line.partition(" ")[0]).name in command_lines.PROGRAMS:
            program, *arguments = shlex.split(line, comments=True)
            yield Path(program).name, arguments


def accept(program: str, arguments: list[str]) -> None:
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            command_lines.parser_of(program).parse_args(arguments)
        except SystemExit as end:
            assert not end.code, f"{program} {shlex.join(arguments)}: {said.getvalue()}"


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_make_target_that_is_named_exists(paper: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+(?:-[a-z]+)*):", makefile, re.MULTILINE))
    text = paper.read_text(encoding="utf-8")
    assert set(re.findall(r"(?:^|`|\$ )make ([a-z]+(?:-[a-z]+)*)", text, re.MULTILINE)) <= targets


def manual_text(manual: str) -> str:
    """All files of a manual."""
    files = sorted((ROOT / "docs/zh-CN").glob(f"{manual}*.md"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize(("manual", "end"), [("unit", "\n## "), ("hub", "\n\n")])
def test_the_manuals_explain_every_message_about_a_cell(manual: str, end: str) -> None:
    table = manual_text(manual).partition("| 提示 |")[2].partition(end)[0]
    explained = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
    of_hub = manual == "hub"
    faults = [fault for fault in cell_faults() if fault.code.startswith("list.") == of_hub]
    messages = [fault.zh for fault in faults]
    assert [m for m in messages if not any(m.startswith(e) for e in explained)] == []
    assert [e for e in explained if not any(m.startswith(e) for m in messages)] == []


@pytest.mark.parametrize("manual", ["unit", "hub"])
def test_the_manuals_explain_every_code_of_a_refused_body(manual: str) -> None:
    text = manual_text(manual)
    codes = SchemaSet.load().kind("rej").field("code").labels
    assert [code for code in codes if code != "ok" and f"`{code}`" not in text] == []


def test_every_configuration_key_is_in_the_reference_with_both_sentences() -> None:
    text = re.sub(r"\\([|<])", r"\1", GENERATED[reference.REFERENCE])
    for cls in reference.SETTINGS.values():
        for key, default, zh, en in reference.settings_of(cls):
            assert f"| `{key}` | `{default}` | {zh} | {en} |" in text


def test_decisions_are_numbered_without_a_hole_and_listed() -> None:
    numbers = [int(path.name[:4]) for path in ADRS]
    assert numbers == list(range(1, len(ADRS) + 1))
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    for path in ADRS:
        title = path.read_text(encoding="utf-8").splitlines()[0]
        number, _, sentence = title.removeprefix("# ").partition(". ")
        assert int(number) == int(path.name[:4]), path.name
        assert f"[{path.name[:4]}]({path.name}) {sentence}" in index, path.name


@pytest.mark.parametrize("kind", SchemaSet.load().kinds)
def test_every_kind_of_record_has_its_word(kind: str) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in glossary.splitlines() if line.startswith(f"| `{kind}` |")]
    assert [row[2].strip() for row in rows] == [SchemaSet.load().kind(kind).title_zh]


def test_the_contract_lists_every_kind_with_its_name_and_log() -> None:
    text = (ROOT / "schemas/README.md").read_text(encoding="utf-8")
    listed: list[tuple[str, str, str]] = []
    for kinds, titles, log in re.findall(r"^\| (`.+?`) \| ([^|]+) \| (\w+) \|", text, re.MULTILINE):
        pairs = zip(kinds.split(" · "), titles.split(" · "), strict=True)
        listed += [(kind.strip("`"), title, log) for kind, title in pairs]
    schemas = map(SchemaSet.load().kind, SchemaSet.load().kinds)
    assert sorted(listed) == sorted((kind.kind, kind.title_zh, kind.log) for kind in schemas)


def test_the_contract_explains_every_keyword_of_its_own_and_every_table() -> None:
    text = (ROOT / "schemas/README.md").read_text(encoding="utf-8")
    files = sorted((ROOT / "schemas").glob("*.schema.json"))
    used = {
        word for file in files for word in re.findall(r'"(x-[a-z-]+)":', file.read_text("utf-8"))
    }
    assert sorted(word for word in used if f"`{word}`" not in text) == []
    tables = {path.name for path in (ROOT / "schemas/tables").iterdir()}
    assert {name for name in tables if f"`{name}`" in text} == tables


def test_every_room_of_hub_and_node_stands_in_the_plan_of_the_house() -> None:
    plan = (ROOT / "docs/architecture.md").read_text("utf-8")
    packages = [ROOT / "hub/fenhe_hub", ROOT / "node/fenhe_node"]
    rooms = [init.parent.name for package in packages for init in package.glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}`" not in plan] == []
