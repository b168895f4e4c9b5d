"""A panel of the playground as a person uses it: by labels, pointer and keyboard."""

import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# WebDriver's codes of keys.
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Space": " ", "ArrowRight": "\ue014", "ArrowLeft": "\ue012", "Control": "\ue009"}

# What the page takes after the last letter before it computes, and then some on slow cores.
PATIENCE_SECONDS = 20


class PanelPage:
    """One panel, open in a window at an address of the playground."""

    def __init__(self, window, address, fragment):
        self.window = window
        self.panel = fragment.split("/")[0]
        # Another page in between: a change of the fragment alone would load nothing.
        window.call("POST", "/url", {"url": "about:blank"})
        window.open(f"{address}#{fragment}", width=1280)
        self.wait(lambda: self.run("return !!root?.querySelector('.export pre')?.textContent"))

    def run(self, script, *arguments):
        """The answer of a script, in which `root` is the panel."""
        script = f"const root = document.getElementById('panel-{self.panel}');\n{script}"
        return self.window.run(script, *arguments)

    def wait(self, condition):
        """Waits until the condition gives something true, and returns it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (found := condition()):
            assert time.monotonic() < end, f"not in time; the page says {self.window.logs('browser')}"
            time.sleep(0.03)
        return found

    def wait_for(self, read, expected):
        """Waits until `read` gives what is expected; what it gave last is in the failure."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (got := read()) != expected:
            assert time.monotonic() < end, f"{got!r} instead of {expected!r}"
            time.sleep(0.03)

    def element(self, name):
        """The control that assistive technology calls so: by its label, its aria-label or its text."""
        return self.run(
            """
            const name = arguments[0];
            const texts = (element) => [
              element.getAttribute("aria-label"),
              ...[...(element.labels ?? [])].map((label) => label.textContent.trim()),
              ["BUTTON", "SUMMARY"].includes(element.tagName) ? element.textContent.trim() : null,
            ];
            const found = [...root.querySelectorAll("input, select, textarea, button, summary")]
              .filter((element) => texts(element).includes(name));
            if (found.length !== 1) throw new Error(`${found.length} controls are called ${name}`);
            found[0].scrollIntoView({ block: "center" });
            return found[0];
            """,
            name,
        )[ELEMENT]

    def run_on(self, name, script, *arguments):
        """The answer of a script whose first argument is the control of this name."""
        return self.window.on_current(
            lambda: self.element(name), lambda element: self.run(script, {ELEMENT: element}, *arguments)
        )

    def click(self, name):
        self.window.on_current(
            lambda: self.element(name), lambda element: self.window.call("POST", f"/element/{element}/click", {})
        )

    def focus(self, name):
        self.run_on(name, "arguments[0].focus()")

    def keys(self, text):
        """Presses keys where the focus is; Control holds until the next text."""
        held = []
        actions = []
        for key in text if isinstance(text, list) else [text]:
            code = KEYS.get(key, key)
            actions.append({"type": "keyDown", "value": code})
            if key == "Control":
                held.append(code)
                continue
            actions.append({"type": "keyUp", "value": code})
            actions += [{"type": "keyUp", "value": each} for each in held]
            held = []
        self.window.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def fill(self, name, text):
        """Replaces the text of a field, as pasting over it does."""
        self.click(name)
        self.keys(["Control", "a"])
        if text:
            self.window.devtools("Input.insertText", text=text)
        else:
            self.keys("\ue003")

    def choose(self, name, option):
        """Chooses an option of a list by the keyboard's way: the value, and the event that a browser sends."""
        self.run_on(
            name,
            """
            const [select, value] = arguments;
            select.focus();
            select.value = value;
            select.dispatchEvent(new Event("change", { bubbles: true }));
            """,
            option,
        )

    def value(self, name):
        return self.run_on(name, "return arguments[0].value")

    def is_wrong(self, name):
        return self.run_on(name, "return arguments[0].getAttribute('aria-invalid') === 'true'")

    def table(self, caption):
        """The rows of the table with this caption, as texts; a caption may end in `…`, and then only begins so."""
        return self.run(
            """
            const caption = arguments[0];
            const fits = (text) => (caption.endsWith("…") ? text.startsWith(caption.slice(0, -1)) : text === caption);
            const table = [...root.querySelectorAll("table")].find((table) => fits(table.caption?.textContent ?? ""));
            return table ? [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)) : null;
            """,
            caption,
        )

    def problems(self, label):
        """What is listed below an editor, and the numbers of the lines that its gutter marks."""
        return self.run_on(
            label,
            """
            const area = arguments[0];
            const editor = area.closest(".editor");
            return [
              [...editor.querySelectorAll(".problems button")].map((button) => button.textContent),
              [...editor.querySelectorAll(".gutter .marked")].map((line) => Number(line.textContent.replace(/\\D/g, ""))),
            ];
            """,
        )

    def exported(self, kind):
        """Chooses what to export, and returns it."""
        self.choose("Export as", kind)
        return self.export_shown()

    def export_shown(self):
        return self.run("return root.querySelector('.export pre').textContent")

    def place_of_cursor(self):
        """Label, line and column of the cursor."""
        return self.run(
            """
            const area = document.activeElement;
            const lines = area.value.slice(0, area.selectionStart).split("\\n");
            return [area.labels[0].textContent, lines.length, lines.at(-1).length + 1];
            """
        )

    def address(self):
        return self.window.call("GET", "/url")

    def reload(self):
        """Waits until the address has been written, and opens it anew."""
        last = None

        def is_settled():
            nonlocal last
            before, last = last, self.address()
            time.sleep(0.3)
            return before == last

        self.wait(is_settled)
        address, fragment = last.split("#")
        assert "/" in fragment, "the address holds no state"
        self.__init__(self.window, address, fragment)
