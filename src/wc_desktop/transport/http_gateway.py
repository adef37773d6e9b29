"""The sync server over HTTP."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from wc_contract.wire.base import WireModel
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import (
    AddUser,
    Hello,
    HelloAnswer,
    Manifest,
    ManifestAnswer,
    Pull,
    Push,
    PushAnswer,
    Repair,
    SealedEntry,
    UserAdded,
    Wait,
    Waited,
)
from wc_contract.wire.versions import NAMED, PROTOCOL
from wc_contract.wire.wipe import AskWipe, WipeAsked
from wc_desktop.domain.failures import ProtocolTooNew, ProtocolTooOld, RequestRefused
from wc_desktop.sync.gateway import Frame, RepairFrame
from wc_desktop.transport.addresses import ADD_USER, HELLO, MANIFEST, PULL, PUSH, REPAIR, WAIT, WIPE_ORDER
from wc_desktop.transport.blob_channel import BlobChannel
from wc_desktop.transport.channel import Channel
from wc_desktop.transport.lines import frames, repair_frames
from wc_desktop.transport.session import Session

_Answer = TypeVar("_Answer")
_AnswerModel = TypeVar("_AnswerModel", bound=WireModel)
# Silence within a pull that means the line is dead.
_PULL_SILENCE_SECONDS = 30.0
_WAIT_SLACK_SECONDS = 10.0


class HttpGateway:
    """sync.gateway.Gateway over one channel and session."""

    def __init__(self, channel: Channel, session: Session, *, listening: Channel) -> None:
        self._channel = channel
        self._session = session
        # Waiting has a channel of its own, so that it can be ended without ending a push.
        self._listening = listening
        self._others: list[BlobChannel] = []

    def hello(self, message: Hello) -> HelloAnswer:
        """Say who is there and hear what the server wants."""
        answer = self._ask(HELLO, message, HelloAnswer)
        if PROTOCOL not in answer.supported:
            raise _other_version(answer.supported)
        return answer

    def push(self, epoch: str, entries: Sequence[SealedEntry]) -> PushAnswer:
        """Send entries; one receipt each."""
        return self._ask(PUSH, Push(protocol=PROTOCOL, epoch=epoch, entries=tuple(entries)), PushAnswer)

    def ask_wipe(self, message: AskWipe) -> WipeAsked:
        """Ask whether this workstation is to be erased."""
        return self._ask(WIPE_ORDER, message, WipeAsked)

    def add_user(self, email: str, password: str, totp: str) -> UserAdded:
        """Sign a person in, to give them a slot or new tries."""
        message = AddUser(protocol=PROTOCOL, email=email, password=password, totp=totp)
        return self._ask(ADD_USER, message, UserAdded)

    @contextmanager
    def pull(self, epoch: str, since: Mapping[str, int], *, digest: bool) -> Iterator[Iterator[Frame]]:
        """Ask for what changed; the frames arrive while they are read."""
        message = Pull(protocol=PROTOCOL, epoch=epoch, since=dict(since), digest=digest, shape=NAMED)
        # The token is renewed before the stream begins: a stream cannot be asked twice halfway.
        token = self._fresh_token()
        with self._channel.streamed(PULL, message, token=token, read_seconds=_PULL_SILENCE_SECONDS) as response:
            yield frames(response.iter_bytes())

    def manifest(self, message: Manifest) -> ManifestAnswer:
        """Hear in which slices the replica differs."""
        return self._ask(MANIFEST, message, ManifestAnswer)

    @contextmanager
    def repair(self, message: Repair) -> Iterator[Iterator[RepairFrame]]:
        """Ask for what some slices lack and for what is too much in them; the frames arrive while they are read."""
        token = self._fresh_token()
        with self._channel.streamed(REPAIR, message, token=token, read_seconds=_PULL_SILENCE_SECONDS) as response:
            yield repair_frames(response.iter_bytes())

    def wait(
        self, epoch: str, checkpoint: str | None, seconds: int, *, unwanted: Callable[[], bool] | None = None
    ) -> bool:
        """Wait until the streams moved past checkpoint, at most so long; return whether they did."""
        message = Wait(protocol=PROTOCOL, epoch=epoch, checkpoint=checkpoint, seconds=seconds)

        def ask(token: str) -> Waited:
            patience = seconds + _WAIT_SLACK_SECONDS
            return self._listening.ask(WAIT, message, Waited, token=token, read_seconds=patience, unwanted=unwanted)

        return self._with_token(ask).moved

    def stop_listening(self) -> None:
        """End a wait that another thread is in."""
        self._listening.interrupt()

    def blobs(self, channel: Channel) -> BlobChannel:
        """Return the way of photos and documents: connections of its own, the same session. It ends with this one."""
        way = BlobChannel(channel, self._with_token)
        self._others.append(way)
        return way

    def close(self) -> None:
        """End all connections."""
        for other in self._others:
            other.close()
        self._listening.close()
        self._channel.close()

    def _ask(self, path: str, message: WireModel, answer: type[_AnswerModel]) -> _AnswerModel:
        def ask(token: str) -> _AnswerModel:
            return self._channel.ask(path, message, answer, token=token)

        return self._with_token(ask)

    def _fresh_token(self) -> str:
        return self._session.token()

    def _with_token(self, ask: Callable[[str], _Answer]) -> _Answer:
        token = self._session.token()
        try:
            return ask(token)
        except RequestRefused as refused:
            if refused.server_code != ProblemCode.TOKEN_EXPIRED:
                raise
        self._session.expired(token)
        return ask(self._session.token())


def _other_version(supported: Sequence[int]) -> ProtocolTooOld | ProtocolTooNew:
    newest = max(supported, default=0)
    if newest < PROTOCOL:
        return ProtocolTooNew(f"server speaks up to {newest}")
    return ProtocolTooOld(f"server speaks from {min(supported)}")
