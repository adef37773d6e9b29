"""Files to bundles to entries, bounded. Amounts are read as exact decimals."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from wc_sync_server.importing.fhir.findings import Finding, Reason, Weight
from wc_sync_server.importing.fhir.values import text
from wc_sync_server.importing.refusals import SourceRefused

_FILE_LIMIT = 64 * 1024 * 1024
_DEPTH_LIMIT = 60
_BUNDLE_TYPES = frozenset(
    {
        "document",
        "message",
        "transaction",
        "transaction-response",
        "batch",
        "batch-response",
        "history",
        "searchset",
        "collection",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleEntry:
    """One entry that holds a resource."""

    file: str
    index: int
    full_url: str
    resource_type: str
    resource: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The entries of one file, and what is wrong with it or with entries that hold no resource."""

    file: str
    entries: tuple[BundleEntry, ...]
    findings: tuple[Finding, ...]


def bundle_files(folder: Path) -> Sequence[Path]:
    """Return the JSON files of a folder, in order.

    Raises SourceRefused when there are none.
    """
    if not folder.is_dir():
        raise SourceRefused(f"There is no folder {folder.name!r}; give the folder that holds the FHIR bundles.")
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".json" and file.is_file())
    if not files:
        raise SourceRefused(f"The folder {folder.name!r} holds no .json files; export FHIR R4 bundles as JSON into it.")
    return files


def read_bundle(file: Path) -> Bundle:
    """Read one file. Whatever it holds, this returns entries and findings and does not raise for data."""
    if file.stat().st_size > _FILE_LIMIT:
        limit = _FILE_LIMIT // 1024 // 1024
        return _unreadable(file.name, Reason.TOO_LARGE, f"the file is larger than {limit} MB; split it by patient")
    try:
        document = json.loads(
            file.read_bytes().decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse_constant
        )
    except RecursionError:
        return _unreadable(file.name, Reason.TOO_DEEP, "the JSON is nested too deeply to be a bundle")
    except (ValueError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        return _unreadable(file.name, Reason.NOT_JSON, f"the file is not JSON in UTF-8{where}; export it again")
    if _too_deep(document):
        return _unreadable(file.name, Reason.TOO_DEEP, "the JSON is nested too deeply to be a bundle")
    return _bundle(file.name, document)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _too_deep(document: object) -> bool:
    level: list[object] = [document]
    for _ in range(_DEPTH_LIMIT):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        yield from (child for child in node.values() if isinstance(child, dict | list))
    elif isinstance(node, list):
        yield from (child for child in node if isinstance(child, dict | list))


def _bundle(file: str, document: object) -> Bundle:
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        return _unreadable(file, Reason.NOT_A_BUNDLE, "the JSON is no FHIR Bundle; export bundles, one file each")
    if text(document, "type") not in _BUNDLE_TYPES:
        return _unreadable(file, Reason.NOT_A_BUNDLE, "Bundle.type is missing or none that FHIR R4 knows")
    items = document.get("entry")
    if not isinstance(items, list) or not items:
        finding = Finding(reason=Reason.NO_ENTRIES, weight=Weight.NOTE, file=file, detail="the bundle has no entries")
        return Bundle(file=file, entries=(), findings=(finding,))
    entries: list[BundleEntry] = []
    findings: list[Finding] = []
    for index, item in enumerate(items):
        match _entry(file, index, item):
            case BundleEntry() as entry:
                entries.append(entry)
            case Finding() as finding:
                findings.append(finding)
    return Bundle(file=file, entries=tuple(entries), findings=tuple(findings))


def _entry(file: str, index: int, item: object) -> BundleEntry | Finding:
    resource = item.get("resource") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(resource, dict):
        return _left_out(file, index, Reason.ENTRY_MALFORMED, "the entry holds no resource")
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not kind.isalpha() or not kind.isascii():
        return _left_out(file, index, Reason.RESOURCE_TYPE_UNKNOWN, "the resource does not say what it is")
    full_url = item.get("fullUrl")
    return BundleEntry(
        file=file,
        index=index,
        full_url=full_url if isinstance(full_url, str) else "",
        resource_type=kind[:60],
        resource=resource,
    )


def _left_out(file: str, index: int, reason: Reason, detail: str) -> Finding:
    return Finding(reason=reason, weight=Weight.LEFT_OUT, file=file, index=index, detail=detail)


def _unreadable(file: str, reason: Reason, detail: str) -> Bundle:
    finding = Finding(reason=reason, weight=Weight.FILE_LEFT_OUT, file=file, detail=detail)
    return Bundle(file=file, entries=(), findings=(finding,))
