"""The way from the sign-in to a group's day by keyboard alone, and again without scripts."""

import pytest

from tests.web.browsing import NEEDS
from tests.web.filling import PASSWORD
from tests.web.journeys.stage import Person, Stage

pytestmark = NEEDS
MOST_KEYS = 150


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without"])
def test_the_way_to_a_day_needs_no_mouse(stage: Stage, scripts: bool) -> None:
    """C.2: every step is reached by Tab, shows where the focus is, and is taken by Enter."""
    person = stage.person("j" if scripts else "j-plain", "desk", java_script_enabled=scripts)
    person.page.goto(stage.site + "/sign-in")
    keyboard = person.page.keyboard
    _tab_to(person, "#name")
    keyboard.type("luchuan")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    person.page.wait_for_selector("h1")
    person.reads("鹭川团市委")
    _tab_to(person, "a[href^='/group/LC0001']")
    person.shot("focus")
    keyboard.press("Enter")
    person.page.wait_for_url("**/group/LC0001*")
    _tab_to(person, ".history a")
    keyboard.press("Enter")
    if scripts:
        person.page.wait_for_selector("#drawer-title")
        person.shot("drawer", whole=False)
        keyboard.press("Escape")
        assert not person.page.locator("#drawer").is_visible()
    else:
        person.page.wait_for_url("**/day/**")
        person.reads("陈晓", "话题相关")
        person.shot("day")


def _tab_to(person: Person, selector: str) -> None:
    for _ in range(MOST_KEYS):
        if person.page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            return
        person.page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached by Tab")
