"""The hub's letters: queued durably, sent, tried again, told of where they cannot be delivered."""

from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.mailing.smtp import MailTrouble
from fenhe_hub.hub import Hub
from fenhe_hub.mailing.outgoing import KEPT_SECONDS, Letter, Outgoing, post, send_due
from fenhe_hub.mailing.settings import MailSettings
from fenhe_hub.operations.mail import send_test
from fenhe_protocol.errors import InputError, SetupError
from tests.client.post_office import post_office
from tests.hub.fake_node import START as NOW
from tests.hub.houses import new_hub

LETTER = Letter("unit@example.org", "限期整改通知 N-2026-0001", "请于期限内整改。", "u1")


def settings(port: int) -> MailSettings:
    return MailSettings(host="127.0.0.1", port=port, security="none", sender="hub@example.org")


def mailing(hub: Hub, port: int) -> Hub:
    return replace(hub, config=replace(hub.config, mail=settings(port)))


def test_a_letter_goes_out_once_and_who_got_which_when_is_kept_without_its_text(
    tmp_path: Path,
) -> None:
    home = new_hub(tmp_path / "hub").home
    with post_office() as office:
        post(home, LETTER, NOW)
        assert send_due(home, settings(office.port), NOW + 5) == 1
        assert send_due(home, settings(office.port), NOW + 6) == 0
    assert office.letters[0]["Subject"] == LETTER.subject
    assert office.letters[0].get_content().strip() == LETTER.body
    with Outgoing.open(home) as outgoing:
        last = outgoing.last_sent("u1")
        assert last is not None and (last.settled_at, last.body) == (NOW + 5, "")
        assert outgoing.last_sent("u2") is None and outgoing.counts() == {"sent": 1}
        assert outgoing.delete_old(NOW + KEPT_SECONDS) == 0
        assert outgoing.delete_old(NOW + KEPT_SECONDS + 1) == 1


def test_a_letter_that_is_refused_waits_for_a_person_and_holds_up_no_other(tmp_path: Path) -> None:
    home = new_hub(tmp_path / "hub").home
    with post_office() as office:
        office.refuses["unit@example.org"] = "550 no such user"
        post(home, LETTER, NOW)
        post(home, replace(LETTER, to="other@example.org"), NOW)
        assert send_due(home, settings(office.port), NOW) == 1
    with Outgoing.open(home) as outgoing:
        (trouble,) = outgoing.troubled()
        assert (trouble.state, trouble.to_address) == ("failed", "unit@example.org")
        assert outgoing.forget_failed() == 1 and not outgoing.troubled()


def test_with_the_server_away_letters_wait_and_without_one_nothing_is_lost(tmp_path: Path) -> None:
    home = new_hub(tmp_path / "hub").home
    post(home, LETTER, NOW)
    assert send_due(home, MailSettings(), NOW) == 0
    assert send_due(home, settings(9), NOW) == 0
    with Outgoing.open(home) as outgoing:
        (waiting,) = outgoing.troubled()
        assert (waiting.state, waiting.attempts, outgoing.oldest_waiting()) == ("waiting", 1, NOW)


def test_a_delivery_test_shows_at_once_what_the_mail_server_says(tmp_path: Path) -> None:
    hub = new_hub(tmp_path / "hub")
    with pytest.raises(SetupError, match=r"mail\.off"):
        send_test(hub, "a@example.org", NOW)
    with post_office() as office:
        hub = mailing(hub, office.port)
        send_test(hub, "a@example.org", NOW)
        assert office.envelopes == [("hub@example.org", ["a@example.org"])]
        with pytest.raises(InputError, match=r"mail\.address"):
            send_test(hub, "a@example.org, b@example.org", NOW)
        office.refuses["b@example.org"] = "550 no"
        with pytest.raises(MailTrouble, match="550"):
            send_test(hub, "b@example.org", NOW)
