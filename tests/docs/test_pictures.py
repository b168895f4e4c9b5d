"""The pictures say what the functions say, and can be seen by everybody."""

import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from math import exp
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).resolve().parents[2]))
SVG = "{http://www.w3.org/2000/svg}"
NAMES = ["caps", "cohorts", "decay", "hysteresis", "identity-guardrails", "journeys", "roles"]


def draw(folder: Path) -> Path:
    command = ["node", ROOT / "docs/pictures/draw.mjs", folder]
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert finished.returncode == 0 and not finished.stdout, finished.stdout + finished.stderr
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return draw(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(params=NAMES)
def picture(request, folder) -> ElementTree.Element:
    return ElementTree.parse(folder / f"{request.param}.svg").getroot()


def texts(folder: Path, name: str) -> list[str]:
    """What is written in a picture; a text of several lines has several entries."""
    root = ElementTree.parse(folder / f"{name}.svg").getroot()
    return [part.strip() for text in root.iter(f"{SVG}text") for part in text.itertext() if part.strip()]


def test_each_picture_is_drawn_and_shown_on_its_page(folder):
    assert sorted(file.stem for file in folder.iterdir()) == NAMES
    for name in NAMES:
        page = (ROOT / f"docs/concepts/{name}.md").read_text(encoding="utf-8")
        assert re.search(rf"^!\[\w.+\]\(\.\./pictures/{name}\.svg\)$", page, re.M), name


def test_drawing_again_gives_the_same_bytes(folder, tmp_path):
    again = draw(tmp_path / "again")
    assert all((again / f"{name}.svg").read_bytes() == (folder / f"{name}.svg").read_bytes() for name in NAMES)


def test_a_picture_can_be_read_aloud(picture):
    labels = picture.get("aria-labelledby").split()
    told = {element.get("id"): element.text for tag in ("title", "desc") for element in picture.iter(SVG + tag)}
    assert picture.get("role") == "img"
    assert all(len(told[label]) > 10 for label in labels) and len(labels) == 2


def test_a_picture_needs_nothing_from_elsewhere(picture):
    assert not list(picture.iter(f"{SVG}image")) and not list(picture.iter(f"{SVG}script"))
    text = ElementTree.tostring(picture, encoding="unicode").replace(SVG[1:-1], "")
    assert not re.search(r"https?:|@import|NaN|undefined", text)


def luminance(colour: str) -> float:
    # WCAG 2.2, "relative luminance".
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_has_contrast_on_its_paper_in_light_and_dark(picture):
    style = next(picture.iter(f"{SVG}style")).text
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    for scheme in (light, dark):
        paper = re.search(r"--plot-background: (#\w{6})", scheme)[1]
        colours = re.findall(r"(?:--plg-\d|[{;]\s*color): (#\w{6})", scheme)
        assert len(colours) == 6
        for colour in colours:
            high, low = sorted((luminance(colour), luminance(paper)), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (colour, paper)


def test_no_colour_is_fixed_but_those_of_the_scheme(picture):
    for element in picture.iter():
        for name in ("fill", "stroke"):
            assert re.fullmatch(r"none|currentColor|inherit|var\(--[\w-]+\)", element.get(name, "none")), element.attrib


def test_a_cap_leaves_seven_of_ten_views(folder):
    # By hand: after two views in any seven days there is no room until the first of them is seven days old.
    days, earned = [1, 2, 3, 4, 8, 9, 10, 16, 17, 24], []
    for day in days:
        if sum(other > day - 7 for other in earned) < 2:
            earned.append(day)
    marks = [text for text in texts(folder, "caps") if text.startswith("+")]
    assert marks == ["+3" if day in earned else "+0" for day in days]


def test_a_margin_makes_two_changes_of_ten(folder):
    assert [text for text in texts(folder, "hysteresis") if text.endswith("changes")] == ["10 changes", "2 changes"]


def test_guardrails_refuse_the_links_that_the_page_names(folder):
    found = texts(folder, "identity-guardrails")
    assert found.count("unique_type") == 1 and found.count("blocked_value") == 2


def test_the_states_come_in_the_order_of_the_page(folder):
    states = [text for text in texts(folder, "journeys") if text in {"Trial", "Lockout due", "Locked out", "Active"}]
    assert states == ["Trial", "Lockout due", "Locked out"] * 2 + ["Trial", "Lockout due", "Active"]


def test_a_roll_out_counts_the_users_that_growthbooks_hash_says(folder):
    def fnv(text: str) -> int:
        value = 2166136261
        for byte in text.encode():
            value = (value ^ byte) * 16777619 % 2**32
        return value

    buckets = [fnv(str(fnv(f"touruser-{number}"))) % 10000 / 10000 for number in range(300)]
    expected = [
        f"{sum(start <= bucket < start + coverage / 2 for bucket in buckets)} users have variant {variant}"
        for coverage in (0.2, 0.5, 1)
        for variant, start in enumerate((0, 0.5))
    ]
    assert sorted(text for text in texts(folder, "cohorts") if "users have" in text) == sorted(expected)


def test_the_dots_of_the_decay_lie_where_the_formulas_say(folder):
    root = ElementTree.parse(folder / "decay.svg").getroot()
    dots = [float(dot.get("cy")) for dot in root.iter(f"{SVG}circle")]
    # In pixels from the dot of 0 points, which the linear kind has after 7 days of 7.
    half, exponential, linear = dots
    assert abs((linear - exponential) / (linear - half) - 8 * exp(-1) / 4) < 1e-3
