import argparse

import pytest

from fenhe_client.command_line import EXIT_USAGE, CommandLine, asked_for


def command_line() -> CommandLine:
    parser = CommandLine(prog="fenhe-x")
    parser.add_argument("--home", required=True)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    publish = commands.add_parser("publish")
    publish.add_argument("--size", type=int)
    one = publish.add_mutually_exclusive_group()
    one.add_argument("--now", action="store_true")
    one.add_argument("--later", action="store_true")
    commands.add_parser("import")
    return parser


@pytest.mark.parametrize(
    ("arguments", "chinese", "also"),
    [
        (["publish"], "缺少 --home", "fenhe-x --help"),
        (["--home"], "--home 后面要写值", "expected one argument"),
        (["--home", "h", "publsh"], "COMMAND 不能是 publsh", "did you mean: publish"),
        (["--home", "h", "publish", "--size", "x"], "--size 的值不对：x", "invalid int value"),
        (["--home", "h", "publish", "--now", "--later"], "--later 不能与 --now 同用", "--help"),
        (["--home", "h", "publish", "--nwo"], "没有这样的参数：--nwo", "fenhe-x publish --help"),
        (["--home", "h", "--nwo", "publish"], "没有这样的参数：--nwo", "fenhe-x --help"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese_first(
    arguments: list[str], chinese: str, also: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        command_line().parse_args(arguments)
    told = capsys.readouterr().err
    assert left.value.code == EXIT_USAGE
    assert told.startswith(f"命令写法有误：{chinese}\n")
    assert also in told


def test_what_is_rare_sends_to_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        CommandLine(prog="fenhe-x").error("something else")
    assert capsys.readouterr().err.splitlines() == [
        "命令写法有误：请对照用法",
        "something else",
        "用法 usage: fenhe-x --help",
    ]


OPERATIONS = {"setup": "init config", "keys": "rotate-key keys"}


@pytest.mark.parametrize(
    ("arguments", "operations"),
    [
        (["--home", "h", "init"], ["setup"]),
        (["--home", "h", "keys", "--json"], ["keys"]),
        (["--home", "keys", "init"], ["setup", "keys"]),
        (["--home", "h", "kesy"], ["setup", "keys"]),
        (["--home", "h", "init", "--help"], ["setup", "keys"]),
        ([], ["setup", "keys"]),
    ],
)
def test_only_what_is_asked_for_is_imported(arguments: list[str], operations: list[str]) -> None:
    assert asked_for(arguments, OPERATIONS) == operations


def test_its_commands_speak_alike() -> None:
    found = [a for a in command_line()._actions if isinstance(a, argparse._SubParsersAction)]
    assert all(type(each) is CommandLine for group in found for each in group.choices.values())
