from time import perf_counter

import pytest

from tenantauth.units import MAX_AMOUNT, Rate, format_duration, parse_duration

DURATIONS = [
    ("0s", 0.0),
    ("9ms", 0.009),
    ("500ms", 0.5),
    ("2s", 2.0),
    ("15m", 900.0),
    ("12h", 43_200.0),
    ("30d", 2_592_000.0),
    ("90061s", 90_061.0),
]


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_a_duration_is_read_in_seconds_and_written_back(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("text", "largest"), [("1000ms", "1s"), ("120s", "2m"), ("24h", "1d"), ("0ms", "0s")]
)
def test_a_duration_is_written_in_its_largest_whole_unit(text: str, largest: str) -> None:
    assert format_duration(parse_duration(text)) == largest


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("15", id="no-unit"),
        pytest.param("m", id="no-number"),
        pytest.param("1w", id="unknown-unit"),
        pytest.param("1S", id="capital"),
        pytest.param("1.5s", id="fraction"),
        pytest.param("-1s", id="negative"),
        pytest.param("+1s", id="plus"),
        pytest.param("01s", id="leading-zero"),
        pytest.param("1 s", id="inner-space"),
        pytest.param(" 1s", id="outer-space"),
        pytest.param("1s\n", id="newline"),
        pytest.param("1h30m", id="two-units"),
        pytest.param("\u0663s", id="arabic-digit"),
        pytest.param("\u00b2s", id="superscript"),
        pytest.param("1\u017f", id="long-s"),
        pytest.param("1s\x00", id="nul"),
        pytest.param("1" * 10 + "d", id="too-long"),
        pytest.param("9" * 100_000 + "s", id="huge"),
    ],
)
def test_any_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("100/minute", Rate(100, 60)),
        ("100 per minute", Rate(100, 60)),
        ("100/15 minutes", Rate(100, 900)),
        ("1/second", Rate(1, 1)),
        ("10/hour", Rate(10, 3600)),
        ("5/2 days", Rate(5, 172_800)),
        (" 5 / MINUTE ", Rate(5, 60)),
        (f"{MAX_AMOUNT}/366 days", Rate(MAX_AMOUNT, 366 * 86_400)),
    ],
)
def test_a_rate_is_read(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize(
    "text", ["1/second", "100/minute", "100/15 minutes", "10/hour", "5/2 days", "7/90 seconds"]
)
def test_a_rate_is_written_as_it_is_read(text: str) -> None:
    assert str(Rate.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("5", id="no-window"),
        pytest.param("/minute", id="no-amount"),
        pytest.param("0/minute", id="zero-amount"),
        pytest.param("-1/minute", id="negative"),
        pytest.param("1/0 minute", id="zero-window"),
        pytest.param("1/00minutes", id="zero-window-unspaced"),
        pytest.param("1 PER 0 HOURS", id="zero-window-in-words"),
        pytest.param("5/min", id="abbreviated"),
        pytest.param("5/month", id="month-of-30-days"),
        pytest.param("5/year", id="year-of-360-days"),
        pytest.param("1.5/minute", id="fraction"),
        pytest.param("1e3/minute", id="exponent"),
        pytest.param("5/second;6/minute", id="two-by-semicolon"),
        pytest.param("5/second,6/minute", id="two-by-comma"),
        pytest.param("5/second|6/minute", id="two-by-bar"),
        pytest.param("5/minute;", id="separator-at-the-end"),
        pytest.param("5/minute or so", id="text-behind"),
        pytest.param("5/minute\x00", id="nul"),
        pytest.param("\u0663/minute", id="arabic-digit"),
        pytest.param("5/\u017fecond", id="long-s"),
        pytest.param(f"{MAX_AMOUNT + 1}/day", id="amount-too-large"),
        pytest.param("1/367 days", id="window-too-large"),
        pytest.param("9" * 5000 + "/day", id="huge-amount"),
        pytest.param("1/" + "9" * 5000 + " days", id="huge-window"),
    ],
)
def test_an_odd_rate_is_refused_and_never_guessed(text: str) -> None:
    """Threat 81: limit texts that parse oddly."""
    with pytest.raises(ValueError, match="rate"):
        Rate.parse(text)


@pytest.mark.parametrize(
    "text",
    ["1" + " " * 100_000 + "!", "1/" + " " * 100_000 + "!", "1/minute;" * 20_000, "1" * 100_000],
    ids=["spaces-before", "spaces-behind", "many", "digits"],
)
def test_a_very_long_rate_is_refused_at_once(text: str) -> None:
    started = perf_counter()
    with pytest.raises(ValueError, match="is not a rate"):
        Rate.parse(text)
    assert perf_counter() - started < 1


@pytest.mark.parametrize(
    ("amount", "window_s"),
    [(0, 60), (-1, 60), (MAX_AMOUNT + 1, 60), (1, 0), (1, -60), (1, 367 * 86_400)],
)
def test_a_rate_that_cannot_work_cannot_be_built(amount: int, window_s: int) -> None:
    """Threat 81: negative, zero and huge."""
    with pytest.raises(ValueError, match="a rate's"):
        Rate(amount, window_s)
