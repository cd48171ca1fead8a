"""A hub that moves to another address: what is signed counts, whatever its file still says."""

import json
from pathlib import Path

from pytest import CaptureFixture

from fenhe_hub.cli import main
from fenhe_hub.hub import open_hub

OLD, NEW = "https://hub.example/fenhe", "https://kaifang.example/fenhe"


def test_a_move_that_was_killed_before_it_changed_the_file_is_done(
    tmp_path: Path, capsys: CaptureFixture[str]
) -> None:
    home = tmp_path / "hub"

    def run(*command: str) -> int:
        return main(["--home", str(home), *command, "--json"])

    made = ("--origin", "hub.example/fenhe", "--uscc", "12140000000000027P", "--public-url", OLD)
    assert run("init", *made) == 0
    file = home / "config.yaml"
    before = file.read_text("utf-8")
    assert run("set-url", NEW) == 0
    assert open_hub(home).config.public_url == open_hub(home).root.url == NEW
    after = file.read_text("utf-8")
    assert (OLD in after, NEW in after) == (False, True)
    # Killed between the document and the file, or a file from an older backup.
    file.write_text(before, "utf-8")
    assert open_hub(home).config.public_url == NEW
    capsys.readouterr()
    assert run("set-url", NEW) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "root.same"
    # An address that was never signed is the operator's own affair, as behind a tunnel.
    file.write_text(before.replace(OLD, "https://tunnel.example"), "utf-8")
    assert open_hub(home).config.public_url == "https://tunnel.example"
    # And back again.
    file.write_text(after, "utf-8")
    assert run("set-url", OLD) == 0
    assert open_hub(home).config.public_url == OLD
