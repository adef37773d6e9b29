"""Signing in: password and second factor, with equal answers and times for accounts that do not exist."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from wc_contract.model.ids import Chance, DeviceId, DistrictId, UserId, new_uuid
from wc_contract.model.instants import Clock, Instant
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.auth.passwords import Passwords
from wc_sync_server.auth.ports import AccessStore, AccessStores
from wc_sync_server.auth.recovery import recovery_hash
from wc_sync_server.auth.sign_on import Vouched
from wc_sync_server.auth.totp import accepted_step, matching_step
from wc_sync_server.domain.access import Account
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.registration import Attempt, AttemptMade, Failures
from wc_sync_server.domain.sealing import Cell, Sealer

_CREDENTIALS_TABLE = "user_credentials"
_SECRET_COLUMN = "totp_secret"  # noqa: S105  # a column's name


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """How many failures within how long lock an account, and how many an address."""

    window: timedelta = timedelta(minutes=15)
    of_account: int = 10
    from_address: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody typed, and from where."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    totp: str = field(repr=False)
    address: str | None = field(default=None, repr=False)
    device: DeviceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Somebody proved who they are. What they proved it with is used up in the action's transaction.

    step is that of their authenticator; recovery, instead of it, the row of a recovery code. begun tells which single
    sign-on vouched for them; with one that asked for a second factor itself there is neither. rehashed is what is to
    stand in place of a password's hash that is no longer good enough.
    """

    account: Account
    step: int = 0
    recovery: UUID | None = None
    begun: int = 0
    rehashed: str | None = field(default=None, repr=False)

    def use_up(self, store: AccessStore, at: Instant) -> bool:
        """Remember the second factor as used, and the better hash; False when somebody was faster."""
        if not self._used_up(store, at):
            return False
        if self.rehashed is not None and self.account.password_hash is not None:
            store.replace_hash(self.account.id, self.account.password_hash, self.rehashed, at)
        return True

    def _used_up(self, store: AccessStore, at: Instant) -> bool:
        if self.begun and not store.use_sign_on(self.account.id, self.begun, at):
            return False
        if self.recovery is not None:
            return store.use_recovery_code(self.account.id, self.recovery, at)
        return (self.begun > 0 and not self.step) or store.use_second_factor(self.account.id, self.step, at)


