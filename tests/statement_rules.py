"""The rules S1-S10 of the scale-out study, for the text of one statement. Regular expressions over our own SQL."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wc_sync_server.db.tables import LOCAL, REFERENCE, TENANT

TENANT_NAMES = frozenset(table.name for table in TENANT)
ALONE_NAMES = frozenset(table.name for table in (*LOCAL, *REFERENCE))

_PARAMETER = r"(?:%\(\w+\)s|%s|%t|%b|\$\d+)(?:::uuid)?"
_REF = re.compile(
    r"\b(?P<verb>from|join|update|into|using)\s+(?:only\s+)?(?:public\.)?(?P<table>[a-z_0-9]+)\b"
    r"(?:\s+(?:as\s+)?(?P<alias>(?!where\b|set\b|on\b|cross\b|join\b|left\b|inner\b|order\b|group\b|for\b|values\b"
    r"|select\b|using\b|limit\b|returning\b|default\b|natural\b|union\b)[a-z_][a-z_0-9]*))?"
)
_COMMA_REF = re.compile(r",\s*(?P<table>[a-z_0-9]+)(?:\s+(?:as\s+)?(?P<alias>[a-z_][a-z_0-9]*))?\s*(?=,|$)")
_FROM = re.compile(
    r"\bfrom\b(?P<list>.*?)(?=\bwhere\b|\bgroup\b|\border\b|\bon conflict\b|\bfor update\b|\breturning\b|\)|$)"
)
_WRITES = re.compile(r"^\s*(?:with\b.*?\)\s*)?(insert|update|delete)\b")
_SET_RETURNING = re.compile(
    r"\b(?:unnest|jsonb?_to_recordset|jsonb?_array_elements|jsonb?_populate_recordset|generate_series)\s*\("
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What was sent, and whether a transaction was open already, and had a context."""

    text: str
    in_transaction: bool = False
    in_context: bool = False


def plain(text: str) -> str:
    """Return one statement in lower case, without comments, quoting or the content of literals."""
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", text, flags=re.DOTALL)
    text = re.sub(r"'(?:[^']|'')*'", "''", text)
    return re.sub(r"\s+", " ", text.replace('"', "")).strip().lower()


def broken_rules(statement: Statement) -> list[str]:
    """Return the rules that a statement breaks, each with its reason."""
    found = []
    for part in _split(statement.text):
        for rule in RULES:
            found += rule(plain(part), statement)
    return found


def _split(text: str) -> list[str]:
    return [part for part in re.sub(r"'(?:[^']|'')*'", "''", text).split(";") if part.strip()]


def _references(sql: str) -> list[tuple[str, str, str]]:
    """Return (verb, table, alias) of every tenant table named."""
    found = [(m["verb"], m["table"], m["alias"] or m["table"]) for m in _REF.finditer(sql)]
    for clause in _FROM.finditer(sql):
        found += [("from", m["table"], m["alias"] or m["table"]) for m in _COMMA_REF.finditer(clause["list"])]
    return [each for each in found if each[1] in TENANT_NAMES]


def s1_district_by_parameter(sql: str, _statement: Statement) -> Iterator[str]:
    references = _references(sql)
    readers = [(table, alias) for verb, table, alias in references if verb != "into"]
    for verb, table, _ in references:
        if verb == "into":
            yield from _insert_names_district(sql, table)
    for table, alias in readers:
        own = rf"(?:\b{alias}\.|(?<![.\w]))" if len(readers) == 1 else rf"\b{alias}\."
        tied = rf"{own}district_id\s*=\s*(?:{_PARAMETER}|\w+\.district_id)|\w+\.district_id\s*=\s*{alias}\.district_id"
        if not re.search(tied, sql):
            yield f"S1: {table} is not held to a district"
    if readers and not re.search(rf"district_id\s*=\s*{_PARAMETER}", sql):
        yield "S1: no district is given by parameter"


def _insert_names_district(sql: str, table: str) -> Iterator[str]:
    match = re.search(rf"\binto\s+{table}(?:\s+as\s+\w+|\s+\w+)?\s*\((?P<columns>[^)]*)\)\s*(?P<rest>.*)", sql)
    columns = [name.strip() for name in match["columns"].split(",")] if match else []
    if match is None or "district_id" not in columns:
        yield f"S1: an insert into {table} names no district"
        return
    given = re.match(r"(?:values\s*\(|select\s+)(?P<values>.*)", match["rest"])
    value = _arguments(given["values"])[columns.index("district_id")] if given else ""
    if not re.fullmatch(rf"{_PARAMETER}|\w+\.district_id", value):
        yield f"S1: the district of an insert into {table} is neither a parameter nor its anchor's"


