"""What a statement is, apart from what it was asked with: its text without a value, and a short hash of that."""

import re
from hashlib import sha256

_LENGTH = 12
# One pass from left to right, so that a quote within a comment is no text and dashes within a text no comment.
_PARTS = re.compile(
    r"(?P<noise>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r'|(?P<name>"(?:[^"]|"")*")'
    r"|\$(?P<tag>[a-z_]*)\$.*?(?:\$(?P=tag)\$|\Z)"  # dollar quotes
    r"|\be'(?:[^'\\]|\\.|'')*(?:'|\Z)"  # texts with escapes
    r"|'(?:[^']|'')*(?:'|\Z)"  # texts; one that was cut off ends with the statement
    r"|%\(\w+\)[stb]|%[stb]\b|\$\d+"  # placeholders, the driver's and PostgreSQL's
    r"|(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?",
    re.DOTALL | re.IGNORECASE,
)
_LIST = re.compile(r"\?(?:\s*,\s*\?)+")
_VERB = re.compile(r"[a-z]+")
_VERBS = frozenset(
    {
        *("select", "insert", "update", "delete", "with", "copy", "set", "discard", "listen"),
        *("begin", "commit", "rollback", "pipeline"),
    }
)


def shape(statement: str) -> str:
    """Return a statement in lower case, on one line, each value and placeholder as '?'."""
    return _LIST.sub("?", " ".join(_PARTS.sub(_hole, statement).lower().split()))


def fingerprint(statement: str) -> str:
    """Return the hash that all statements of one shape share, here and in pg_stat_statements."""
    return sha256(shape(statement).encode()).hexdigest()[:_LENGTH]


def verb(statement: str) -> str:
    """Return the statement's first word, of a closed set: it is a label."""
    word = _VERB.match(statement.lstrip().lower())
    return word[0] if word is not None and word[0] in _VERBS else "other"


def _hole(match: "re.Match[str]") -> str:
    if match["noise"] is not None:
        return " "
    return match["name"] or "?"