class SignIn:
    """Checks credentials, keeps count of failures, and locks out."""

    def __init__(
        self,
        *,
        stores: AccessStores,
        passwords: Passwords,
        cipher: Sealer,
        lock_out: LockOut,
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._stores = stores
        self._passwords = passwords
        self._cipher = cipher
        self._lock_out = lock_out
        self._clock = clock
        self._chance = chance

    def prove(self, district: DistrictId, typed: Credentials, *, again: bool = False) -> Proven:
        """Return who signed in. again accepts a second factor's step that was used before (a retried enrolment).

        Raises ProblemRaised: LOCKED_OUT, SIGN_IN_FAILED, SECOND_FACTOR_FAILED, BUSY.
        """
        # The turn spans look-up and record, so that guesses sent at once are counted one after the other.
        with self._passwords.turn():
            account, failures, imported = self._look_up(district, typed)
            self._require_unlocked(district, typed, account, failures)
            stored = account.password_hash if account is not None and account.is_active else None
            if not self._passwords.matches(stored, typed.password, imported=imported) or account is None:
                known = Attempt.UNKNOWN if account is None else Attempt.WRONG_PASSWORD
                self._record(district, typed, account, known)
                raise ProblemRaised(ProblemCode.SIGN_IN_FAILED)
            proven = self._with_code(district, typed, account, again=again)
            if stored is not None and self._passwords.outdated(stored) and not again:
                proven = replace(proven, rehashed=self._passwords.hash_again(typed.password))
            self._record(district, typed, account, Attempt.SUCCEEDED)
        return proven

    def vouch(self, district: DistrictId, vouched: Vouched, typed: Credentials, *, again: bool = False) -> Proven:
        """Return whom a single sign-on vouches for, when an operator linked them; of what was typed the code counts.

        Raises ProblemRaised: LOCKED_OUT, SIGN_ON_REFUSED, SECOND_FACTOR_FAILED, BUSY.
        """
        with self._passwords.turn():
            with self._stores.open(district) as store:
                account = store.account_by_sign_on(vouched.issuer, vouched.name)
                # Who has no account is counted by a name that no account has.
                typed = replace(typed, email=f"{vouched.issuer} {vouched.name}" if account is None else account.email)
                since = self._clock.now() - self._lock_out.window
                failures = store.failures(account_key(typed.email, account), typed.address, since)
            self._require_unlocked(district, typed, account, failures)
            used = account is not None and vouched.begun <= account.sign_on_used and not again
            if account is None or not account.is_active or used:
                self._record(district, typed, account, Attempt.UNKNOWN if account is None else Attempt.REFUSED)
                raise ProblemRaised(ProblemCode.SIGN_ON_REFUSED)
            if vouched.strong:
                proven = Proven(account=account, begun=vouched.begun)
            else:
                proven = replace(self._with_code(district, typed, account, again=again), begun=vouched.begun)
            self._record(district, typed, account, Attempt.SUCCEEDED)
        return proven

    def _require_unlocked(
        self, district: DistrictId, typed: Credentials, account: Account | None, failures: Failures
    ) -> None:
        if self._locked(failures):
            self._record(district, typed, account, Attempt.LOCKED_OUT)
            raise ProblemRaised(ProblemCode.LOCKED_OUT, retry_after=int(self._lock_out.window.total_seconds()))

    def _with_code(self, district: DistrictId, typed: Credentials, account: Account, *, again: bool) -> Proven:
        proven = self._proven(district, account, typed.totp, again=again)
        if proven is None:
            self._record(district, typed, account, Attempt.WRONG_CODE)
            raise ProblemRaised(ProblemCode.SECOND_FACTOR_FAILED)
        return proven

    def _look_up(self, district: DistrictId, typed: Credentials) -> tuple[Account | None, Failures, int]:
        since = self._clock.now() - self._lock_out.window
        with self._stores.open(district) as store:
            account = store.account_by_email(normal_email(typed.email))
            failures = store.failures(account_key(typed.email, account), typed.address, since)
            return account, failures, store.highest_bcrypt_cost()

    def _locked(self, failures: Failures) -> bool:
        return failures.of_account >= self._lock_out.of_account or failures.from_address >= self._lock_out.from_address

    def _proven(self, district: DistrictId, account: Account, code: str, *, again: bool) -> Proven | None:
        hashed = recovery_hash(account.id, code)
        if hashed is not None:
            with self._stores.open(district) as store:
                recovery = store.recovery_code(account.id, hashed, used_too=again)
            return None if recovery is None else Proven(account=account, recovery=recovery)
        step = self._second_factor(district, account, code, again=again)
        return None if step is None else Proven(account=account, step=step)

    def _second_factor(self, district: DistrictId, account: Account, code: str, *, again: bool) -> int | None:
        if account.mfa_secret is None:
            return None
        secret = self._cipher.open(account.mfa_secret, secret_cell(district, account.id))
        now = self._clock.now()
        return matching_step(secret, code, now) if again else accepted_step(secret, code, now, account.mfa_last_step)

    def _record(self, district: DistrictId, typed: Credentials, account: Account | None, outcome: Attempt) -> None:
        at = self._clock.now()
        user: UserId | None = None if account is None else account.id
        attempt = AttemptMade(
            id=new_uuid(at, self._chance),
            account_key=account_key(typed.email, account),
            user=user,
            device=typed.device,
            address=typed.address,
            outcome=outcome,
            at=at,
        )
        with self._stores.open(district) as store:
            store.record_attempt(attempt)
            store.audit(
                [
                    AuditEvent(
                        action="SIGN_IN" if outcome is Attempt.SUCCEEDED else "SIGN_IN_FAILED",
                        entity_type="user",
                        entity_id="unknown" if user is None else str(user),
                        at=at,
                        user_id=user,
                        role=None if account is None else account.role,
                        device_id=typed.device,
                        detail={"outcome": outcome.value},
                    )
                ]
            )
            store.commit()


def secret_cell(district: DistrictId, user: UserId) -> Cell:
    """Return where the secret of somebody's second factor stands."""
    return Cell(district=district, table=_CREDENTIALS_TABLE, row=user, column=_SECRET_COLUMN)


def normal_email(email: str) -> str:
    """Return an e-mail address as accounts keep it."""
    return email.strip().lower()


def account_key(email: str, account: Account | None) -> str:
    """Return under which name failures are counted: nobody's typing is kept unless it names an account."""
    if account is not None:
        return account.email
    return "sha256:" + sha256(normal_email(email).encode()).hexdigest()
