"""Refresh tokens: one successor each, and the same one again for whoever lost the answer and holds the key."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from wc_contract.model.ids import Chance, DistrictId, new_uuid
from wc_contract.model.instants import Clock
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import Refresh, Tokens
from wc_sync_server.auth.device_proof import require_proof
from wc_sync_server.auth.nonces import Nonces
from wc_sync_server.auth.ports import AccessStore, AccessStores
from wc_sync_server.auth.tokens import AccessTokens, RefreshTokens, token_hash
from wc_sync_server.domain.access import Principal, SessionRow
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.domain.registration import NewSession
from wc_sync_server.domain.requests import SignedRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Begins sessions and carries them on."""

    stores: AccessStores
    access: AccessTokens
    refresh: RefreshTokens
    nonces: Nonces
    clock: Clock
    chance: Chance
    lifetime: timedelta

    def begin(self, store: AccessStore, principal: Principal) -> Tokens:
        """Return the first tokens of a session, whose row's id principal names."""
        self._add(store, principal, generation=1)
        return self._tokens(principal)

    def carry_on(self, request: SignedRequest, message: Refresh) -> Tokens:
        """Return the successor of a refresh token: the same one until that was used.

        A revoked device is carried on too: what it has not sent is still to be sent. Raises ProblemRaised:
        SIGN_IN_FAILED for a token that opens nothing any more, USE_NONCE, BAD_PROOF.
        """
        found = self.refresh.read(message.refresh_token)
        if found is None:
            raise ProblemRaised(ProblemCode.SIGN_IN_FAILED)
        district, row_id = found
        with self.stores.open(district) as store:
            row = store.session_for_update(row_id)
            if row is None or row.token_hash != token_hash(message.refresh_token):
                raise ProblemRaised(ProblemCode.SIGN_IN_FAILED)
            require_proof(replace(request, token=message.refresh_token), row.sign_key, self.nonces)
            if row.ended or row.expires_at <= self.clock.now() or row.successor_used:
                raise ProblemRaised(ProblemCode.SIGN_IN_FAILED)
            successor = self._successor(store, district, row)
            store.commit()
        return self._tokens(successor)

    def _successor(self, store: AccessStore, district: DistrictId, row: SessionRow) -> Principal:
        now = self.clock.now()
        principal = Principal(
            district=district,
            school=row.school,
            device=row.device,
            user=row.user,
            session=row.successor or new_uuid(now, self.chance),
        )
        if row.successor is None:
            self._add(store, principal, generation=row.generation + 1)
            store.use_session(row.id, principal.session, now)
        return principal

    def _add(self, store: AccessStore, principal: Principal, *, generation: int) -> None:
        now = self.clock.now()
        store.add_session(
            NewSession(
                id=principal.session,
                user=principal.user,
                device=principal.device,
                token_hash=token_hash(self._refresh_token(principal.district, principal.session)),
                generation=generation,
                at=now,
                expires_at=now + self.lifetime,
            )
        )

    def _tokens(self, principal: Principal) -> Tokens:
        return Tokens(
            access_token=self.access.issue(principal),
            expires_in=int(self.access.lifetime.total_seconds()),
            refresh_token=self._refresh_token(principal.district, principal.session),
        )

    def _refresh_token(self, district: DistrictId, row: UUID) -> str:
        return self.refresh.write(district, row)
