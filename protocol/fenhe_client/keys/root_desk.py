"""The next root document on its way: composed, signed by as many as must, then served (feed §5).

    text ─► signatures by keys that are here ─► enough? ─► root/<n+1> is served, and in force
                                                  └─ no ─► draft: text and lines wait in a folder
                              lines from other machines ─► take ─┘

Serving the document is one rename, and nothing else says which keys are in force: killed anywhere,
a program has either the old document or the new one. The caller holds the lock of its home, for a
bound must lie above every head that is signed meanwhile. Start at `RootDesk`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.keys.own_keys import OwnKeys
from fenhe_client.keys.sign_command import program_of, signature_by
from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.files import FeedFiles, root_path
from fenhe_client.stored.head_store import HeadStore
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import InputError, Refused, SetupError
from fenhe_protocol.keys import ED25519, SigningKey, VerifierKey, verify_ed25519
from fenhe_protocol.note import NoteSignature, append_signature, parse_note
from fenhe_protocol.root_changes import Lacking, lacking
from fenhe_protocol.root_document import (
    RootDocument,
    check_next,
    open_next,
    root_key_name,
    root_signers,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that waits for signatures: `raw` is its text, with the lines so far if any."""

    document: RootDocument
    raw: bytes
    signed: frozenset[bytes]
    lacking: Lacking
    file: Path  # the text, to be taken to other machines

    @property
    def text(self) -> bytes:
        """What is signed."""
        return self.document.text


def waiting_document(folder: Path, held: RootDocument) -> RootDocument | None:
    """The document after `held` that waits in this folder for signatures, if one does."""
    raw = _waiting(folder, held.n + 1)
    return None if raw is None else check_next(held, _text_of(raw))


class RootDesk:
    """Where one home's root documents are made. `command` signs with a key that is not a file."""

    def __init__(
        self, folder: Path, keys: OwnKeys, roots: FeedFiles, heads: HeadStore, command: str = ""
    ) -> None:
        self._folder, self._keys, self._roots, self._heads = folder, keys, roots, heads
        self._command = command
        self._disk = Disk()

    @property
    def keys(self) -> OwnKeys:
        """The keys of this home."""
        return self._keys

    @property
    def document(self) -> RootDocument:
        """The document in force."""
        return self._keys.document

    def signed_size(self, log: str) -> int:
        """The last size that was signed of one of this home's logs."""
        head = self._heads.get(f"{self.document.origin}/{log}")
        return head.size if head else 0

    def propose(self, text: bytes) -> Draft | None:
        """Sign with what is here and serve the document, or keep it as a draft; None: served.

        SetupError `root.pending` while another one waits.
        """
        if (pending := self.draft()) is not None:
            raise SetupError(
                "root.pending",
                where=str(pending.file),
                advice="root-document adopt, 或 or root-document discard",
            )
        return self._advance(text)

    def sign(self) -> Draft | None:
        """Sign the draft with the keys that are here now; as `propose`."""
        return self._advance(self._pending().raw)

    def take(self, notes: Iterable[bytes]) -> Draft | None:
        """Add signature lines that came from other machines; as `propose`.

        InputError `root.line` for what holds no good line for this very text.
        """
        draft = self._pending()
        raw = draft.raw
        for note in notes:
            raw = _with_lines(raw, draft, note, self.document)
        return self._advance(raw)

    def discard(self) -> RootDocument | None:
        """Forget the draft; the document in force stays."""
        draft = self.draft()
        self._clear()
        return draft.document if draft else None

    def draft(self) -> Draft | None:
        """What waits for signatures, if anything."""
        raw = _waiting(self._folder, self.document.n + 1)
        return None if raw is None else self._draft(raw)

    def _pending(self) -> Draft:
        if (draft := self.draft()) is None:
            raise SetupError("root.no-draft", where=str(self._folder))
        return draft

    def _draft(self, raw: bytes) -> Draft:
        held = self.document
        text = _text_of(raw)
        document = check_next(held, text)
        signed = root_signers(held, document, parse_note(raw)) if raw != text else set()
        file = _text_file(self._folder, document.n)
        return Draft(document, raw, frozenset(signed), lacking(held, document, signed), file)

    def _advance(self, raw: bytes) -> Draft | None:
        draft = self._draft(raw)
        self._check_bounds(draft.document)
        for line in self._own_lines(draft):
            draft = self._draft(_appended(draft.raw, line))
        if draft.lacking.number:
            self._keep(draft)
            return draft
        document = open_next(self.document, draft.raw, allow_loopback_http=True)
        self._roots.write_all({root_path(document.n): document.raw})
        self._clear()
        return None

    def _check_bounds(self, document: RootDocument) -> None:
        """Refuse what would take back heads that the old key has signed since."""
        held = self.document
        for log in document.logs:
            size, before = self.signed_size(log.name), held.log(log.name)
            known = {key.public: key.end for key in before.keys} if before else {}
            for key in log.keys:
                if key.end is not None and known.get(key.public, key.end) is None:
                    _need_above(size, key.end, log.name)

    def _own_lines(self, draft: Draft) -> Iterable[NoteSignature]:
        name = root_key_name(draft.document.origin)
        for public in draft.lacking.keys:
            if (key := self._keys.find(public)) is not None:
                yield _line(name, public, key.sign(draft.text))
        here = {public for public in draft.lacking.keys if self._keys.find(public)}
        if self._command and not here >= set(draft.lacking.keys):
            public, signature = self._ask(draft, here)
            yield _line(name, public, signature)

    def _ask(self, draft: Draft, here: set[bytes]) -> tuple[bytes, bytes]:
        """Let the command sign; SetupError `root.command` where no wanted key did."""
        signature = signature_by("root.command", self._command, draft.text)
        for public in draft.lacking.keys:
            if public not in here and verify_ed25519(public, signature, draft.text):
                return public, signature
        wanted = ", ".join(b64_encode(public) for public in draft.lacking.keys)
        raise SetupError("root.command", where=program_of(self._command), expected=wanted)

    def _keep(self, draft: Draft) -> None:
        files = {draft.file: draft.text}
        if draft.signed:
            files[_signed_file(self._folder, draft.document.n)] = draft.raw
        replace_files(self._disk, files)

    def _clear(self) -> None:
        remove_files(self._disk, list(self._folder.glob("root-*")))


