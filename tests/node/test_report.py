import json

from fenhe_node.report import Exit, Report, grouped, table, width


def test_a_chinese_character_takes_two_columns() -> None:
    assert width("共38条") == 6
    assert table([["单位", "n"], ["ab", "12"]]) == "单位  n\nab    12"


def test_a_fingerprint_is_read_in_groups_of_four() -> None:
    assert grouped("77f1ed57e3") == "77f1 ed57 e3"


def test_facts_carry_the_exit_code_so_that_a_pipe_keeps_it() -> None:
    said = Report("做了一部分", {"published": 3}, Exit.IN_PART).rendered(as_json=True)
    assert json.loads(said) == {"published": 3, "exit": 4}
