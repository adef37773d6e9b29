"""What can be wrong with an encrypted file. The rooms that own the files say it in their own words."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from sqlcipher3 import dbapi2 as sqlcipher

from wc_contract.model.errors import Unavailable
from wc_desktop.domain.failures import AlreadyOpen, DiskFailed, DiskFull


class Fault(StrEnum):
    """Why a file was not opened."""

    MISSING = "missing"
    EMPTY = "empty"
    NOT_ENCRYPTED = "not_encrypted"
    UNREADABLE = "unreadable"  # wrong key and damage look alike to SQLite
    FOREIGN = "foreign"
    NEWER_SCHEMA = "newer_schema"
    OLDER_SCHEMA = "older_schema"


class CannotOpen(Exception):  # reads as a sentence, like our other errors
    """An encrypted file was refused; it was left as it is."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Damaged(Unavailable):
    """A page of an open file does not read: the file must be rebuilt or mended."""

    code = "file_damaged"


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what SQLCipher says about the disk into our own errors; everything else passes."""
    try:
        yield
    except sqlcipher.DatabaseError as error:
        match getattr(error, "sqlite_errorname", "").split("_")[:2]:
            case ["SQLITE", "FULL"]:
                raise DiskFull("no room to write") from None
            case ["SQLITE", "IOERR"] | ["SQLITE", "CANTOPEN"] | ["SQLITE", "READONLY"]:
                raise DiskFailed("the disk refused") from None
            case ["SQLITE", "BUSY"] | ["SQLITE", "LOCKED"]:
                raise AlreadyOpen("the file is open in another program") from None
            case ["SQLITE", "CORRUPT"] | ["SQLITE", "NOTADB"]:
                raise Damaged("a page does not read") from None
            case _:
                raise
