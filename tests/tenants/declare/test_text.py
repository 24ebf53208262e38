import os
from pathlib import Path
from threading import Timer

import pytest

from tenants.declare import text
from tenants.declare.findings import FindingsError
from tenants.declare.text import from_bytes, read_text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\nb: \xff\n", "f.yaml:2: TA001 the file is not UTF-8 (save it as UTF-8)"),
        ("version: 1".encode("utf-16"), "f.yaml: TA001 the file is UTF-16 (save it as UTF-8)"),
        (b"a: 1\n\n\0\n", "f.yaml:3: TA001 the file holds a NUL character"),
    ],
    ids=["bytes", "UTF-16", "NUL"],
)
def test_what_is_no_text_is_told_with_its_line(content: bytes, told: str) -> None:
    with pytest.raises(FindingsError) as caught:
        from_bytes("f.yaml", content)
    assert str(caught.value) == told


def test_a_mark_of_utf_8_is_no_part_of_the_text() -> None:
    assert from_bytes("f.yaml", b"\xef\xbb\xbfa: 1").text == "a: 1"


def test_a_file_is_not_read_beyond_its_bound(tmp_path: Path) -> None:
    """Threat 117: a name that leads to something endless takes no more than that."""
    with pytest.raises(FindingsError, match="the file is larger than 64 MB"):
        read_text("/dev/zero")
    assert text.MAX_BYTES == 64 * 1024 * 1024


def test_a_pipe_that_nobody_writes_to_is_waited_for_a_bounded_time(tmp_path: Path) -> None:
    """Threat 117."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FindingsError, match=r"nobody writes to it for 0\.1 s"):
        read_text(str(tmp_path / "pipe"), pipe_wait_s=0.1)


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """As a shell gives one for `<(command)`, by a name, and maybe in two parts."""
    reading, writing = os.pipe()
    os.write(writing, b"version")

    def finish() -> None:
        os.write(writing, b": 1")
        os.close(writing)

    Timer(0.1, finish).start()
    assert read_text(f"/dev/fd/{reading}").text == "version: 1"
    os.close(reading)


@pytest.mark.parametrize("name", [".", "/proc/self/mem", "no.yaml", "a\0b"])
def test_what_cannot_be_read_is_one_finding(name: str) -> None:
    """Threat 117: a folder, a file that gives no bytes, none, and no path."""
    with pytest.raises(FindingsError, match=r": TA001 the file cannot be read: [\w /]+$"):
        read_text(name)


@pytest.mark.parametrize(
    ("name", "content", "is_json"),
    [
        ("a.json", "version: 1", True),
        ("a.yaml", '{"version": 1}', False),
        ("<stdin>", ' {"version": 1}', True),
        ("<stdin>", "{version: 1}", False),
    ],
)
def test_json_is_known_by_its_name_or_its_beginning(
    name: str, content: str, *, is_json: bool
) -> None:
    assert from_bytes(name, content.encode()).is_json is is_json
