"""Letters and calendars, whatever text goes into them."""

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.mailing.settings import is_mail_address
from fenhe_client.mailing.smtp import compose
from fenhe_node.orders.calendar import Span, calendar, overlapping
from fenhe_node.pages.availability import busy_days
from fenhe_node.settings.mail import MailSettings
from fenhe_node.store.mails import QueuedMail
from tests.node.homes import NOW

HEADS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"}
HEADS |= {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
HOUR = 3600
DAY = 24 * HOUR


def letter(to: str, subject: str, body: str = "您好") -> QueuedMail:
    return QueuedMail(1, to, subject, body, NOW, NOW, number=1)


@given(st.text(), st.text(), st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_adds_a_head_or_a_recipient_to_a_letter(to: str, subject: str, body: str) -> None:
    for address in (to, f"a@example.org{to}", f"{to}@example.org"):
        try:
            message = compose(letter(address, subject, body), "node@example.org", NOW)
        except ValueError:
            continue  # refused: an address or a subject of several lines
        assert is_mail_address(address)
        found = message_from_bytes(message.as_bytes(), policy=default)
        assert set(found.keys()) <= HEADS
        assert [each.addr_spec for each in found["To"].addresses] == [address]


@pytest.mark.parametrize(
    "address",
    [
        *("a@example.org\nBcc: b@example.org", "a@example.org, b@example.org", "<a@example.org>"),
        *("a b@example.org", "a@b@example.org", '"a"@example.org', "a@example", "@example.org"),
        *("a@-example.org", "a..b@example.org", "a@exa mple.org", "用户@example.org", ""),
        "a" * 90 + "@example.org",
    ],
)
def test_what_is_no_single_plain_address_is_none(address: str) -> None:
    assert not is_mail_address(address)
    with pytest.raises(ValueError, match="mail address"):
        compose(letter(address, "x"), "node@example.org", NOW)


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "mail.example.org"},
        {"host": "mail.example.org", "sender": "nobody"},
        {"host": "mail.example.org", "sender": "a@example.org", "security": "none"},
        {"host": "mail.example.org", "sender": "a@example.org", "user": "a"},
        {"port": 0},
        {"notify": "a@example.org, b@example.org"},
    ],
    ids=str,
)
def test_settings_by_which_no_letter_could_go_out_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=":"):
        MailSettings(**settings)  # type: ignore[arg-type]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(alphabet="a/.:é\n"))
def test_no_text_adds_a_line_to_a_calendar(name: str, origin: str) -> None:
    text = calendar(name, origin, [Span(NOW, NOW + HOUR, "o1")], NOW)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = text.replace("\r\n ", "").split("\r\n")
    assert [line.partition(":")[0] for line in whole if line.startswith(("BEGIN", "END"))] == [
        *("BEGIN", "BEGIN", "END", "END")
    ]
    assert len(whole) == 18 - 1


def test_a_calendar_tells_times_alone() -> None:
    text = calendar("核磁", "u1.example/fenhe", [Span(NOW, NOW + HOUR, "o7")], NOW)
    event = text[text.index("BEGIN:VEVENT") : text.index("END:VEVENT")].split("\r\n")
    assert event[1:-1] == [
        "UID:o7@u1.example/fenhe",
        "DTSTAMP:20261123T000000Z",
        "DTSTART:20261123T000000Z",
        "DTEND:20261123T010000Z",
        "SUMMARY:已预约 Busy",
        "TRANSP:OPAQUE",
        "CLASS:PUBLIC",
    ]


def test_a_time_over_midnight_stands_on_both_days_and_what_is_past_on_none() -> None:
    spans = [Span(NOW + 14 * HOUR, NOW + 18 * HOUR), Span(NOW - 2 * DAY, NOW - DAY)]
    days = busy_days(spans, NOW, 480)  # 22:00 to 02:00 where the unit is
    assert [(day.date, day.weekday, day.times) for day in days] == [
        ("11-23", "周一", ("22:00–24:00",)),
        ("11-24", "周二", ("00:00–02:00",)),
    ]
    assert busy_days([Span(NOW + 40 * DAY, NOW + 41 * DAY)], NOW, 480) == []


@given(st.integers(0, 9), st.integers(1, 5), st.integers(0, 9), st.integers(1, 5))
def test_two_spans_overlap_if_they_share_a_moment(a: int, n: int, b: int, m: int) -> None:
    shared = set(range(a, a + n)) & set(range(b, b + m))
    assert bool(overlapping([Span(a, a + n)], b, b + m)) == bool(shared)
