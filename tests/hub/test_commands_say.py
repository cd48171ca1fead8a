"""What the hub's commands tell an operator: who is late and why, what to mend, what went wrong."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.agenda.outcome_words import told
from fenhe_hub.cli import main
from fenhe_hub.home import locked
from fenhe_hub.operations import forward_report
from fenhe_hub.upstream.forwarding import send_due
from fenhe_hub.upstream.outbox import Candidate, Item, ItemState, Patience
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.seam import Delivery, Reply
from fenhe_hub.upstream.sending import SILENCES
from tests.hub.fake_node import FakeNode
from tests.hub.test_serve import fenhe_hub

USCC = "12140000000000019W"
CANDIDATE = Candidate(USCC, "instrument", "A-1", "u1.example/fenhe/catalogue", 3, "ins", "{}", "aa")
LACKING = replace(CANDIDATE, lacking=("postalcode 缺失", "novelty 缺失"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert main(["--home", str(tmp_path / "hub"), "init", "--origin", "hub.example/fenhe"]) == 0
    return tmp_path / "hub"


def test_an_outcome_is_said_in_words_with_its_code() -> None:
    assert told("unchanged", "") == "无变化 unchanged"
    assert told("defer", "fetch.connect", "") == "没取到 defer: fetch.connect 无法连接"
    assert told("refuse", "note.form", "index 4").endswith("index 4")


@pytest.mark.parametrize("command", [["sync", "--once"], ["check"], ["status"]])
def test_a_hub_without_units_says_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(["--home", str(home), *command]) == 0
    assert "fenhe-hub enrol" in capsys.readouterr().out


async def test_enrolling_again_says_so_and_a_unit_is_in_status_at_once(
    home: Path, tmp_path: Path
) -> None:
    nodes = [FakeNode(tmp_path / f"u{number}", number) for number in (1, 2)]
    for node in nodes:
        async with node.serving():
            told = ("enrol", node.url, "--allow-private", "--fingerprint", node.fingerprint)
            code, said, _ = await fenhe_hub(home, *told)
            assert (code, "已登记" in said) == (0, True)
            code, said, _ = await fenhe_hub(home, *told)
            assert (code, "早已登记" in said) == (0, True)
    _, said, _ = await fenhe_hub(home, "status")
    assert [node.origin in said for node in nodes] == [True, True]


async def test_a_private_address_is_refused_with_the_option_that_allows_it(
    home: Path, tmp_path: Path
) -> None:
    node = FakeNode(tmp_path / "u1")
    code, _, complaint = await fenhe_hub(home, "enrol", node.url, "--fingerprint", node.fingerprint)
    assert (code, "--allow-private" in complaint) == (3, True)


def test_a_fingerprint_that_is_none_is_never_compared(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["enrol", "https://u1.example", "--fingerprint", "ab cd"]
    assert main(["--home", str(home), *asked]) == 1
    assert "64" in capsys.readouterr().err


def test_two_servers_of_one_home_are_one_too_many(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(home / "serve.lock"):
        assert main(["--home", str(home), "serve", "--listen", "127.0.0.1:0"]) == 1
    assert "home.served" in capsys.readouterr().err


def test_a_port_in_use_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--home", str(home), "serve", "--listen", f"127.0.0.1:{port}"]) == 1
    assert "serve.listen" in capsys.readouterr().err


def test_a_database_that_fails_is_no_traceback(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "index.sqlite").mkdir()
    assert main(["--home", str(home), "status"]) == 1
    assert "store.failed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (["--report", "--approve", USCC, "--by", "示例函 1 号"], "forward.unit"),
        (["--report", "--audit", "nowhere.csv"], "source.unreadable"),
    ],
)
def test_a_slip_in_forward_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], wrong: list[str], code: str
) -> None:
    assert main(["--home", str(home), "forward", *wrong]) == 1
    assert code in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("insCode,innerId,auditStatus,名称\n1,2,0,示例\n".encode("gb18030"), 0),  # from Excel
        (b"insCode,innerId,auditStatus\n1,2,\xff\xff\n", 1),
        (b"insCode,innerId,auditStatus\n1,2,passed\n", 1),
        (b'insCode,innerId,auditStatus\n1,"' + b"2" * 200_000, 1),
    ],
)
def test_review_states_are_read_as_spreadsheets_write_them_or_named(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bytes, code: int
) -> None:
    (states := tmp_path / "states.csv").write_bytes(raw)
    assert main(["--home", str(home), "forward", "--report", "--audit", str(states)]) == code
    assert ("forward.audit" in capsys.readouterr().err) is bool(code)


def test_forward_names_the_records_to_mend_with_our_titles() -> None:
    items = [Item(LACKING, ItemState.RETURNED, code=202), Item(CANDIDATE, ItemState.DONE)]
    said = forward_report.text(items, forward_report.Said())
    assert "邮政编码 postalcode 缺失" in said
    assert "novelty 缺失" in said
    assert USCC in said
    report = forward_report.value(items, forward_report.Said())
    assert (report["forwarded"], [each["id"] for each in report["to_mend"]]) == (1, ["A-1"])


def test_forward_says_why_the_platform_is_silent() -> None:
    said = forward_report.text(
        [Item(CANDIDATE, ItemState.RETRY)], forward_report.Said("HTTPError: 404")
    )
    assert "没有答复 no answer: HTTPError: 404" in said


class Silent:
    """A platform that never answers."""

    def __init__(self) -> None:
        self.calls = 0

    async def deliver(self, delivery: Delivery) -> Reply:
        self.calls += 1
        return Reply(None, "ConnectTimeout: no route\nmore")

    async def close(self) -> None: ...


def test_a_silent_platform_ends_the_run_and_loses_nothing(tmp_path: Path) -> None:
    outbox, upstream = OutboxStore(tmp_path / "outbox.sqlite"), Silent()
    with outbox.transaction():
        for number in range(9):
            candidate = replace(CANDIDATE, record_id=f"A-{number}")
            outbox.put(Item(candidate, ItemState.READY))
    asyncio.run(send_due(outbox, upstream, lambda: 0, Patience(), lambda done, due: None))
    states = [item.state for item in outbox.items()]
    assert (upstream.calls, states.count(ItemState.READY)) == (SILENCES, 9 - SILENCES)
    assert outbox.last_silence() == "ConnectTimeout: no route"
    outbox.close()
