"""What workstations meet: an address with TLS, a certificate that is valid for a while, a key that is its own."""

from datetime import timedelta

from cryptography import x509

from wc_sync_server.cli.before_serving import require_certificate
from wc_sync_server.cli.doctor.files import unprotected
from wc_sync_server.cli.doctor.patient import Patient
from wc_sync_server.db.doctor.verdicts import Verdict, Verdicts, do, note, well
from wc_sync_server.settings import SettingsWrong

_SOON, _NOTED = timedelta(days=14), timedelta(days=30)
_DAY = timedelta(days=1)


def tls(patient: Patient) -> Verdicts:
    """Look at the address bound, its certificate and its key."""
    settings = patient.settings
    try:
        settings.require_servable()
        require_certificate(settings)
    except SettingsWrong as error:
        yield do("this address is not served as it is set", str(error))
        return
    if settings.tls_cert is not None and settings.tls_key is not None:
        yield _valid(patient, settings.tls_cert.read_bytes())
        yield from unprotected("WC_TLS_KEY", settings.tls_key)
    elif settings.on_loopback:
        yield well(f"{settings.host} is for this machine alone, without TLS")
    else:
        yield note(
            "WC_BEHIND_PROXY says that a proxy speaks TLS: its certificate is not seen from here",
            "See to it that only the proxy reaches this address.",
        )


def _valid(patient: Patient, chain: bytes) -> Verdict:
    certificate = x509.load_pem_x509_certificates(chain)[0]
    now = patient.clock.now()
    left = certificate.not_valid_after_utc - now
    days = f"{abs(left) // _DAY} days"
    if left <= timedelta(0):
        return do(f"the certificate ran out {days} ago: no workstation connects", "Renew it, then restart the server.")
    if certificate.not_valid_before_utc > now:
        return do("the certificate is not valid yet", "Set the clock right, or use the certificate later.")
    if left < _SOON:
        return do(f"the certificate runs out in {days}", "Renew it, then restart the server.")
    return (note if left < _NOTED else well)(f"the certificate is valid for {days} more")
