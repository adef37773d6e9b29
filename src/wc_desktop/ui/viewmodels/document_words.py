"""Photos and documents in words: what each is, how large, where it is, and what can be done."""

from collections.abc import Mapping
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.blobs import MediaType
from wc_contract.model.care_values import DocumentKind
from wc_desktop.domain.blob_views import ContentPlace
from wc_desktop.domain.documents import DocumentRow
from wc_desktop.ui.messages.failures import failure_code_sentence
from wc_desktop.ui.viewmodels.words import clock_words, day_words

_CONTEXT: Final = "DocumentWords"
_KIB: Final = 1_024
_MIB: Final = 1_048_576

KINDS: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.MEDICATION_ORDER: "Medication order",
    DocumentKind.PARENT_AUTHORISATION: "Parent's authorisation",
    DocumentKind.CONSENT: "Consent",
    DocumentKind.IMMUNIZATION_RECORD: "Vaccination record",
    DocumentKind.EXEMPTION: "Exemption",
    DocumentKind.CARE_PLAN: "Care plan",
    DocumentKind.PHYSICAL_EXAM: "Physical examination",
    DocumentKind.PHOTO: "Face of the child",
    DocumentKind.OTHER: "Other photo or document",
}
_MEDIA: Final[Mapping[str, str]] = {
    MediaType.JPEG.value: "Picture",
    MediaType.PNG.value: "Picture",
    MediaType.WEBP.value: "Picture",
    MediaType.HEIC.value: "Picture of a phone (HEIC)",
    MediaType.TIFF.value: "Scan",
    MediaType.PDF.value: "PDF",
}
# What the workstation shows by itself; anything else is looked at with a program outside.
SHOWN_HERE: Final = frozenset(
    {MediaType.JPEG.value, MediaType.PNG.value, MediaType.WEBP.value, MediaType.TIFF.value},
)


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def document_kind_words(kind: DocumentKind) -> str:
    """Return what a document is."""
    return tr(KINDS[kind])


def name_words(row: DocumentRow) -> str:
    """Return what a document is called: its title, else its kind."""
    return row.title or document_kind_words(row.kind)


def media_words(media_type: str) -> str:
    """Return what kind of file it is."""
    return tr(_MEDIA.get(media_type, "File"))


def size_words(octets: int) -> str:
    """Return '340 KB' or '1.2 MB'."""
    if octets < _MIB:
        return f"{max(1, round(octets / _KIB))} KB"
    return f"{octets / _MIB:.1f} MB"


def added_words(row: DocumentRow, zone: ZoneInfo) -> str:
    """Return when it was added; 'not known' for one that came from elsewhere without a time."""
    if row.added_at is None:
        return tr("Not known here")
    return f"{day_words(row.added_at.astimezone(zone).date())} {clock_words(row.added_at, zone)}"


def place_words(row: DocumentRow) -> str:
    """Return, in two or three words, where its content is."""
    match row.content.place:
        case ContentPlace.HERE:
            return tr("Here")
        case ContentPlace.SENDING:
            return tr("Here, to be sent")
        case ContentPlace.REFUSED:
            return tr("Here only")
        case ContentPlace.FETCHING:
            return tr("Being fetched")
        case ContentPlace.LATER:
            return tr("Not there yet")
        case ContentPlace.AWAY:
            return tr("At the district")
        case _:
            assert_never(row.content.place)


def place_detail(row: DocumentRow) -> str:
    """Return what more is to be said of where its content is; '' when nothing is."""
    match row.content.place:
        case ContentPlace.HERE:
            return ""
        case ContentPlace.SENDING:
            return tr("Entries go first")
        case ContentPlace.REFUSED:
            return failure_code_sentence(row.content.refused or "")
        case ContentPlace.FETCHING:
            return tr("{held} of {size}").format(held=size_words(row.content.held), size=size_words(row.size))
        case ContentPlace.LATER:
            return tr("The workstation that added it has not sent it")
        case ContentPlace.AWAY:
            return tr("Fetched when opened")
        case _:
            assert_never(row.content.place)
