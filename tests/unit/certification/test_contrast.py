"""WCAG 2.1 AA, 1.4.3: every colour of the verification page stands out from every ground it is used on."""

import re

import pytest

from services.certification.pages.verify import _STYLE

AA = 4.5
TEXTS = ("ink", "link", "good", "remark", "bad", "open")


def themes() -> list[dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", _STYLE, re.DOTALL)
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in (light, dark)]


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", themes(), ids=["light", "dark"])
def test_text_stands_out_from_its_ground(theme: dict[str, str]) -> None:
    for text in TEXTS:
        for ground in ("ground", "soft"):
            assert contrast(theme[text], theme[ground]) >= AA, (text, ground)


def test_the_measure_knows_black_on_white() -> None:
    assert round(contrast("#000000", "#ffffff")) == 21
    assert contrast("#777777", "#ffffff") < AA
