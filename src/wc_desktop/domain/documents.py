"""A child's photos and documents as screens show them: what each is, and where its content is just now."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from wc_contract.model.care_values import DocumentKind
from wc_contract.model.instants import Instant
from wc_contract.model.values import Role
from wc_desktop.domain.blob_views import ContentState

# The district takes so much, unless its operator says otherwise; what is refused then is shown with the reason.
MOST_ATTACHED: Final = 25 * 1_048_576
# As the server judges it: who writes documents, and who sees what is confidential.
ADDS_DOCUMENTS: Final = frozenset({Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR, Role.ADMIN})
SEES_CONFIDENTIAL: Final = frozenset({Role.NURSE, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One photo or document of a child. author is '' for one of before documents said who added them."""

    id: UUID
    kind: DocumentKind
    title: str = field(repr=False)
    media_type: str
    size: int
    added_at: Instant | None
    author: str
    expires_on: date | None
    is_confidential: bool
    is_waiting: bool  # only this workstation knows of it
    content: ContentState
