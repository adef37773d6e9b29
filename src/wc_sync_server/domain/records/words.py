"""What somebody types into a search, as a question for the words' index."""

import re

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 8
_LONGEST_WORD = 40


def prefixes(typed: str) -> str | None:
    """Return typed as a tsquery in which each word may go on: 'jo smi' finds Smith, Jo. None without any word."""
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(typed.lower())][:_MOST_WORDS]
    return " & ".join(f"'{word}':*" for word in words) or None
