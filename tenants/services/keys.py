"""Signing keys: shown, imported, rotated, ended (how safely: `tenants.key_changes`)."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from tenants.compile import compile_keys
from tenants.core import Core
from tenants.errors import ConflictError, InvalidError, NotFoundError, TooEarlyError
from tenants.key_changes import KeyChanges
from tenants.key_import import ImportedKey, ImportState, read_key
from tenants.key_outcomes import Compromise, KeyImport, Rotation
from tenants.key_promotion import wait_for_readers, whole_second
from tenants.key_rows import Snapshot, read_keys, rules_of, to_records
from tenants.keys import ALGORITHMS, Jwks, published
from tenants.lifecycle import KeyChain, KeyLife
from tenants.tenant_rows import all_slugs, find_tenant
from tenants.values import KeyRecord


class KeyService:
    """Everything about a tenant's signing keys; ``sleep`` waits that many seconds."""

    def __init__(self, core: Core, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._core = core
        self._changes = KeyChanges(core)
        self._sleep = sleep

    def jwks(self, slug: str) -> Jwks:
        """Return the tenant's published keys as a JSON Web Key Set (RFC 7517 section 5).

        As workers do, it leaves out keys that cannot be read (`check` finds them: TA301).

        Raises:
            NotFoundError: when there is no such tenant.
        """
        with self._core.begin() as session:
            rows = read_keys(session, find_tenant(session, slug).id)
        # No secret is opened: those of symmetric keys are never published.
        return published(compile_keys(rows, None, []))

    def rotate(self, slug: str, *, now: bool = False) -> Rotation:
        """Let the pending key sign and make the next one; the active key goes into grace.

        With ``now`` readers of the JWKS outside the registry may meet a key that they do not hold
        yet; live workers are still given one staleness bound.

        Raises:
            NotFoundError: when there is no such tenant.
            TooEarlyError: when the pending key was not published for long enough.
            ConflictError: when another process changed the keys meanwhile; it has most likely
                rotated, and nothing is left to do.
            MasterKeyError: when no key can be sealed.
        """
        return self._promote(self._changes.read_settled(slug), "key.rotate", now=now)

    def promote(self, slug: str, kid: str, *, now: bool = False) -> Rotation:
        """Let exactly this pending key sign, as `rotate` does; done twice, it changes nothing.

        Raises:
            NotFoundError: when there is no such tenant or key.
            InvalidError: when the key neither is pending nor signs already.
            RegistryError: as `rotate` does.
        """
        snapshot = self._changes.read_settled(slug)
        key = _find(snapshot, kid)
        if key.state == "active":
            records = {record.kid: record for record in self.list(slug)}
            return Rotation(slug, records[kid], records[snapshot.chain.pending.kid])
        if key.state != "pending":
            raise InvalidError([f"key {kid!r} is {key.state}: only the pending key can sign next"])
        return self._promote(snapshot, "key.promote", now=now)

    def retire(self, slug: str, kid: str, *, force: bool = False) -> KeyRecord:
        """End a key in grace before its time; done twice, it changes nothing.

        Raises:
            NotFoundError: when there is no such tenant or key.
            InvalidError: when the key was not in grace.
            TooEarlyError: when a token of it can be alive; with ``force`` that token ends.
            ConflictError: when another process changed the keys meanwhile.
        """
        snapshot = self._changes.read(slug)
        key = _find(snapshot, kid)
        if key.state not in ("grace", "retired"):
            raise InvalidError([f"key {kid!r} is {key.state}: only a key in grace can be retired"])
        over_at = snapshot.rules.over_at(key)
        if key.state == "grace" and not force and self._core.now() < over_at:
            until = whole_second(over_at)
            raise TooEarlyError(f"a token of key {kid!r} can be alive until {until}", over_at)
        stored = self._changes.store(
            snapshot,
            "key.retire",
            lambda chain, now, _: chain.end(kid, now) if force and _is_grace(chain, kid) else chain,
        )
        return stored.records[kid]

    def import_key(
        self,
        slug: str,
        data: bytes,
        *,
        kid: str,
        algorithm: str | None = None,
        state: ImportState = "grace",
        password: bytes | None = None,
    ) -> KeyImport:
        """Take over a key that others made, in a form that `tenants.key_import.read_key` knows.

        In ``grace`` it verifies what it has signed and never signs here. As ``pending`` it takes
        the place of the pending key. As ``active`` it does that, and signs as soon as live workers
        hold it.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: when the key is weak, malformed or leaked, or does not fit the others.
            ConflictError: when the tenant has a key of this ``kid``, or another process changed
                the keys meanwhile.
            MasterKeyError: when its secret cannot be sealed.
        """
        try:
            key = read_key(data, kid=kid, algorithm=algorithm, state=state, password=password)
        except ValueError as error:
            raise InvalidError([str(error)]) from None
        snapshot = self._changes.read_settled(slug)
        known = snapshot.chain.get(kid)
        if known is not None:
            raise ConflictError(f"tenant {slug!r} has a key {kid!r} already; it is {known.state}")
        if state == "grace":
            return self._import_verifier(snapshot, key)
        done = self._import_signer(snapshot, key)
        if state == "active":
            rotation = self.promote(slug, kid, now=True)
            return KeyImport(slug, rotation.promoted, done.dropped, rotation)
        return done

    def change_algorithm(self, slug: str, algorithm: str) -> KeyRecord:
        """Return a pending key of another algorithm, put in place of the one there was.

        It signs from the next rotation on; done twice, it changes nothing.

        Raises:
            NotFoundError: when there is no such tenant.
            InvalidError: when there is no such algorithm, or it is an HMAC one and the tenant's
                is not, or the reverse.
            ConflictError: when another process changed the keys meanwhile.
            MasterKeyError: when the new key cannot be sealed.
        """
        if algorithm not in ALGORITHMS:
            raise InvalidError([f"{algorithm!r} is not one of: {', '.join(ALGORITHMS)}"])
        snapshot = self._changes.read_settled(slug)
        if snapshot.algorithm == algorithm:
            return next(key for key in self.list(slug) if key.state == "pending")
        stored = self._changes.store(
            snapshot,
            "key.algorithm",
            lambda chain, now, make: chain.replace_pending(KeyLife(make(), now), now, make),
            algorithm=algorithm,
        )
        return stored.pending

    def rotate_due(
        self, watch: Callable[[Sequence[str]], Iterable[str]] = iter
    ) -> tuple[Rotation, ...]:
        """Rotate every tenant whose key has signed long enough, and retire keys; made for timers.

        Tenants whose pending key is too young, or that another process changes just now, are left
        to the next run. ``watch`` passes on the tenants' slugs and may show how far it is.

        Raises:
            MasterKeyError: when no key can be sealed.
        """
        rotations = []
        for slug in watch(self._slugs()):
            with suppress(TooEarlyError, ConflictError, NotFoundError):
                snapshot = self._changes.read_settled(slug)
                now = self._core.now()
                if snapshot.rules.is_due(snapshot.chain.active, now):
                    rotations.append(self.rotate(slug))
                elif snapshot.chain.retire(now, snapshot.rules) != snapshot.chain:
                    self._changes.store(snapshot, "key.retire", lambda chain, *_: chain)
        return tuple(rotations)

    def compromise(self, slug: str, kid: str) -> Compromise:
        """Refuse all that a leaked key has signed, for good; its successor signs at once.

        A successor that was made just before may itself be unknown to live workers for one
        staleness bound, and to readers of the JWKS for its max-age.

        Raises:
            NotFoundError: when there is no such tenant or key.
            MasterKeyError: when a new key is needed and cannot be sealed.
        """
        return self._compromise(slug, kid)

    def compromise_all(self, slug: str) -> Compromise:
        """Refuse all that the tenant has signed, and start again with two new keys.

        Raises:
            NotFoundError: when there is no such tenant.
            MasterKeyError: when the new keys cannot be sealed.
        """
        return self._compromise(slug, None)

    def list(self, slug: str) -> list[KeyRecord]:
        """Return all keys of the tenant, the oldest first.

        Raises:
            NotFoundError: when there is no such tenant.
        """
        with self._core.begin() as session:
            tenant = find_tenant(session, slug)
            rules = rules_of(tenant, self._core.settings.staleness_s)
            return to_records(read_keys(session, tenant.id), rules)

    def _compromise(self, slug: str, kid: str | None, attempts: int = 5) -> Compromise:
        snapshot = self._changes.read(slug)
        kids = {
            key.kid
            for key in snapshot.chain.keys
            if key.kid == kid or (kid is None and key.state != "compromised")
        }
        if not kids:
            raise NotFoundError(f"tenant {slug!r} has no key {kid!r}")
        try:
            stored = self._changes.store(
                snapshot,
                "key.compromise",
                lambda chain, now, make: chain.compromise(kids, now, make),
            )
        except ConflictError:
            # Whoever was faster has rotated, most likely: the leaked key is still to be refused.
            if attempts > 1:
                return self._compromise(slug, kid, attempts - 1)
            raise
        refused = tuple(record for record in stored.records.values() if record.kid in kids)
        return Compromise(slug, refused, stored.active, stored.pending)

    def _promote(self, snapshot: Snapshot, action: str, *, now: bool) -> Rotation:
        waited_s = wait_for_readers(self._core, snapshot, now=now, sleep=self._sleep)
        stored = self._changes.store(
            snapshot, action, lambda chain, now, make: chain.rotate(now, make)
        )
        demoted = stored.records[snapshot.chain.active.kid]
        return Rotation(snapshot.slug, stored.active, stored.pending, demoted, waited_s)

    def _import_verifier(self, snapshot: Snapshot, key: ImportedKey) -> KeyImport:
        stored = self._changes.store(
            snapshot,
            "key.import",
            lambda chain, now, make: chain.add(
                KeyLife(make.adopt(key, "grace"), now, "grace", grace_at=now)
            ),
        )
        return KeyImport(snapshot.slug, stored.records[key.kid])

    def _import_signer(self, snapshot: Snapshot, key: ImportedKey) -> KeyImport:
        stored = self._changes.store(
            snapshot,
            "key.import",
            lambda chain, now, make: chain.replace_pending(
                KeyLife(make.adopt(key, "pending"), now), now, make
            ),
        )
        dropped = stored.records[snapshot.chain.pending.kid]
        return KeyImport(snapshot.slug, stored.pending, dropped)

    def _slugs(self) -> Sequence[str]:
        with self._core.begin() as session:
            return all_slugs(session)


def _find(snapshot: Snapshot, kid: str) -> KeyLife:
    key = snapshot.chain.get(kid)
    if key is None:
        raise NotFoundError(f"tenant {snapshot.slug!r} has no key {kid[:80]!r}")
    return key


def _is_grace(chain: KeyChain, kid: str) -> bool:
    key = chain.get(kid)
    return key is not None and key.state == "grace"
