// The parts that Rules, Identity and Cohorts share: an editor with places of problems, tables with heads of rows, what can be taken away.
import { h } from "../dom.js";

/** Rows of a table that are drawn at once; more would freeze the page. */
export const MOST_ROWS = 500;

let made = 0;

/** An id that no other element has. */
export const freshId = (name) => `${name}-${(made += 1)}`;

/**
 * A panel's state: its defaults, and what the address says of them. What is of another type is left out: anybody can write an address.
 */
export function restored(defaults, given) {
  const kind = (value) => (Array.isArray(value) ? "array" : typeof value);
  const fits = ([name, value]) => name in defaults && value !== null && (defaults[name] === null || kind(defaults[name]) === kind(value));
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(fits)) };
}

/** The button that puts every field of a state back to its default, out of the address, too; `show` then shows the state. */
export function backToSample(state, defaults, setState, show) {
  const onclick = () => {
    Object.assign(state, defaults());
    setState(Object.fromEntries(Object.keys(state).map((name) => [name, undefined])));
    show();
  };
  return h("button", { type: "button", onclick }, "Back to the sample");
}

/** A box that can be scrolled with the keyboard when its content is wider. */
export const scroller = (label, ...children) =>
  h("div", { class: "scroll plg-tall", role: "region", "aria-label": label, tabindex: "0" }, children);

/** A table: a caption, heads and rows of cells; the first cell of a row is its head. */
export function table(caption, heads, rows) {
  const cell = (content) => (content instanceof Node && /^T[DH]$/.test(content.tagName) ? content : h("td", {}, content));
  return h(
    "table",
    { class: "plg-table" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map((head) => (head instanceof Node ? head : h("th", { scope: "col" }, head))))),
    h(
      "tbody",
      {},
      rows.map(([first, ...others]) =>
        h("tr", {}, first instanceof Node && first.tagName === "TH" ? first : h("th", { scope: "row" }, first), others.map(cell)),
      ),
    ),
  );
}

/** The offset of a place whose line and column are counted from 1, columns in characters. */
export function offsetOf(text, { line = 1, column = 1 }) {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  return before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
}

/** Problems with lines and columns, as editors mark them. */
export const placed = (text, problems) =>
  problems.map((problem) => ({ path: "", problem: problem.message, offset: offsetOf(text, problem), length: 1 }));

/** Draws a part anew, and gives the focus back to the control in it that has the same `data-key` as the one that had it. */
export function redrawn(part, draw) {
  const key = part.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  draw();
  if (key !== undefined) [...part.querySelectorAll("[data-key]")].find((control) => control.dataset.key === key)?.focus();
}

/** A number as the page shows it: at most so many decimals, and no more zeros than needed. */
export const shown = (number, decimals = 1) => String(Number(number.toFixed(decimals)));

/** A share as a percentage. */
export const percent = (share, decimals = 1) => `${shown(share * 100, decimals)} %`;
