from fenhe_protocol.terminal import grouped, padded, table, width


def test_a_chinese_character_takes_two_columns() -> None:
    assert width("共38条") == 6
    assert padded("单位", 6) == "单位  "
    assert table([["单位", "n"], ["ab", 12]]) == "单位  n\nab    12"


def test_a_row_may_be_shorter_than_others() -> None:
    assert table([["a", "b", "c"], ["long"], []]) == "a     b  c\nlong\n"
    assert table([]) == ""


def test_a_fingerprint_is_read_in_groups_of_four() -> None:
    assert grouped("77f1ed57e3") == "77f1 ed57 e3"
