"""Opening what workstations sealed to the district, and knowing whose hand signed it."""

import hashlib

from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import SealedBox
from nacl.secret import SecretBox
from nacl.signing import VerifyKey

from wc_contract.wire.sealed import OpenedRecord, SealedRecord, opened_record
from wc_sync_server.auth.keys import DistrictKeys


class JournalSeal:
    """A district's key for sealed entries (keys/DISTRICT/seal.key): made with the district, never made anew."""

    def __init__(self, keys: DistrictKeys) -> None:
        self._box = SealedBox(keys.seal)

    def opened(self, record: SealedRecord) -> OpenedRecord | None:
        """Return what a record says, None when it is damaged or sealed to another district."""
        try:
            plain = SecretBox(self._box.decrypt(record.key_for_district)).decrypt(record.secret)
        except (CryptoError, ValueError):
            return None
        return opened_record(record, plain)


def signed_by(sign_key: bytes, text: OpenedRecord) -> bool:
    """Return whether the workstation with that key signed a text."""
    try:
        VerifyKey(sign_key).verify(hashlib.sha256(text.body.encode()).digest(), text.signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
