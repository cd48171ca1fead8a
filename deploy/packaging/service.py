"""The service as a package has it: that of `deploy/systemd`, with the package's own folders."""

from deploy.packaging.programs import Program
from deploy.packaging.wheels import ROOT


def service_text(program: Program) -> str:
    """The unit file; what it says of an installation by hand is left out."""
    file = ROOT / f"deploy/systemd/{program.name}.service"
    text = file.read_text(encoding="utf-8").partition("\n[Unit]")[2]
    own = f"ReadWritePaths={program.settings.rpartition('/')[0]} -{program.backups}"
    for former, now in (
        ("/opt/fenhe/bin/", f"{program.prefix}/bin/"),
        (f"/var/lib/{program.name}", program.home),
        (f"StateDirectory={program.name}", f"StateDirectory=fenhe/{program.short}"),
        ("\nProtectSystem=strict\n", f"\nProtectSystem=strict\n{own}\n"),
    ):
        if former not in text:
            raise ValueError(f"{file}: no {former!r}")
        text = text.replace(former, now)
    return f"[Unit]{text}"