def _arguments(text: str) -> list[str]:
    depth, start, found = 0, 0, []
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
        if depth < 0:
            return [*found, text[start:at].strip()]
    return [*found, re.split(r"\bfrom\b", text[start:])[0].strip()]


def s2_context_by_set_local(sql: str, _statement: Statement) -> Iterator[str]:
    if re.search(r"\bset_config\s*\(", sql):
        yield "S2: set_config"
    if re.match(r"set\s+(?!local\b|transaction\b|session authorization default\b)", sql):
        yield "S2: a SET that outlives the transaction"


def s3_bulk_inserts_are_anchored(sql: str, _statement: Statement) -> Iterator[str]:
    if re.search(r"\binsert\b.*\bselect\b", sql) and _SET_RETURNING.search(sql):
        anchors = [table for verb, table, _ in _references(sql) if verb != "into"]
        if not anchors:
            yield "S3: a bulk insert without an anchor"


def s4_do_update_is_plain(sql: str, _statement: Statement) -> Iterator[str]:
    match = re.search(r"\bdo update set\b(?P<set>.*?)(?:\breturning\b|$)", sql)
    if match and re.search(r"\w+\s*\(|::|\bcurrent_(?:timestamp|date|time)\b", re.sub(r"%\(\w+\)s", "p", match["set"])):
        yield "S4: DO UPDATE with more than excluded, columns and constants"


def s5_ids_and_times_come_from_the_caller(sql: str, _statement: Statement) -> Iterator[str]:
    names = "gen_random_uuid|uuid_generate_v\\d|random|nextval|now|(?:clock|statement|transaction)_timestamp"
    volatile = rf"\b(?:{names})\s*\(|\bcurrent_timestamp\b"
    if _WRITES.match(sql) and re.search(volatile, sql):
        yield "S5: a time or an id made by the database"


def s6_banned(sql: str, _statement: Statement) -> Iterator[str]:
    banned = {
        "MERGE": r"^merge\b",
        "COPY FROM": r"^copy\b.*\bfrom\b",
        "LEFT JOIN LATERAL": r"\bleft (?:outer )?join lateral\b",
        "SERIALIZABLE": r"\bserializable\b",
        "an advisory lock": r"\bpg_(?:try_)?advisory_(?!unlock_all\b)",
        "a system column": r"\b(?:xmin|xmax|ctid)\b|\btxid_|\bpg_current_xact_id",
        "a partition by name": r"\baudit_logs_\d{4}",
    }
    yield from (f"S6: {what}" for what, pattern in banned.items() if re.search(pattern, sql))


def s7_locks_name_their_district(sql: str, _statement: Statement) -> Iterator[str]:
    locks = re.search(r"\bfor (?:no key )?(?:update|share)\b", sql)
    if locks and _references(sql) and not re.search(rf"district_id\s*=\s*{_PARAMETER}", sql):
        yield "S7: a row lock without a district"


def s8_one_transaction_one_district(sql: str, statement: Statement) -> Iterator[str]:
    if statement.in_context and "wc.context" in sql and sql.startswith("set"):
        yield "S8: a second context in one transaction"
    written = re.search(r"\b(?:insert into|update|delete from)\s+(?P<table>\w+)", sql)
    if statement.in_transaction and written and written["table"] in ALONE_NAMES:
        yield "S8: reference or local data written beside other things"


def s10_nothing_above_15(sql: str, _statement: Statement) -> Iterator[str]:
    if re.search(
        r"\buuidv[47]\s*\(|\bjson_table\s*\(|\bany_value\s*\(|\breturning (?:old|new)\.|\bmerge_action\s*\(", sql
    ):
        yield "S10: not in PostgreSQL 15"


RULES: tuple[Callable[[str, Statement], Iterator[str]], ...] = (
    s1_district_by_parameter,
    s2_context_by_set_local,
    s3_bulk_inserts_are_anchored,
    s4_do_update_is_plain,
    s5_ids_and_times_come_from_the_caller,
    s6_banned,
    s7_locks_name_their_district,
    s8_one_transaction_one_district,
    s10_nothing_above_15,
)
