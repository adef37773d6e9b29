"""What is asked and shown while a workstation is enrolled."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolRequest:
    """What the nurse typed on the enrolment screen."""

    server_url: str
    district: str
    code: str = field(repr=False)
    email: str
    password: str = field(repr=False)
    totp: str = field(repr=False)
    device_name: str
    ca_file: Path | None = None
    # Signed in through the district, in the browser: the password opens this workstation only.
    sign_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSync:
    """Progress of a first sync, in records. stage: enrolling, downloading, indexing, checking, done."""

    done: int
    total_about: int
    stage: str
