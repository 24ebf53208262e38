import pytest

from tenantauth.paths import check_prefix, covers, rooted, routed_path


@pytest.mark.parametrize(
    ("path_info", "as_wsgi", "as_text"),
    [
        ("", "/", "/"),
        ("a", "/a", "/a"),
        ("//a//b/", "/a//b/", "/a//b/"),
        ("/\xc3\xa9", "/\xc3\xa9", "/é"),
        ("/\xff", "/\xff", "/\ufffd"),
        ("\xc0\xafa", "/\xc0\xafa", "/\ufffd\ufffda"),
    ],
    ids=["empty", "no slash", "slashes", "utf-8", "not utf-8", "a slash that is none"],
)
def test_a_path_is_read_as_routing_reads_it(path_info: str, as_wsgi: str, as_text: str) -> None:
    assert (rooted(path_info), routed_path(path_info)) == (as_wsgi, as_text)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a"),
        ("/a/b.c/", "/a/b.c"),
        ("/a b", "/a b"),
        ("/é", "/é"),
    ],
)
def test_a_prefix_loses_its_trailing_slash(text: str, prefix: str) -> None:
    assert check_prefix(text) == prefix


@pytest.mark.parametrize("prefix", ["/...", "/.well-known", "/a..b", "/a/..b"])
def test_dots_inside_a_segment_are_ordinary(prefix: str) -> None:
    assert check_prefix(prefix) == prefix


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("a", id="relative"),
        pytest.param("https://acme.test/a", id="url"),
        pytest.param("//", id="two-slashes"),
        pytest.param("//a", id="network-path"),
        pytest.param("/a//b", id="empty-segment"),
        pytest.param("/a?b", id="query"),
        pytest.param("/a#b", id="fragment"),
        pytest.param("/a\n", id="newline"),
        pytest.param("/a\r\nX: y", id="crlf"),
        pytest.param("/a\x00", id="nul"),
        pytest.param("/\ud800", id="surrogate"),
        pytest.param("/a%2Fb", id="escape"),
        pytest.param("/a/*", id="pattern"),
        pytest.param("/a/../b", id="parent-segment"),
        pytest.param("/a/.", id="dot-segment"),
        pytest.param("/..", id="parent"),
    ],
)
def test_a_prefix_that_could_never_cover_a_path_is_refused(text: str) -> None:
    """Threat 73: a rule that silently applies to nothing is no rule."""
    with pytest.raises(ValueError, match="is not a path prefix"):
        check_prefix(text)


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        ("/", "/"),
        ("/", "/anything"),
        ("/", ""),
        ("/a", "/a"),
        ("/a", "/a/"),
        ("/a", "/a/b"),
        ("/a/b", "/a/b/c"),
    ],
)
def test_a_prefix_covers_itself_and_what_is_below(prefix: str, path: str) -> None:
    assert covers(prefix, path)


@pytest.mark.parametrize("path", ["//a/b", "/a//b", "/a/b//", "///a////b/c"])
def test_repeated_slashes_do_not_escape_a_prefix(path: str) -> None:
    """Threat 73: path spellings."""
    assert covers("/a/b", path)


@pytest.mark.parametrize("path", ["/ab", "/", "", "a", "/A", "/b/a", "/a.b", "/a;b", "/a\\b"])
def test_a_prefix_covers_whole_segments_only(path: str) -> None:
    assert not covers("/a", path)
