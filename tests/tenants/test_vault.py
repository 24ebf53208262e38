"""Envelope encryption: what is sealed opens only where it belongs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.errors import MasterKeyError
from tenants.master_keys import MasterKeys
from tenants.vault import DataKey, Vault, WrappedKey

VAULT = Vault(MasterKeys({"k1": bytes(range(32))}))
SECRET = b'{"kty": "EC", "d": "hunter2"}'


@pytest.fixture
def sealing() -> tuple[DataKey, WrappedKey]:
    return VAULT.new_data_key("tenant-a")


@given(private=st.binary(), kid=st.text(), tenant_id=st.text())
def test_what_is_sealed_is_opened_again(private: bytes, kid: str, tenant_id: str) -> None:
    data_key, wrapped = VAULT.new_data_key(tenant_id.encode(errors="replace").decode())
    kid = kid.encode(errors="replace").decode()
    sealed = data_key.seal(kid, private)
    assert VAULT.unwrap(data_key.tenant_id, wrapped).open(kid, sealed) == private


def test_nothing_of_the_secret_is_in_what_is_stored(sealing: tuple[DataKey, WrappedKey]) -> None:
    """threat 109"""
    data_key, wrapped = sealing
    sealed = data_key.seal("kid-1", SECRET)
    assert b"hunter2" not in sealed
    assert data_key.secret not in wrapped.ciphertext


def test_sealing_twice_gives_two_texts(sealing: tuple[DataKey, WrappedKey]) -> None:
    data_key, _ = sealing
    assert data_key.seal("kid-1", SECRET) != data_key.seal("kid-1", SECRET)


def test_a_key_moved_to_another_kid_does_not_open(sealing: tuple[DataKey, WrappedKey]) -> None:
    """threat 109"""
    sealed = sealing[0].seal("kid-1", SECRET)
    with pytest.raises(MasterKeyError, match="'kid-2' cannot be opened"):
        sealing[0].open("kid-2", sealed)


def test_a_key_moved_to_another_tenant_does_not_open(sealing: tuple[DataKey, WrappedKey]) -> None:
    """threat 109: even with the same data key."""
    sealed = sealing[0].seal("kid-1", SECRET)
    with pytest.raises(MasterKeyError):
        replace(sealing[0], tenant_id="tenant-b").open("kid-1", sealed)


def test_a_data_key_moved_to_another_tenant_does_not_open(
    sealing: tuple[DataKey, WrappedKey],
) -> None:
    """threat 109"""
    with pytest.raises(MasterKeyError):
        VAULT.unwrap("tenant-b", sealing[1])


def test_another_master_key_under_the_same_id_says_which_is_needed(
    sealing: tuple[DataKey, WrappedKey],
) -> None:
    """threat 109"""
    other = Vault(MasterKeys({"k1": bytes(range(1, 33))}))
    with pytest.raises(MasterKeyError, match="'k1' is not the one") as caught:
        other.unwrap("tenant-a", sealing[1])
    assert caught.value.key_id == "k1"


def test_a_missing_master_key_says_which_is_needed(sealing: tuple[DataKey, WrappedKey]) -> None:
    """threat 109"""
    other = Vault(MasterKeys({"k2": bytes(range(32))}))
    with pytest.raises(MasterKeyError, match="'k1' is needed") as caught:
        other.unwrap("tenant-a", sealing[1])
    assert caught.value.key_id == "k1"


def test_a_former_master_key_still_opens_and_the_current_one_wraps() -> None:
    _, wrapped = VAULT.new_data_key("tenant-a")
    both = Vault(MasterKeys({"k2": bytes(range(1, 33)), "k1": bytes(range(32))}))
    assert both.unwrap("tenant-a", wrapped).tenant_id == "tenant-a"
    assert both.new_data_key("tenant-b")[1].master_key_id == "k2"


@given(position=st.integers(min_value=0), bit=st.integers(0, 7))
def test_no_bit_can_be_changed(position: int, bit: int) -> None:
    """threat 109: the version byte and the nonce neither."""
    data_key = DataKey("tenant-a", bytes(range(32)))
    sealed = bytearray(data_key.seal("kid-1", SECRET))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(MasterKeyError):
        data_key.open("kid-1", bytes(sealed))


@given(junk=st.binary(max_size=64))
def test_junk_is_refused_in_one_way(junk: bytes) -> None:
    with pytest.raises(MasterKeyError):
        DataKey("tenant-a", bytes(range(32))).open("kid-1", junk)


def test_no_repr_shows_a_key(sealing: tuple[DataKey, WrappedKey]) -> None:
    """threat 106"""
    assert repr(sealing) == "(<DataKey>, WrappedKey(master_key_id='k1'))"
    assert repr(VAULT) == "<Vault>"
