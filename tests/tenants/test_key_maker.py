"""New signing keys, sealed at once."""

from datetime import UTC, datetime

import pytest

from tenants.errors import MasterKeyError
from tenants.key_maker import KeyMaker
from tenants.keys import import_private
from tenants.lifecycle import KeyLife
from tenants.vault import DataKey

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DATA_KEY = DataKey("t1", bytes(range(32)))


def test_a_made_key_is_sealed_for_its_tenant_and_kid() -> None:
    maker = KeyMaker("ES256", lambda: DATA_KEY)
    kid = maker()
    row = maker.row("t1", KeyLife(kid, NOW))
    assert row.sealed_private is not None
    private = import_private(DATA_KEY.open(kid, row.sealed_private))
    assert private.as_dict(private=False).items() <= row.public_jwk.items()
    with pytest.raises(MasterKeyError):
        DATA_KEY.open("another", row.sealed_private)


def test_a_row_has_the_state_that_its_life_says() -> None:
    maker = KeyMaker("EdDSA", lambda: DATA_KEY)
    life = KeyLife(maker(), NOW).enter("active", NOW)
    row = maker.row("t1", life)
    assert (row.state, row.algorithm) == ("active", "EdDSA")
    assert (row.created_at, row.activated_at) == (NOW, NOW)


def test_the_data_key_is_not_asked_for_before_a_key_is_made() -> None:
    def refuse() -> DataKey:
        raise MasterKeyError("no master key")

    maker = KeyMaker("ES256", refuse)
    with pytest.raises(MasterKeyError):
        maker()