def _text_file(folder: Path, number: int) -> Path:
    return folder / f"root-{number}.txt"


def _signed_file(folder: Path, number: int) -> Path:
    return folder / f"root-{number}.signed"


def _waiting(folder: Path, number: int) -> bytes | None:
    for file in (_signed_file(folder, number), _text_file(folder, number)):
        if file.exists():
            return file.read_bytes()
    return None


def _text_of(raw: bytes) -> bytes:
    return parse_note(raw).text if b"\n\n" in raw else raw


def signature_line(origin: str, text: bytes, key: SigningKey) -> str:
    """The line by which `key` signs the text of a root document of `origin`."""
    return _line(root_key_name(origin), key.public, key.sign(text)).line


def _line(name: str, public: bytes, signature: bytes) -> NoteSignature:
    return NoteSignature(name, VerifierKey(name, ED25519, public).key_id, signature)


def _appended(raw: bytes, line: NoteSignature) -> bytes:
    if b"\n\n" in raw:
        return append_signature(raw, line)
    return parse_note(raw + b"\n" + line.line.encode()).raw


def _with_lines(raw: bytes, draft: Draft, given: bytes, held: RootDocument) -> bytes:
    """Add the good lines of a signed note of this text, or of a file of lines alone."""
    lines = given.rpartition(b"\n\n")[2].strip(b"\r\n").replace(b"\r\n", b"\n") + b"\n"
    try:
        note = parse_note(draft.text + b"\n" + lines)
        signed = root_signers(held, draft.document, note)
    except Refused as error:
        # What was found is not told: whoever takes the wrong file takes the key that signs.
        raise InputError("root.line", where=error.code) from None
    if not signed:
        raise InputError("root.line", expected=f"{root_key_name(held.origin)} {draft.document.n}")
    known = {line.line for line in parse_note(raw).signatures} if b"\n\n" in raw else set()
    for line in note.signatures:
        if line.line not in known:
            raw = _appended(raw, line)
    return raw


def _need_above(size: int, bound: int, log: str) -> None:
    if bound <= size:
        raise SetupError(
            "root.outrun",
            where=log,
            expected=f"> {size}",
            found=str(bound),
            advice="root-document discard, 再重新提出, 加 --margin; propose it again",
        )
