"""Adding a photo or document to a child's chart: what is asked for, what comes of it, why not."""

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from wc_contract.model.care_values import DocumentKind
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import IncidentId
from wc_contract.model.instants import Instant
from wc_desktop.actions.attach_document import AttachedDocument, ChosenDocument, DocumentDraft
from wc_desktop.domain.documents import ADDS_DOCUMENTS, MOST_ATTACHED, SEES_CONFIDENTIAL
from wc_desktop.domain.link_views import LinkState
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.document_words import document_kind_words, size_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import clock_words, day_words, full_name

# As the first of what may be said of a picture that was just taken; a face comes last, for it is shown everywhere.
KINDS = (
    DocumentKind.OTHER,
    DocumentKind.MEDICATION_ORDER,
    DocumentKind.PARENT_AUTHORISATION,
    DocumentKind.CONSENT,
    DocumentKind.IMMUNIZATION_RECORD,
    DocumentKind.EXEMPTION,
    DocumentKind.CARE_PLAN,
    DocumentKind.PHYSICAL_EXAM,
    DocumentKind.PHOTO,
)
# A wound must never become the child's face.
OF_AN_INCIDENT = (DocumentKind.OTHER, DocumentKind.PHYSICAL_EXAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachTo:
    """Whom a photo or document is about, and the incident it belongs to. incident: of a signed report."""

    child: StudentRow
    of_incident: bool = False
    title: str = field(default="", repr=False)
    incident: IncidentId | None = None


class AttachModel(QObject):
    """`kept` when it is durable on this workstation, `not_kept` with the reason; then it can be tried again.

    One at a time. Other sheets add too, and a person may have gone on to another child: both say whose it was.
    """

    kept = Signal(object)  # AttachTo
    not_kept = Signal(object, str)  # AttachTo, why

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._to: AttachTo | None = None
        self._draft: DocumentDraft | None = None
        session.document_kept.connect(self._on_kept)
        session.document_not_kept.connect(self._on_not_kept)

    @property
    def is_busy(self) -> bool:
        return self._to is not None

    @property
    def may_add(self) -> bool:
        """Whether the role of the person at the desk adds documents."""
        return self._session.person.role in ADDS_DOCUMENTS

    @property
    def may_hide(self) -> bool:
        """Whether the person at the desk sees what is confidential, and so may say that something is."""
        return self._session.person.role in SEES_CONFIDENTIAL

    def add(self, to: AttachTo, path: Path, kind: DocumentKind, title: str, *, confidential: bool) -> None:
        """Keep a chosen file; `kept` or `not_kept` follows."""
        if self._to is not None:
            return
        called = title.strip()
        self._to = to
        self._draft = DocumentDraft(
            student=to.child.id,
            kind=kind,
            title=called or None,
            is_confidential=confidential and self.may_hide,
            incident=to.incident,
            # What is confidential is not named where everybody reads it.
            addendum=self._addendum("" if confidential else called or document_kind_words(kind)),
        )
        self._session.document_chosen.emit(ChosenDocument(draft=self._draft, path=path))

    def _addendum(self, called: str) -> str:
        first = self.tr("A photo or document was added to the child's chart")
        return f"{first}: {called}." if called else f"{first}."

    @Slot(object)
    def _on_kept(self, document: AttachedDocument) -> None:
        to = self._answered(document.draft)
        if to is not None:
            offline = self._session.link.state is LinkState.OFFLINE
            self._session.tell(
                self.tr("Added to the chart. It is sent when the network is back.")
                if offline
                else self.tr("Added to the chart. It is sent to the district by itself.")
            )
            self.kept.emit(to)

    @Slot(object, object)
    def _on_not_kept(self, draft: DocumentDraft, failure: WhiteCrossError) -> None:
        to = self._answered(draft)
        if to is not None:
            self.not_kept.emit(to, failure_sentence(failure))

    def _answered(self, draft: DocumentDraft) -> AttachTo | None:
        """Return whom the answer is about; None when another sheet waits for it."""
        if draft is not self._draft:
            return None
        to, self._to, self._draft = self._to, None, None
        return to

    def tell_not_kept(self, to: AttachTo, why: str) -> None:
        """Say that a file was not added, where the sheet does not say so any more."""
        words = self.tr("Not added to the chart of {child}. {why}")
        self._session.tell(words.format(child=full_name(to.child), why=why), urgent=True)

    # -- words ---------------------------------------------------------------------------------------------

    def what_comes_of_it(self) -> str:
        """Return where it is kept and when it is sent."""
        kept = self.tr("It is kept encrypted on this workstation at once.")
        sent = (
            self.tr("There is no network: it is sent when it is back.")
            if self._session.link.state is LinkState.OFFLINE
            else self.tr("It is sent to the district by itself, after entries.")
        )
        return f"{kept} {sent}"

    def what_is_taken(self) -> str:
        """Return what kinds of file are taken."""
        return self.tr("A picture (JPEG, PNG, WebP, HEIC, TIFF) or a PDF, up to {size}.").format(
            size=size_words(MOST_ATTACHED)
        )


def incident_title(at: Instant | None, zone: ZoneInfo) -> str:
    """Return what a photo of an incident is called until the nurse says better: its day and time."""
    if at is None:
        return QCoreApplication.translate("AttachModel", "Incident")
    words = QCoreApplication.translate("AttachModel", "Incident {day} {time}")
    return words.format(day=day_words(at.astimezone(zone).date()), time=clock_words(at, zone))
