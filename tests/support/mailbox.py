"""A mail server that keeps what it is given."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from select import select


class _Talk(socketserver.StreamRequestHandler):
    """One client's visit, in the few words of SMTP that our client uses."""

    server: "Mailbox"

    def handle(self) -> None:
        self._say("220 mailbox")
        while line := self.rfile.readline():
            word = line.split(b":")[0].split()[0].upper()
            if word == b"EHLO":
                self._say("250-mailbox\r\n250 8BITMIME")
            elif word == b"DATA":
                self._say("354 go on")
                self._keep()
            elif word == b"QUIT":
                self._say("221 bye")
                return
            elif word == b"RCPT" and self.server.refuses:
                self._say("550 nobody of that name")
            else:
                self._say("250 well")

    def _keep(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.n_begun += 1
        if self._has_hung_up():
            return
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.server.letters.append(letter)
        self._say("250 kept")

    def _has_hung_up(self) -> bool:
        """Whether the client has gone while its letter was held."""
        while self.server.holds.is_set():
            if select([self.connection], [], [], 0.02)[0]:
                return True
        return False

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class Mailbox(socketserver.ThreadingTCPServer):
    """`letters` are those that came; with `refuses` set it takes none."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters: list[EmailMessage] = []
        self.refuses = False
        self.holds = threading.Event()
        """While it is set, letters are read and not taken."""
        self.n_begun = 0
        """Letters that were read."""

    @property
    def url(self) -> str:
        """For the setting `smtp_url`."""
        return f"smtp+plain://127.0.0.1:{self.server_address[1]}"


def text_of(letter: EmailMessage) -> str:
    """What a mail says as text."""
    part = letter.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text


def html_of(letter: EmailMessage) -> str:
    """What it says as HTML."""
    part = letter.get_body(("html",))
    assert part is not None
    html: str = part.get_content()
    return html


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """A mailbox that takes letters until the block ends."""
    with Mailbox() as mailbox:
        thread = threading.Thread(target=mailbox.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield mailbox
        finally:
            mailbox.shutdown()
            thread.join()
