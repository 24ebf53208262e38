"""The text of a tenants file: from a path or the standard input, bounded, and UTF-8."""

import errno
import hashlib
import os
import re
import select
import stat
import sys
from dataclasses import dataclass

from tenants.declare.findings import FileFinding, FindingsError
from tenants.problems import Problem

MAX_BYTES = 64 * 1024 * 1024
STDIN = "-"

# YAML in braces does without the quotes, mostly; where it has them it is JSON as well.
_OBJECT = re.compile(r'\s*\{\s*["}]')


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file holds, and how people call it; ``digest`` is SHA-256 of its bytes."""

    name: str
    text: str
    digest: str

    @property
    def is_json(self) -> bool:
        """Tell whether it is read as JSON: by its name, else by how it begins."""
        if self.name.endswith((".yaml", ".yml")):
            return False
        return self.name.endswith(".json") or _OBJECT.match(self.text) is not None


def read_text(path: str, *, pipe_wait_s: float = 10) -> FileText:
    """Return the text of a file; ``-`` is the standard input.

    A named pipe has so long to give its first byte.

    Raises:
        FindingsError: when there is none that can be read.
    """
    name = "<stdin>" if path == STDIN else path
    try:
        content = (
            sys.stdin.buffer.read(MAX_BYTES + 1) if path == STDIN else _read(path, pipe_wait_s)
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is no path"
        raise _refused(name, f"the file cannot be read: {reason}") from None
    return from_bytes(name, content)


def from_bytes(name: str, content: bytes) -> FileText:
    """Return the text that these bytes are.

    Raises:
        FindingsError: when they are too many, or not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise _refused(name, f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(name, "the file is UTF-16", "save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refused(name, "the file is not UTF-8", "save it as UTF-8", line) from None
    if (at := text.find("\0")) >= 0:
        raise _refused(name, "the file holds a NUL character", line=text.count("\n", 0, at) + 1)
    return FileText(name, text, hashlib.sha256(content).hexdigest())


def _read(path: str, pipe_wait_s: float) -> bytes:
    # A pipe that nobody has opened to write would be waited for as early as here.
    with open(path, "rb", opener=_open_at_once) as file:
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            ready, _, _ = select.select([file], [], [], pipe_wait_s)
            if not ready:
                raise TimeoutError(errno.ETIMEDOUT, f"nobody writes to it for {pipe_wait_s} s")
        os.set_blocking(file.fileno(), True)
        return file.read(MAX_BYTES + 1)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _refused(name: str, text: str, hint: str = "", line: int = 0) -> FindingsError:
    return FindingsError([FileFinding.of(Problem("TA001", text, (), hint), name, line)])
