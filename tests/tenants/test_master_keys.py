"""Where master keys come from, and what is refused."""

import base64
import logging
import stat
from pathlib import Path

import pytest

from tenantauth.settings import Settings
from tenants.errors import MasterKeyError
from tenants.master_keys import MasterKeys

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(32, 64))).decode()


def load(text: str) -> MasterKeys:
    return MasterKeys.load(Settings(master_key=text))


def load_file(path: Path) -> MasterKeys:
    return MasterKeys.load(Settings(master_key_file=str(path)))


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "tenantauth.key"
    path.touch(mode=0o600)
    path.write_text(f"k1:{KEY}\n")
    return path


def test_the_first_key_is_current_and_the_others_still_open() -> None:
    keys = load(f"k2:{OTHER}\n\nk1:{KEY}\n")
    assert keys.current_id == "k2"
    assert keys.get("k1") == bytes(range(32))


def test_a_key_that_begins_with_slashes_is_no_provider() -> None:
    key = b"\xff\xff" + bytes(range(30))
    slashes = base64.b64encode(key).decode()
    assert slashes.startswith("//")
    assert load(f"k1:{slashes}").get("k1") == key


def test_inline_keys_win_over_the_file(key_file: Path) -> None:
    settings = Settings(master_key=f"k2:{OTHER}", master_key_file=str(key_file))
    assert MasterKeys.load(settings).current_id == "k2"


def test_a_file_is_read(key_file: Path) -> None:
    keys = load_file(key_file)
    assert (keys.current_id, keys.findings) == ("k1", ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "holds no key", id="empty"),
        pytest.param("hunter2", "line 1", id="no id"),
        pytest.param("k1:hunter2hunter2", "line 1", id="no base64 of 32 bytes"),
        pytest.param(f"k1:{KEY[:-4]}", "line 1", id="too short"),
        pytest.param(f"k1:{KEY}AAAA", "line 1", id="too long"),
        pytest.param(f"k 1:{KEY}", "line 1", id="space in the id"),
        pytest.param(f"k1:{KEY}\nk1:{OTHER}", "used twice", id="same id"),
        pytest.param(f"k1:{KEY}\nhunter2", "line 2", id="second line"),
        pytest.param(f"k1:{base64.b64encode(bytes(32)).decode()}", "not random", id="zeros"),
        pytest.param("vault://secret/hunter2", "vault:// is not supported", id="vault"),
        pytest.param("awskms://hunter2", "awskms:// is not supported", id="awskms"),
        pytest.param("azurekv://hunter2", "azurekv:// is not supported", id="azurekv"),
    ],
)
def test_a_bad_key_is_refused_and_not_repeated(text: str, words: str) -> None:
    """threat 106, threat 119"""
    with pytest.raises(MasterKeyError, match=words) as caught:
        load(text)
    assert "hunter2" not in caught.value.message
    assert KEY not in caught.value.message


def test_a_missing_file_says_where_and_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match=r"tenantauth init") as caught:
        load_file(tmp_path / "tenantauth.key")
    assert str(tmp_path / "tenantauth.key") in caught.value.message


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="cannot be read: Is a directory"):
        load_file(tmp_path)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666], ids=oct)
def test_a_file_that_others_can_write_is_refused(key_file: Path, mode: int) -> None:
    """threat 108"""
    key_file.chmod(mode)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        load_file(key_file)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o444], ids=oct)
def test_a_file_that_others_can_read_is_a_warning(
    key_file: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    """threat 108"""
    key_file.chmod(mode)
    with caplog.at_level(logging.WARNING):
        keys = load_file(key_file)
    assert keys.findings == (f"{key_file} can be read by others; run: chmod 600 {key_file}",)
    assert caplog.messages == list(keys.findings)


def test_a_made_file_is_for_its_owner_alone_and_can_be_loaded(tmp_path: Path) -> None:
    """threat 108, threat 119: no key is shipped, each is random."""
    ids = {MasterKeys.create_file(tmp_path / name) for name in ("a.key", "b.key")}
    assert {load_file(tmp_path / name).current_id for name in ("a.key", "b.key")} == ids
    assert stat.S_IMODE((tmp_path / "a.key").stat().st_mode) == 0o600
    first, second = ((tmp_path / name).read_text().split(":")[1] for name in ("a.key", "b.key"))
    assert first != second


def test_a_key_file_is_never_overwritten(key_file: Path) -> None:
    before = key_file.read_text()
    with pytest.raises(FileExistsError):
        MasterKeys.create_file(key_file)
    assert key_file.read_text() == before


def test_a_key_file_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="cannot be made: No such file or directory"):
        MasterKeys.create_file(tmp_path / "no" / "such.key")


def test_no_key_is_shown() -> None:
    """threat 106"""
    assert repr(load(f"k1:{KEY}")) == "<MasterKeys k1>"
