// The panel Rules: a CASE, rows of facts, which rule decides for each, and the truth of every rule.

import { debounced, h, labelled } from "../dom.js";
import { editor } from "../editor.js";
import { exportBox } from "../exporting.js";
import { backToSample, placed, restored, scroller, table } from "./parts.js";
import { dbtNativeCase, dbtVariables, nativeCase, statusCall } from "./rule_exports.js";
import { TYPES, isTimestamp, judge, timestamp } from "./rule_rows.js";

const TRUTHS = { true: ["✓", "true"], false: ["✗", "false"], null: ["?", "unknown"] };

/** The state that a new panel has: the rules of the reference, and rows of the sample. */
function defaults({ panels }) {
  return { rules: panels.rules.text, columns: panels.rules.columns, rows: panels.rules.rows, as_of: panels.as_of };
}

function mount(root, context) {
  const { plg, setState, sample } = context;
  const state = restored(defaults(sample), context.state);
  let judged = { problem: { message: "" } };

  const change = (partial) => {
    Object.assign(state, partial);
    setState(partial);
    refresh();
  };
  const rules = editor({
    id: "rules-text",
    label: "Rules: the inside of a CASE",
    hint: "when condition then 'status', and else at the end.",
    value: state.rules,
    rows: 12,
    oninput: (text) => change({ rules: text }),
  });
  const asOf = h("input", { type: "text", size: "20", value: state.as_of, oninput: () => change({ as_of: asOf.value }) });
  const asOfField = labelled("Point of view, as_of (UTC)", asOf);
  const rows = h("div");
  const summary = h("ol", { class: "plg-rules" });
  const result = h("div", { "aria-live": "off" });
  const note = h("p", { role: "status", class: "plg-said" });
  const judgedRows = () =>
    judged.pieces && judged.rows.every((row) => row.facts) && namesFit() ? judged.rows.map((row) => row.facts) : null;
  const away = exportBox(context, "plg_status_rules", {
    native: "DuckDB: the native CASE",
    macro: "Native CASE of any warehouse, by dbt",
  });

  function drawExport() {
    if (!judged.pieces) return away.set(null);
    const facts = judgedRows();
    const settings = { ...state, asOf: timestamp(state.as_of) };
    const made = { dbt: dbtVariables(state.rules, judged.pieces), macro: dbtNativeCase(state.rules) };
    if (!facts?.length) return away.set(made);
    for (const warehouse of ["snowflake", "bigquery", "duckdb"]) made[warehouse] = statusCall(warehouse, settings, facts);
    return away.set({ ...made, native: nativeCase(settings, judged.pieces, facts) });
  }

  const namesFit = () => {
    const names = state.columns.map((column) => column.name);
    return names.every((name) => name !== "") && new Set(names.map((name) => name.toLowerCase())).size === names.length;
  };

  function drawRows() {
    const cell = (row, index) =>
      h("input", {
        type: "text",
        value: state.rows[row][index] ?? "",
        placeholder: "NULL",
        "aria-label": `${state.columns[index].name}, row ${row + 1}`,
        "data-row": row,
        "data-fact": state.columns[index].name,
        "data-type": state.columns[index].type,
        oninput: (event) => {
          const changed = state.rows.map((cells) => [...cells]);
          changed[row][index] = event.target.value;
          change({ rows: changed });
        },
      });
    const head = (column, index) =>
      h(
        "th",
        { scope: "col" },
        h("input", {
          type: "text",
          value: column.name,
          "aria-label": `Name of fact ${index + 1}`,
          oninput: (event) => {
            change({ columns: state.columns.map((each, at) => (at === index ? { ...each, name: event.target.value.trim() } : each)) });
          },
          onchange: drawRows,
        }),
        h(
          "select",
          {
            "aria-label": `Type of ${column.name}`,
            onchange: (event) => {
              change({ columns: state.columns.map((each, at) => (at === index ? { ...each, type: event.target.value } : each)) });
            },
          },
          TYPES.map((type) => h("option", { value: type, selected: type === column.type }, type)),
        ),
        h(
          "button",
          { type: "button", class: "plg-remove", "aria-label": `Remove the fact ${column.name}`, onclick: () => removeColumn(index) },
          "×",
        ),
      );
    rows.replaceChildren(
      scroller(
        "Rows of facts",
        table(
          "Facts; an empty cell is NULL",
          ["Row", ...state.columns.map(head), h("th", { scope: "col" }, h("span", { class: "unseen" }, "Remove"))],
          state.rows.map((_, row) => [
            `${row + 1}`,
            ...state.columns.map((_, index) => cell(row, index)),
            h(
              "button",
              {
                type: "button",
                class: "plg-remove",
                "aria-label": `Remove row ${row + 1}`,
                onclick: () => {
                  change({ rows: state.rows.filter((_, at) => at !== row) });
                  drawRows();
                  addRow.focus();
                },
              },
              "×",
            ),
          ]),
        ),
      ),
    );
    mark();
  }

  function removeColumn(index) {
    change({
      columns: state.columns.filter((_, at) => at !== index),
      rows: state.rows.map((cells) => cells.filter((_, at) => at !== index)),
    });
    drawRows();
    addFact.focus();
  }

  function addColumn(name) {
    change({
      columns: [...state.columns, { name, type: "number" }],
      rows: state.rows.map((cells) => [...state.columns.map((_, index) => cells[index] ?? ""), ""]),
    });
    drawRows();
    rows.querySelectorAll("thead input")[state.columns.length - 1].focus();
  }

  const addRow = h(
    "button",
    {
      type: "button",
      onclick: () => {
        change({ rows: [...state.rows, state.columns.map(() => "")] });
        drawRows();
        rows.querySelector("tbody tr:last-child input")?.focus();
      },
    },
    "Add a row",
  );
  const addFact = h(
    "button",
    {
      type: "button",
      onclick: () => {
        let number = state.columns.length + 1;
        while (state.columns.some((column) => column.name === `fact_${number}`)) number += 1;
        addColumn(`fact_${number}`);
      },
    },
    "Add a fact",
  );
  const reset = backToSample(state, () => defaults(sample), setState, () => {
    rules.value = state.rules;
    asOf.value = state.as_of;
    drawRows();
    compute();
  });

  /** Marks the cells whose facts do not fit. */
  function mark() {
    for (const input of rows.querySelectorAll("input[data-row]")) {
      const problem = judged.rows?.[input.dataset.row]?.problem;
      const isWrong = problem?.fact === input.dataset.fact;
      input.setAttribute("aria-invalid", isWrong ? "true" : "false");
      input.title = isWrong ? problem.message : "";
    }
  }

  const refresh = debounced(compute, 150);

  function compute() {
    const isTime = isTimestamp(state.as_of);
    asOf.setAttribute("aria-invalid", isTime ? "false" : "true");
    judged = !isTime
      ? { problem: { message: "The point of view must look like 2026-06-30 12:00:00." } }
      : judge(plg, { ...state, as_of: timestamp(state.as_of) });
    rules.setProblems(placed(state.rules, judged.problem ? [judged.problem] : []));
    mark();
    drawResult();
    drawExport();
  }

  function drawResult() {
    if (judged.problem) {
      note.textContent = "Nothing is judged before the problem is solved.";
      result.replaceChildren();
      summary.replaceChildren();
      return;
    }
    const { pieces, rows: judgedAll } = judged;
    const missing = [...new Set(judgedAll.filter((row) => row.problem?.missing).map((row) => row.problem.fact))];
    const wrong = judgedAll.filter((row) => row.problem).length;
    note.replaceChildren(
      wrong ? `${wrong} of ${judgedAll.length} rows cannot be judged. ` : `${judgedAll.length} rows judged. `,
      ...missing.map((name) =>
        h("button", { type: "button", onclick: () => addColumn(name) }, `The rules name ${name}: add it`),
      ),
    );
    const decided = (index) => judgedAll.filter((row) => row.facts && row.decided === index).length;
    const count = (index) => h("strong", {}, `${decided(index)} ${decided(index) === 1 ? "row" : "rows"}`);
    summary.replaceChildren(
      ...pieces.rules.map((rule, index) =>
        h("li", { "data-rule": index + 1 }, count(index + 1), h("code", {}, rule.text)),
      ),
      h("li", { class: "plg-else", "data-rule": "else" }, count(null), h("code", {}, `else ${pieces.otherwise === null ? "null" : `'${pieces.otherwise}'`}`)),
    );
    result.replaceChildren(
      scroller(
        "Statuses",
        table(
          "Status of each row, the rule that decided, and the truth of every rule",
          ["Row", "Status", "Decided by", ...pieces.rules.map((rule, index) => h("th", { scope: "col", title: rule.text }, `${index + 1}`))],
          judgedAll.map((row, index) => {
            if (row.problem) {
              const text = `${row.problem.fact ? `${row.problem.fact} ` : ""}${row.problem.message}`;
              return [`${index + 1}`, h("td", { class: "problem", colspan: pieces.rules.length + 2 }, text)];
            }
            return [
              `${index + 1}`,
              h("td", { class: "plg-status" }, row.status ?? h("i", {}, "NULL")),
              row.decided === null ? "ELSE" : `Rule ${row.decided}`,
              ...row.truths.map((truth, at) => {
                const [sign, word] = TRUTHS[truth];
                return h(
                  "td",
                  { class: `plg-truth plg-${word}${at + 1 === row.decided ? " plg-decided" : ""}` },
                  h("span", { "aria-hidden": "true" }, sign),
                  h("span", { class: "unseen" }, word),
                );
              }),
            ];
          }),
        ),
      ),
    );
  }

  root.classList.add("plg-panel");
  root.append(
    h("h2", {}, "Rules"),
    h(
      "p",
      {},
      "The first rule that is true decides. A comparison with NULL is unknown, which is not true. Change the rules or the rows; everything is computed in this page, by status_explain.",
    ),
    h("div", { class: "columns" }, h("div", {}, rules.element, asOfField), h("div", {}, h("h3", {}, "Who decides how often"), note, summary)),
    h("h3", {}, "Rows"),
    rows,
    h("p", { class: "row" }, addRow, addFact, reset),
    h("h3", {}, "What the rules say"),
    h("p", { class: "plg-legend" }, "✓ true, ✗ false, ? unknown; the framed one decides."),
    result,
    h("h3", {}, "Take it home"),
    away.element,
  );
  drawRows();
  compute();
}

export default { id: "rules", title: "Rules", mount };
