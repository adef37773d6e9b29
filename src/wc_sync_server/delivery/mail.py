"""An e-mail with codes and ids: who reads it looks the record up where they may."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime

from wc_sync_server.domain.messages import Delivered, Failed, Letter, Outcome

_SECONDS = 10.0
_IMPLICIT_TLS = 465

_SUBJECTS = {"incident_severe": "a severe incident was reported", "case_opened": "a review case is open"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where letters go by e-mail, and by which server. encrypted is False for a server on this machine only."""

    sender: str
    recipients: tuple[str, ...]
    host: str
    port: int
    encrypted: bool = True
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)


class MailCarrier:
    """Hands letters to a mail server. Message-ID is made from the letter's id, the same at every try."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def carry(self, letter: Letter) -> Outcome:
        try:
            message = message_of(letter, self._mailbox)
            with self._connect() as server:
                refused = server.send_message(message)
        except smtplib.SMTPResponseException as error:
            return Failed(code=f"smtp_{error.smtp_code}")
        except smtplib.SMTPRecipientsRefused:
            return Failed(code="recipients_refused")
        except TimeoutError:
            return Failed(code="timeout")
        except (OSError, smtplib.SMTPException, UnicodeError):
            # UnicodeError: a host's name that can be none, or one that is not ASCII where the server takes no other.
            return Failed(code="unreachable")
        return Failed(code="recipients_refused") if refused else Delivered()

    def _connect(self) -> smtplib.SMTP:
        box = self._mailbox
        context = box.context or ssl.create_default_context()
        if box.encrypted and box.port == _IMPLICIT_TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(box.host, box.port, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(box.host, box.port, timeout=_SECONDS)
        try:
            if box.encrypted and box.port != _IMPLICIT_TLS:
                server.starttls(context=context)
            if box.user is not None and box.password is not None:
                server.login(box.user, box.password)
        except BaseException:
            server.close()
            raise
        return server


def message_of(letter: Letter, mailbox: Mailbox) -> EmailMessage:
    """Return the e-mail that tells a letter."""
    message = EmailMessage()
    message["From"] = mailbox.sender
    message["To"] = ", ".join(mailbox.recipients)
    message["Subject"] = f"White Cross: {_SUBJECTS.get(letter.kind, letter.kind)}"
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.id}@white-cross>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [f"{name}: {value}" for name, value in sorted(letter.payload.items()) if value is not None]
    message.set_content("\n".join(["Please look it up in White Cross.", "", *lines, ""]))
    return message
