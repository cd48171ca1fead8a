"""A mail server for tests: speaks enough SMTP for a real client, on a real socket."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class PostOffice:
    """What came in, and what it refuses: an address → its answer."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    signed_in: list[str] = field(default_factory=list)  # what was sent to sign in

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it leaves."""
        with suppress(ConnectionError), closing(writer):
            writer.write(b"220 mail.example\r\n")
            sender, to = "", list[str]()
            while line := (await reader.readline()).decode().strip():
                verb = line.upper()
                answer = "250 ok"
                if verb.startswith("MAIL FROM"):
                    sender, to = line[10:].split()[0].strip("<>"), []
                elif verb.startswith("RCPT TO"):
                    address = line[8:].split()[0].strip("<>")
                    answer = self.refuses.get(address, answer)
                    to += [address] if answer == "250 ok" else []
                elif verb == "DATA":
                    writer.write(b"354 go on\r\n")
                    self._take(await reader.readuntil(b"\r\n.\r\n"), sender, to)
                else:
                    answer = self._greeted(line)
                writer.write(f"{answer}\r\n".encode())
                await writer.drain()

    def _greeted(self, line: str) -> str:
        if line.upper().startswith("EHLO"):
            return "250-mail.example\r\n250 AUTH PLAIN"
        if line.upper().startswith("AUTH"):
            self.signed_in.append(line)
            return self.refuses.get("AUTH", "235 welcome")
        return "221 bye"

    def _take(self, raw: bytes, sender: str, to: list[str]) -> None:
        self.envelopes.append((sender, to))
        self.letters.append(message_from_bytes(raw[:-5], policy=default))


@contextmanager
def post_office(tls: ssl.SSLContext | None = None) -> Iterator[PostOffice]:
    """One that runs in a thread of its own: the node's client waits for it."""
    office, loop, ready = PostOffice(), asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(office.serve, "127.0.0.1", 0, ssl=tls)
        office.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        await server.wait_closed()
        clients = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*clients, return_exceptions=True)

    def work() -> None:
        loop.run_until_complete(run())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        yield office
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
