import json

from fenhe_node.report import Exit, Report


def test_facts_carry_the_exit_code_so_that_a_pipe_keeps_it() -> None:
    said = Report("做了一部分", {"published": 3}, Exit.IN_PART).rendered(as_json=True)
    assert json.loads(said) == {"published": 3, "exit": 4}
