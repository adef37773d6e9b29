"""A key management system in a file: a program of its own that wraps and unwraps as the real ones' clients do."""

import base64
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = b"n" * 12  # a wrapped key differs by its id, which is all that a test needs


def main() -> int:
    """Answer one request: VERB KEY_ID, base64 in, base64 out. The master key stands in the file named first."""
    master, verb, key_id = Path(sys.argv[1]), sys.argv[-2], sys.argv[-1]
    if not master.exists():
        print("the KMS says no, and quotes a secret in doing so: 0123456789", file=sys.stderr)
        return 7
    aead, given = AESGCM(bytes.fromhex(master.read_text())), base64.b64decode(sys.stdin.readline())
    work = aead.encrypt if verb == "wrap" else aead.decrypt
    print(base64.b64encode(work(_NONCE, given, key_id.encode())).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
