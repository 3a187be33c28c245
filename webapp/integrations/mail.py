"""Mail, handed to an SMTP server: by background jobs only, because a server may take its time or be away."""

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from hashlib import sha256
from urllib.parse import SplitResult, unquote, urlsplit

from webapp.config import Settings
from webapp.errors import Unavailable

PATIENCE_S = 20
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person: text, and the same as HTML if there is any."""

    to: str
    subject: str
    body: str
    html: str | None = None
    unsubscribe_url: str | None = None
    """Where one POST ends such mails (RFC 8058)."""
    number: int | None = None
    """Its number among the mails of this site: sent again, it has the same Message-ID."""


class MailFailed(Unavailable):
    """The mail server did not take the letter; trying again later may help."""

    message = "The mail server did not take the message."


class Mail:
    """Sends letters by the mail server of the settings, if they name one."""

    def __init__(self, settings: Settings) -> None:
        sender = settings.mail_sender or settings.contact_email
        self._server = urlsplit(settings.smtp_url) if settings.smtp_url and sender else None
        self._sender = formataddr((settings.brand, sender or ""))
        self._domain = (sender or "").rpartition("@")[2] or None
        # Two sites may have one sender: each counts its own mails.
        self._site = sha256((settings.base_url or "").encode()).hexdigest()[:10]

    @property
    def available(self) -> bool:
        """Whether this site can send mail at all."""
        return self._server is not None

    async def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises MailFailed where that does not work."""
        if self._server is None:
            raise MailFailed("No mail server is configured.")
        await asyncio.to_thread(self._send, self._server, self._message(letter))

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.to
        # One line, whatever a name in it holds: headers end at line breaks.
        message["Subject"] = " ".join(letter.subject.split())
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = self._id_of(letter)
        message["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe_url is not None:
            message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.body)
        if letter.html is not None:
            message.add_alternative(letter.html, subtype="html")
        return message

    def _id_of(self, letter: Letter) -> str:
        """Mail servers and readers that get the same mail twice know it by this."""
        if letter.number is None or self._domain is None:
            return make_msgid()
        return f"<mail-{letter.number}.{self._site}@{self._domain}>"

    def _send(self, server: SplitResult, message: EmailMessage) -> None:
        try:
            with _connection(server) as connection:
                if server.username:
                    connection.login(unquote(server.username), unquote(server.password or ""))
                connection.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise MailFailed(f"The mail server did not take the message ({type(error).__name__}).") from error


def _connection(server: SplitResult) -> smtplib.SMTP:
    """A connection to the server, encrypted unless its scheme says that it is not."""
    host, port = server.hostname or "", server.port or PORTS[server.scheme]
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=PATIENCE_S, context=ssl.create_default_context())
    connection = smtplib.SMTP(host, port, timeout=PATIENCE_S)
    if server.scheme == "smtp":
        try:
            connection.starttls(context=ssl.create_default_context())
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
    return connection
