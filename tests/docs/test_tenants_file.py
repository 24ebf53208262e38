"""What docs/tenants-file.md says is what the code does."""

import re
from pathlib import Path

from tests.tenants.declare.kit import file, findings_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tenants-file.md").read_text(encoding="utf-8")


def test_every_id_of_a_finding_is_in_the_table_and_no_other() -> None:
    sources = [path.read_text() for path in (ROOT / "tenants").rglob("*.py")]
    used = {id_ for text in sources for id_ in re.findall(r'"(TA0\d\d)"', text)}
    told = set(re.findall(r"^\| (TA0\d\d) \|", PAGE, re.MULTILINE))
    # What is wrong with a trusted issuer is looked at elsewhere.
    assert used | {"TA021"} == told


def test_the_example_is_a_tenants_file() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert findings_of(file(example)) == []
