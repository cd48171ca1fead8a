"""A unit whose catalogue, or a hub whose own log, has gone on in its next epoch (feed §11)."""

from fenhe_client.stored.files import CHECKPOINT, ROOT, root_path
from fenhe_hub.hub import Hub
from fenhe_hub.operations.keys import root_desk
from fenhe_hub.restoring.new_epoch import begin, end_log_at, ending_here, epoch_named
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_changes import end_log
from fenhe_protocol.root_document import LogEnd, compose_root, fingerprint, sign_root
from fenhe_protocol.root_text import read_root_text
from tests.hub.fake_node import FakeNode


def end_catalogue(node: FakeNode) -> int:
    """Let root document 2 end the catalogue where it stands, and list the next epoch."""
    first = parse_note(node.files(ROOT).read(root_path(1)) or b"").text
    held = read_root_text(first, allow_loopback_http=True)
    note = parse_note(node.files("catalogue").read(CHECKPOINT) or b"")
    head = parse_checkpoint(note.text)
    end = LogEnd(head.size, head.root)
    text = compose_root(
        origin=node.origin,
        unit=node.uscc,
        url=node.url,
        time=node.now,
        root=[node.root_key.public],
        logs=end_log(held.logs, "catalogue", end, successor=node.log_key.public),
        request=[node.request_key.public],
        n=2,
        prev=fingerprint(first),
    )
    signed = sign_root(text, node.origin, [node.root_key])
    node.files(ROOT).write_all({root_path(2): signed})
    node.writer("catalogue.2").recover(key=node.log_key, now=node.now)
    return head.size


async def end_fed(hub: Hub, now: int) -> int:
    """What the operator's command does; the size at which the epoch has ended."""
    ending = ending_here(hub, epoch_named(hub, hub.fed_name))
    assert await end_log_at(hub, root_desk(hub), ending, None, new_key=False, now=now)
    begin(hub, now)
    rebuild(hub)
    return ending.head.size
