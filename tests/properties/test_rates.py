"""What holds for every rate and duration that an operator can write."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from tenantauth.units import MAX_AMOUNT, Rate, format_duration, parse_duration

RATES = st.builds(Rate, st.integers(1, MAX_AMOUNT), st.integers(1, 366 * 86_400))
DURATIONS = st.builds(
    "{}{}".format, st.integers(0, 999_999_999), st.sampled_from(["ms", "s", "m", "h", "d"])
)
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "month": 2_592_000}
UNITS["year"] = 12 * UNITS["month"]
RATE_TEXT = st.from_regex(r"[0-9]{1,3} ?(/|per) ?[0-9]{0,3} ?[a-z]{3,7}[;,]?", fullmatch=True)


@given(RATES)
def test_a_rate_is_read_back_from_its_own_text(rate: Rate) -> None:
    assert Rate.parse(str(rate)) == rate


@given(
    st.text() | st.text("0123456789/ permintushodaycl;,|\u017f\u0663-.", max_size=40) | RATE_TEXT
)
@example("1/0 minute")
@example("1/00minutes")
@example("5/minute;6/hour")
def test_any_text_is_the_rate_that_it_says_or_a_value_error(text: str) -> None:
    """Threat 81: limit texts that parse oddly."""
    try:
        rate = Rate.parse(text)
    except ValueError:
        return
    amount, count, unit = said(text)
    assert rate == Rate(amount, count * UNITS[unit])


def said(text: str) -> tuple[int, int, str]:
    """Read a rate by splitting it into words, as a person does."""
    words = re.findall(r"[0-9]+|[a-z]+", text.lower().replace("per", " "))
    numbers = [int(word) for word in words if word.isdigit()]
    (unit,) = [word.removesuffix("s") for word in words if not word.isdigit()]
    return numbers[0], numbers[1] if len(numbers) > 1 else 1, unit


@given(DURATIONS)
@example("999999999d")
def test_a_duration_is_read_back_from_its_own_text(text: str) -> None:
    seconds = parse_duration(text)
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.text() | st.text("0123456789mshd .-+\u0663\n", max_size=12))
def test_any_text_is_a_duration_of_whole_units_or_a_value_error(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except ValueError:
        return
    assert seconds >= 0
    assert re.fullmatch("(0|[1-9][0-9]*)(ms|s|m|h|d)", text, re.ASCII)
