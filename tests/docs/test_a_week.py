"""The week of a platform team runs as it is written: onboarding, changes, keys, leaving, CI."""

import re
from pathlib import Path

from tests.docs.test_readme import run

PAGE = Path(__file__).parents[2] / "docs" / "a-week.md"
_BLOCK = re.compile(r"^```(sh|yaml|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"# (\S+)\n")


def script() -> str:
    """Return the page as one shell script: files where it shows files, commands as they are."""
    parts = []
    for language, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "sh":
            parts.append(text)
            continue
        name = _FILE_NAME.match(text)
        assert name, text
        parts.append(f"cat > {name[1]} <<'END'\n{text}END\n")
    # A bound of half a second instead of two, so that nobody waits for `rotate --now`.
    return "export TENANTAUTH_STALENESS=500ms\n" + "".join(parts)


def test_every_line_of_the_week_works(tmp_path: Path) -> None:
    told = run(script(), tmp_path)
    for words in (
        "initech lives at http://initech.localhost:8000",
        "tenant initech is suspended",
        "former:",
        "api.acme.example",
        "tenant.restore",
    ):
        assert words in told
    assert "PRIVATE" not in told
