"""One window to a workstation: the second start brings the first to the front."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from wc_desktop.domain.failures import AlreadyOpen

_LOCK_FILE = "wc-desktop.lock"
_PATIENCE_MS = 500


@contextmanager
def holding(data_dir: Path) -> Iterator[None]:
    """Keep every window away from a folder, for a command that changes its files.

    Raises AlreadyOpen while a window or such a command has it, PermissionError.
    """
    lock = _lock_of(data_dir)
    if not lock.tryLock(_PATIENCE_MS):
        if lock.error() is not QLockFile.LockError.LockFailedError:
            raise PermissionError(_LOCK_FILE)
        raise AlreadyOpen("another program has this folder")
    try:
        yield
    finally:
        lock.unlock()


def _lock_of(data_dir: Path) -> QLockFile:
    lock = QLockFile(str(data_dir / _LOCK_FILE))
    # Never stale by age: a window stays open for days. A dead owner is found by its process id.
    lock.setStaleLockTime(0)
    return lock


class SingleInstance(QObject):
    """Holds the data folder. The lock of a process that is gone is taken over."""

    raise_wanted = Signal()

    def __init__(self, data_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _lock_of(data_dir)
        self._name = f"white-cross-{sha256(str(data_dir).encode()).hexdigest()[:24]}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def take(self) -> bool:
        """Take the folder; False when another window has it, which then comes to the front. Raises OSError."""
        if not self._lock.tryLock(_PATIENCE_MS):
            if self._lock.error() is not QLockFile.LockError.LockFailedError:
                raise PermissionError(_LOCK_FILE)
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            socket.waitForConnected(_PATIENCE_MS)
            socket.disconnectFromServer()
            return False
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def release(self) -> None:
        """Let the folder go."""
        self._server.close()
        self._lock.unlock()

    @Slot()
    def _on_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.disconnected.connect(socket.deleteLater)
        self.raise_wanted.emit()
