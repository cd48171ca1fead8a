"""A hub whose handlers have a key, and complaints with planted identities, for tests."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from fenhe_hub.casework import complaints
from fenhe_hub.casework.complaints import Case
from fenhe_hub.fed.round import FedRound
from fenhe_hub.feedback import handlers_key
from fenhe_hub.feedback.complaint import Complaint
from fenhe_hub.feedback.sealing import SECRET_BYTES, Secret
from fenhe_hub.feedback.settings import ComplaintSettings
from fenhe_hub.hub import Hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.complaining import receive
from fenhe_hub.office.roles import Role
from fenhe_hub.office.staff import Staff

PASSPHRASE = "示例口令 correct horse 9"
NAME, PHONE, STORY = "示例反映人甲", "0351-0000007", "示例经过甲乙丙"
PLANTED = (NAME, PHONE, STORY)
OPERATOR = Staff("operator1", Role.OPERATOR)


@dataclass
class ComplaintHouse:
    """A hub, its office, and a clock."""

    hub: Hub
    now: int
    secrets: dict[str, Secret] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        """At the time it is now."""
        return Office(self.hub, lambda: self.now)

    def complain(self, category: str = "platform", unit: str = "", text: str = STORY) -> str:
        """One complaint; its number."""
        self.now += 1
        secret = Secret.of_random(os.urandom(SECRET_BYTES))
        said = Complaint(category, unit, text=text, contact=f"{NAME} {PHONE}")
        number = receive(self.office, said, secret)
        self.secrets[number] = secret
        return number

    def case(self, number: str) -> Case:
        """As the tables have it."""
        with self.office.casework() as casework:
            found = complaints.case(casework.db, number)
        assert found is not None
        return found

    def say(self) -> None:
        """Let `fed` say what waits."""
        self.now += 60
        with FedRound(self.hub) as fed:
            fed.publish(self.now)

    def bytes_of_home(self) -> Iterator[tuple[Path, bytes]]:
        """Every file below the home."""
        for file in sorted(self.hub.home.path.rglob("*")):
            if file.is_file():
                yield file, file.read_bytes()


def with_key(hub: Hub, now: int, **settings: int) -> ComplaintHouse:
    """A hub that takes complaints."""
    complaints_ = ComplaintSettings(**settings)
    hub = replace(hub, config=replace(hub.config, complaints=complaints_))
    handlers_key.make_key(hub.home, PASSPHRASE, now)
    return ComplaintHouse(hub, now)
