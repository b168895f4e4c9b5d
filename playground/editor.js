// A text area with numbered lines, of which those with problems are marked, and the list of the problems below it.
import { h } from "./dom.js";

/** Line and column, from 1, of a place in a text. */
export function position(text, offset) {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1).length + 1 };
}

/**
 * {element, value, setProblems}: `setProblems` takes [{offset, length, path, problem}], of which each becomes a button that
 * goes to its place. `oninput` is called with the text.
 */
export function editor({ id, label, hint, value, rows, oninput }) {
  const gutter = h("div", { class: "gutter", "aria-hidden": "true" });
  const area = h("textarea", {
    id, rows, value, spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off",
    "aria-describedby": `${id}-hint ${id}-summary`,
    oninput: () => { number(); oninput(area.value); },
    onscroll: () => { gutter.scrollTop = area.scrollTop; },
  });
  const summary = h("p", { id: `${id}-summary`, class: "summary", role: "status" });
  const list = h("ol", { class: "problems" });
  let marked = new Set();
  let drawn = "";

  function number() {
    const count = area.value.split("\n").length;
    const key = `${count}:${[...marked]}`;
    if (key === drawn) return;
    drawn = key;
    gutter.replaceChildren(...Array.from({ length: count }, (_, i) =>
      h("span", { class: marked.has(i + 1) ? "marked" : null }, marked.has(i + 1) ? `▸${i + 1}` : i + 1)));
    gutter.scrollTop = area.scrollTop;
  }

  function goTo({ offset, length }) {
    const { line } = position(area.value, offset);
    area.focus();
    area.setSelectionRange(offset, offset + length);
    const height = area.scrollHeight / area.value.split("\n").length;
    area.scrollTop = Math.max(0, (line - 4) * height);
  }

  function setProblems(problems) {
    const placed = problems.map((problem) => ({ ...problem, ...position(area.value, problem.offset) }));
    marked = new Set(placed.map(({ line }) => line));
    number();
    area.setAttribute("aria-invalid", problems.length > 0);
    const text = problems.length ? `${problems.length} problem${problems.length > 1 ? "s" : ""}` : "No problems";
    // Only what changes is read out.
    if (summary.textContent !== text) summary.textContent = text;
    summary.classList.toggle("problem", problems.length > 0);
    list.replaceChildren(...placed.map((problem) => h("li", {},
      h("button", { type: "button", onclick: () => goTo(problem) },
        h("b", {}, `Line ${problem.line}`), problem.path ? [" ", h("code", {}, problem.path)] : null, `: ${problem.problem}`))));
  }

  number();
  const element = h("div", { class: "editor" },
    h("label", { for: id }, label), h("small", { id: `${id}-hint` }, hint),
    h("div", { class: "lines" }, gutter, area), summary, list);
  return {
    element,
    get value() { return area.value; },
    set value(text) { area.value = text; number(); },
    setProblems,
  };
}
