"""The code of the emergency card: shown once, kept in the principal's envelope."""

from wc_contract.model.ids import Chance

# No letter or digit that is taken for another one: 0 O, 1 I L, 5 S, 2 Z, 8 B, U V.
ALPHABET = "ACDEFGHJKMNPQRTWXY34679"
GROUPS = 6
_GROUP = 4
_LARGEST_FAIR = 256 - 256 % len(ALPHABET)


def new_code(chance: Chance) -> str:
    """Return six groups of four signs: more than 108 bits, every sign as likely as any other."""
    signs = ""
    while len(signs) < GROUPS * _GROUP:
        signs += "".join(ALPHABET[octet % len(ALPHABET)] for octet in chance.octets(GROUPS * _GROUP) if _is_fair(octet))
    return "-".join(signs[at : at + _GROUP] for at in range(0, GROUPS * _GROUP, _GROUP))


def plain_code(typed: str) -> str:
    """Return a code as it was typed, without what people put between its groups, in capitals."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def _is_fair(octet: int) -> bool:
    return octet < _LARGEST_FAIR
