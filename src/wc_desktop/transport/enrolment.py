"""Making a device known to the server."""

from wc_contract.wire.messages import Enrol, Enrolled
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.domain.enrolment import EnrolRequest
from wc_desktop.domain.failures import PasswordTooShort, ServerUnreachable
from wc_desktop.transport.addresses import ENROL
from wc_desktop.transport.channel import Channel, Sign
from wc_desktop.transport.sign_on import OpenPage, sign_on

_SHORTEST_PASSWORD = 10


def enrol_at_server(
    request: EnrolRequest, *, sign: Sign, sign_key: str, seal_key: str, app_version: str, open_page: OpenPage
) -> tuple[Channel, Enrolled]:
    """Send the enrolment; return the answer and the channel it came by, which the caller closes.

    Raises CodeInvalid, CodeExpired, SignInFailed, SecondFactorFailed, LockedOut, NotAssigned, WrongDistrict,
    CertificateNotTrusted, InsecureAddress, NotASyncServer, ProtocolTooOld, ProtocolTooNew, ServerUnreachable; through
    the district's sign-in also PasswordTooShort, NoSignOn, SignOnRefused.
    """
    if request.sign_on and len(request.password) < _SHORTEST_PASSWORD:
        raise PasswordTooShort("fewer than ten characters")
    channel = Channel(request.server_url, sign=sign, device=None, ca_file=request.ca_file)
    message = Enrol(
        protocol=PROTOCOL,
        district=request.district.strip(),
        code=request.code.strip(),
        # Through the district's sign-in neither leaves this workstation.
        email="" if request.sign_on else request.email.strip(),
        password="" if request.sign_on else request.password,
        totp=request.totp.strip().replace(" ", ""),
        device_name=request.device_name.strip(),
        sign_key=sign_key,
        seal_key=seal_key,
        app_version=app_version,
    )
    try:
        if request.sign_on:
            finished = sign_on(channel, district=message.district, sign_key=sign_key, open_page=open_page)
            message = message.model_copy(update={"sign_on": finished.ticket})
        try:
            return channel, channel.ask(ENROL, message, Enrolled)
        except ServerUnreachable:
            # The answer may have been lost on its way: to the same keys the server gives the same one again.
            return channel, channel.ask(ENROL, message, Enrolled)
    except BaseException:
        channel.close()
        raise
