"""The buttons with which a person takes home what a panel shows: the clipboard, files, and what the page says of both."""

import time

import pytest
from panel_page import PATIENCE_SECONDS, PanelPage

# What the files of each panel are called, by what is exported.
SQL = ("snowflake", "bigquery", "duckdb")
FILES = {
    "score": {"dbt": "plg_score.yml", **{kind: f"plg_score.{kind}.sql" for kind in SQL}},
    "rules": {"dbt": "plg_status_rules.yml", **{kind: f"plg_status_rules.{kind}.sql" for kind in (*SQL, "native", "macro")}},
    "identity": {"dbt": "plg_guardrails.yml", **{kind: f"plg_guardrails.{kind}.sql" for kind in SQL}},
    "cohorts": {"dbt": "plg_experiments.yml", **{kind: f"plg_experiments.{kind}.sql" for kind in SQL}},
}
EDITOR = "Rules: the inside of a CASE"
# What an encoding, a client of SQL or a line ending could change.
RULES = "when plan = 'ä\"b''c\\d $$ ü😀\u00a0'\n  then 'It''s: 5 > 4 & ok'\n\nelse 'später'"
REFUSED = "The browser does not let this page copy. The text is selected: copy it with the keyboard"

# What is said last where a control is, and whether a person sees it and a screen reader reads it out.
SAID = """
const line = arguments[0].closest(".row").querySelector("[role=status]");
const { x, y, width, height } = line.getBoundingClientRect();
const isSeen = !!line.textContent && line.contains(document.elementFromPoint(x + Math.min(width, 20) / 2, y + height / 2));
return [line.textContent, isSeen];
"""


@pytest.fixture(params=FILES)
def panel(request):
    return request.param


@pytest.fixture
def page(window, address, panel):
    return PanelPage(window, address, panel)


@pytest.fixture
def rules(window, address):
    return PanelPage(window, address, "rules")


@pytest.fixture
def clipboard(window, address):
    """What is in the clipboard, which holds something else before."""

    def run(script, *arguments):
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        window.devtools("Browser.grantPermissions", origin=address.rstrip("/"), permissions=permissions)
        script = f"const done = arguments[arguments.length - 1]; {script}.then(done, (error) => done(String(error)))"
        answer = window.run_async(script, *arguments)
        window.devtools("Browser.resetPermissions")
        return answer

    def text():
        return run("navigator.clipboard.readText()")

    def put(text):
        assert run("navigator.clipboard.writeText(arguments[0])", text) is None

    text.put = put
    yield text
    window.devtools("Browser.resetPermissions")


@pytest.fixture
def downloads(window, tmp_path):
    window.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    yield tmp_path
    window.devtools("Browser.setDownloadBehavior", behavior="default")


def saved(folder):
    """The one file that is written into a folder, which is empty again: name and bytes."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (files := list(folder.iterdir())) or any(file.suffix == ".crdownload" or file.name.startswith(".") for file in files):
        assert time.monotonic() < end, f"only {files} came"
        time.sleep(0.03)
    [file] = files
    content = file.read_bytes()
    file.unlink()
    return file.name, content


def kinds(page):
    return page.run_on("Export as", "return [...arguments[0].options].map((option) => option.value)")


def said(page, button):
    """What the page says beside a button, once it says something that can be seen."""
    return page.wait(lambda: (found := page.run_on(button, SAID))[1] and found[0])


def test_copy_puts_the_text_on_show_into_the_clipboard(page, panel, clipboard):
    assert set(kinds(page)) == FILES[panel].keys()
    for kind in FILES[panel]:
        shown = page.exported(kind)
        clipboard.put("something else")
        page.click("Copy")
        assert said(page, "Copy") == "Copied", kind
        assert clipboard() == shown != "", kind


def test_save_writes_the_text_on_show_into_a_file(page, panel, downloads):
    for kind, name in FILES[panel].items():
        shown = page.exported(kind)
        page.click("Save as file")
        assert saved(downloads) == (name, shown.encode()), kind
        assert said(page, "Save as file") == f"{name} was saved"


def test_a_text_of_many_characters_arrives_as_it_is_with_the_keyboard_alone(rules, clipboard, downloads):
    rules.fill(EDITOR, RULES)
    rules.wait(lambda: "'It''s: 5 > 4 & ok'" in rules.exported("macro"))
    shown = rules.export_shown()
    assert RULES in shown
    clipboard.put("something else")
    rules.focus("Export as")
    rules.keys("Tab")
    rules.keys("Enter")
    assert said(rules, "Copy") == "Copied"
    rules.keys("Tab")
    rules.keys("Space")
    assert said(rules, "Save as file") == "plg_status_rules.macro.sql was saved"
    assert saved(downloads) == ("plg_status_rules.macro.sql", shown.encode())
    rules.focus(EDITOR)
    rules.keys(["Control", "a"])
    rules.keys(["Control", "v"])
    rules.wait_for(lambda: rules.value(EDITOR), shown)


def test_what_was_said_of_one_text_is_not_said_of_the_next(rules, clipboard):
    rules.click("Copy")
    assert said(rules, "Copy") == "Copied"
    rules.exported("duckdb")
    assert rules.run_on("Copy", SAID) == ["", False]
    rules.click("Copy")
    assert said(rules, "Copy") == "Copied"
    rules.fill("total, row 1", "81")
    rules.wait_for(lambda: rules.run_on("Copy", SAID), ["", False])


@pytest.mark.parametrize("reason", ["told to refuse", "not served over https"])
def test_where_the_browser_refuses_to_copy_the_text_is_selected(rules, window, address, reason, clipboard):
    shown = rules.exported("snowflake")
    clipboard.put("something else")
    if reason == "told to refuse":
        denied = {"permission": {"name": "clipboard-write"}, "setting": "denied"}
        window.devtools("Browser.setPermission", origin=address.rstrip("/"), **denied)
    else:
        window.run("Object.defineProperty(Navigator.prototype, 'clipboard', {value: undefined})")
    rules.click("Copy")
    assert said(rules, "Copy") == REFUSED
    rules.keys(["Control", "c"])
    # Another page may ask what is in the clipboard. Browsers copy no end of a last line.
    PanelPage(window, address, "rules")
    assert clipboard() == shown.removesuffix("\n")


def test_the_model_is_saved_as_it_is_written(window, address, downloads):
    page = PanelPage(window, address, "score")
    page.fill("Scoring model", '{"näme": "ü😀"}\n\n')
    page.click("Save as model.json")
    assert saved(downloads) == ("model.json", '{"näme": "ü😀"}\n\n'.encode())
    assert said(page, "Save as model.json") == "model.json was saved"
