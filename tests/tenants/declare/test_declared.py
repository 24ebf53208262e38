from pathlib import Path

from tenants.registry import Registry
from tests.servers.databases import on
from tests.tenants.declare.kit import file, findings_of, ids, refusals, tenants

HERE = Path(__file__).parent


@on("sqlite")
def test_a_file_with_every_mistake_is_told_all_of_them(registry: Registry) -> None:
    """Threat 117: and nothing of it is written."""
    text = (HERE / "every_mistake.yaml").read_bytes()
    found = refusals(registry, file(text, "every_mistake.yaml"))
    assert [str(finding) for finding in found] == (
        (HERE / "every_mistake.txt").read_text().splitlines()
    )
    assert (registry.tenants.list(), registry.tiers.list()) == ([], [])


@on("sqlite")
def test_a_value_behind_an_alias_has_the_line_of_the_alias(registry: Registry) -> None:
    source = tenants(
        "- slug: a\n  limits: &own [{name: user, rate: 5/never}]\n- slug: b\n  limits: *own\n"
    )
    assert [(each.line, each.place) for each in refusals(registry, source)] == [
        (4, "tenants[0].limits[0]"),
        (6, "tenants[1].limits[0]"),
    ]


@on("sqlite")
def test_findings_in_json_have_lines_too(registry: Registry) -> None:
    source = file(
        '{"version": 1,\n\t"tenants": [\n\t{"slug": "a\\/b",\n\t"guard": "no"}]}', "t.json"
    )
    assert [(each.id, each.line) for each in refusals(registry, source)] == [
        ("TA011", 3),
        ("TA023", 4),
    ]


def test_an_empty_file_says_what_a_file_begins_with() -> None:
    (finding,) = findings_of(file("# nothing yet\n"))
    assert (finding.id, finding.hint) == ("TA007", "begin with version: 1 and tenants:")


def test_what_comes_before_the_end_of_yaml_is_told_as_well() -> None:
    source = tenants("- slug: a\n  slug: b\n  nam: x\n- {slug: [}\n")
    assert ids(source) == ["TA004", "TA005", "TA002"]


def test_a_member_of_a_later_version_is_not_called_unknown() -> None:
    names = ("sign_in", "sessions", "revocation_outage", "legacy")
    for name in names:
        (finding,) = findings_of(tenants(f"- {{slug: a, {name}: x}}\n"))
        assert (finding.id, finding.text) == ("TA008", f"{name} is not in this version yet")
