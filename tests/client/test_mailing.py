"""Letters by a mail server that wants TLS and somebody signed in."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fenhe_client.mailing.settings import MailServer
from fenhe_client.mailing.smtp import MailTrouble, posting
from tests.client.certificates import self_signed
from tests.client.post_office import PostOffice, post_office

NOW = 1_795_392_065


@dataclass(frozen=True)
class Queued:
    """A letter of some queue."""

    number: int = 1
    to_address: str = "user@example.org"
    subject: str = "服务申请"
    body: str = "您好"
    attempts: int = 0


LETTER = Queued()


def settings(office: PostOffice, password: Path) -> MailServer:
    return MailServer(
        host="127.0.0.1",
        port=office.port,
        security="tls",
        user="node",
        password_file=str(password),
        sender="node@example.org",
    )


def trouble(wanted: MailServer) -> tuple[str, bool]:
    with pytest.raises(MailTrouble) as caught, posting(wanted, Path("/")):
        raise AssertionError
    return caught.value.code, caught.value.for_good


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("example\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def test_a_letter_goes_out_over_tls_to_a_server_that_is_vouched_for(
    tmp_path: Path, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    with post_office(tls) as office, posting(settings(office, password), tmp_path) as server:
        server.send(LETTER, NOW)
        assert office.envelopes == [("node@example.org", ["user@example.org"])]
        assert len(office.signed_in) == 1
        assert office.letters[0]["Auto-Submitted"] == "auto-generated"


def test_no_password_is_sent_to_a_server_that_nobody_vouches_for(
    tmp_path: Path, password: Path
) -> None:
    with post_office(self_signed(tmp_path)) as office:
        assert trouble(settings(office, password)) == ("mail.unreachable", False)
        assert not office.signed_in


def test_a_wrong_password_is_mended_by_a_person_and_the_letter_waits(
    tmp_path: Path, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    with post_office(tls) as office:
        office.refuses["AUTH"] = "535 no"
        assert trouble(settings(office, password)) == ("mail.refused", False)
        assert trouble(settings(office, tmp_path / "absent")) == ("mail.password", False)
        password.write_text("口令", encoding="utf-8")
        assert trouble(settings(office, password)) == ("mail.password", False)
        password.write_text("secret-令", encoding="utf-8")
        with pytest.raises(MailTrouble) as caught, posting(settings(office, password), tmp_path):
            pass
        assert "u4ee4" not in str(caught.value)


def test_a_server_without_tls_gets_neither_password_nor_letter(password: Path) -> None:
    with post_office() as office:
        plain = MailServer(
            host="127.0.0.1",
            port=office.port,
            user="node",
            password_file=str(password),
            sender="node@example.org",
        )
        assert trouble(plain) == ("mail.unreachable", False)
        assert not office.signed_in


def test_the_password_lies_in_the_home_and_is_read_by_nobody_else(
    tmp_path: Path, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    with post_office(tls) as office:
        at_home = replace(settings(office, password), password_file=password.name)
        with posting(at_home, tmp_path):
            pass
        password.chmod(0o640)
        with pytest.raises(MailTrouble) as caught, posting(at_home, tmp_path):
            pass
    assert (caught.value.code, caught.value.advice) == ("mail.password", "chmod 600")
    assert "0640" in str(caught.value)
    assert len(office.signed_in) == 1
