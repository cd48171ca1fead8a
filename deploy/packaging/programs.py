"""The programs that are packaged, and what each has of its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """One package: the command that serves, its account, where its home and its settings lie."""

    name: str  # of package, command and service
    account: str
    short: str  # the last part of /var/lib/fenhe/…, and of /etc/fenhe/…
    others: tuple[str, ...]  # commands that come with it
    summary: str
    description: tuple[str, ...]

    @property
    def home(self) -> str:
        """What `--home` is where nothing is said."""
        return f"/var/lib/fenhe/{self.short}"

    @property
    def settings(self) -> str:
        """What `config.yaml` of that home leads to."""
        return f"/etc/fenhe/{self.short}/config.yaml"

    @property
    def prefix(self) -> str:
        """Where its Python packages lie."""
        return f"/usr/lib/{self.name}"

    @property
    def backups(self) -> str:
        """The one other folder that its service may write to."""
        return f"/var/backups/{self.name}"


PROGRAMS = {
    each.name: each
    for each in (
        Program(
            name="fenhe-node",
            account="fenhe",
            short="node",
            others=("fenhe",),
            summary="publish a unit's research instruments as a signed feed",
            description=(
                "The node of one managing unit: it reads the unit's own lists, keeps what is",
                "personal at home, signs the rest, and serves it to the public and to the hub",
                "of its province.",
                ".",
                "The unit's data lie in /var/lib/fenhe/node and stay there when the package is",
                "removed or purged. All that is not Debian's own Python comes along.",
            ),
        ),
        Program(
            name="fenhe-hub",
            account="fenhe-hub",
            short="hub",
            others=(),
            summary="mirror, verify and judge the feeds of a province's units",
            description=(
                "The hub of a province: it mirrors what units sign, verifies it, judges it",
                "by the disclosure rules, and offers search, interfaces and a feed of its own.",
                ".",
                "Its data lie in /var/lib/fenhe/hub and stay there when the package is removed",
                "or purged. All that is not Debian's own Python comes along.",
            ),
        ),
    )
}
