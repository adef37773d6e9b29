"""Where the server's doors are, and which addresses may be spoken to."""

import ipaddress
from urllib.parse import urlsplit

from wc_desktop.domain.failures import InsecureAddress, NotASyncServer

ENROL = "/v1/enrol"
REFRESH = "/v1/token"
ADD_USER = "/v1/users"
BEGIN_SIGN_ON = "/v1/sign-on/begin"
FINISH_SIGN_ON = "/v1/sign-on/finish"
HELLO = "/v1/hello"
PUSH = "/v1/push"
PULL = "/v1/pull"
WAIT = "/v1/wait"
MANIFEST = "/v1/manifest"
REPAIR = "/v1/manifest/rows"
BLOB = "/v1/blob"
WIPE_ORDER = "/v1/wipe/order"
WIPE_RECEIPT = "/v1/wipe/receipt"


def server_address(text: str) -> str:
    """Return a server's address without a trailing slash.

    Raises InsecureAddress unless it is https, or http on this machine; NotASyncServer when it is no address at all.
    """
    address = text.strip()
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = parts.hostname or ""
        # Read for their mistakes: a port beyond 65,535, a name no resolver takes.
        _ = parts.port, host.encode("idna")
    except ValueError:
        raise NotASyncServer("no address") from None
    if not host or parts.scheme not in {"http", "https"} or (parts.scheme == "http" and not _on_this_machine(host)):
        raise InsecureAddress("https is needed")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
