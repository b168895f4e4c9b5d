// The panel Identity: links, the persons that they make, and what each guardrail did, as a graph and as tables.

import { debounced, h, labelled, s } from "../dom.js";
import { editor } from "../editor.js";
import { exportBox } from "../exporting.js";
import { places } from "../places.js";
import { parseLinks } from "./link_text.js";
import { dbtVariables, resolveCall } from "./person_exports.js";
import { MOST_NODES, layOut } from "./person_layout.js";
import { MOST_ROWS, backToSample, freshId, placed, redrawn, restored, scroller, table } from "./parts.js";
import { graph, resolve, sentence } from "./persons.js";
import { isTimestamp, timestamp } from "./rule_rows.js";

/** The order of shapes of types: circle, square, diamond, triangle, and circles again. */
const SHAPES = [
  (size) => s("circle", { r: size }),
  (size) => s("rect", { x: -size, y: -size, width: 2 * size, height: 2 * size }),
  (size) => s("path", { d: `M0 ${-size * 1.4}L${size * 1.4} 0L0 ${size * 1.4}L${-size * 1.4} 0Z` }),
  (size) => s("path", { d: `M0 ${-size * 1.3}L${size * 1.3} ${size}L${-size * 1.3} ${size}Z` }),
];

function defaults({ panels }) {
  return { links: panels.links, settings: panels.guardrails, shared: [], ledger: [], as_of: panels.as_of };
}

const IGNORED = {
  no_identifier: "no identifier",
  unknown_type: "a type that the guardrails do not list",
  no_timestamp: "no time",
  after_as_of: "after the point of view",
  ledger_incomplete: "incomplete in the ledger",
  ledger_duplicate: "twice in the ledger",
};

function mount(root, context) {
  const { plg, setState, sample } = context;
  const state = restored(defaults(sample), context.state);
  let parsed = { links: [], problems: [] };
  let answer = {};
  let chosen = null;

  const change = (partial) => {
    Object.assign(state, partial);
    setState(partial);
    refresh();
  };
  const links = editor({
    id: "identity-links",
    label: "Links, one a line",
    hint: ["CSV, or two identifiers such as ", h("code", {}, "user_id:u1 = email:ann@example.com"), " and perhaps a time."],
    value: state.links,
    rows: 12,
    oninput: (text) => change({ links: text }),
  });
  const settings = editor({
    id: "identity-guardrails",
    label: "Guardrails",
    hint: "JSON: types from the strongest to the weakest, and what one person may have.",
    value: state.settings,
    rows: 12,
    oninput: (text) => change({ settings: text }),
  });
  const asOf = h("input", { type: "text", size: "20", value: state.as_of, oninput: () => change({ as_of: asOf.value }) });
  const summary = h("p", { role: "status", class: "plg-said" });
  const drawing = h("div");
  const audit = h("div");
  const identifiers = h("div");
  const ledgerNote = h("span", { class: "plg-said" });
  const input = () => ({ ...state, links: parsed.links, asOf: timestamp(state.as_of) });
  const away = exportBox(context, "plg_guardrails");

  function drawExport() {
    if (!answer.result) return away.set(null);
    const call = (warehouse) => resolveCall(warehouse, input());
    return away.set({
      dbt: dbtVariables(state.settings, state.shared),
      snowflake: call("snowflake"),
      bigquery: call("bigquery"),
      duckdb: call("duckdb"),
    });
  }

  const keep = h(
    "button",
    {
      type: "button",
      onclick: () => {
        if (!answer.result) return;
        change({ ledger: [...state.ledger, ...answer.result.minted] });
      },
    },
    "Keep these ids for the next run",
  );
  const forget = h("button", { type: "button", onclick: () => change({ ledger: [] }) }, "Forget kept ids");
  const reset = backToSample(state, () => defaults(sample), setState, () => {
    links.value = state.links;
    settings.value = state.settings;
    asOf.value = state.as_of;
    compute();
  });

  const refresh = debounced(compute, 150);

  function compute() {
    const isTime = isTimestamp(state.as_of);
    asOf.setAttribute("aria-invalid", isTime ? "false" : "true");
    parsed = parseLinks(state.links);
    links.setProblems(placed(state.links, parsed.problems));
    answer = isTime ? resolve(plg, input()) : {};
    settings.setProblems(answer.problem ? places(state.settings, [answer.problem]) : []);
    draw();
    drawExport();
  }

  function draw() {
    keep.disabled = !answer.result?.minted.length;
    forget.disabled = state.ledger.length === 0;
    ledgerNote.textContent = state.ledger.length ? `${state.ledger.length} ids are kept.` : "No ids are kept.";
    if (!answer.result) {
      summary.textContent = answer.problem ? "Nobody is merged before the problem is solved." : "The point of view must look like 2026-06-30 12:00:00.";
      for (const part of [drawing, audit, identifiers]) part.replaceChildren();
      return;
    }
    const { result } = answer;
    const made = graph(parsed.links, result);
    const ignored = Object.entries(result.ignored).filter(([, count]) => count > 0);
    summary.textContent = [
      `${parsed.links.length} links, ${made.nodes.length} identifiers, ${made.persons} persons.`,
      `Guardrails refused ${result.audit.reduce((sum, row) => sum + row.link_count, 0)} links.`,
      ...(ignored.length ? [`Ignored: ${ignored.map(([name, count]) => `${count} (${IGNORED[name]})`).join(", ")}.`] : []),
    ].join(" ");
    drawGraph(made);
    drawAudit(result);
    redrawn(identifiers, () => drawIdentifiers(made));
  }

  function drawGraph(made) {
    if (made.nodes.length > MOST_NODES || made.nodes.length === 0) {
      const reason = made.nodes.length ? `A graph of ${made.nodes.length} identifiers would be unreadable; the tables have them all.` : "No links yet.";
      drawing.replaceChildren(h("p", {}, reason));
      return;
    }
    const box = layOut(made);
    const types = [...new Set(made.nodes.map((node) => node.identifier_type))];
    const sizes = new Map();
    for (const node of made.nodes) sizes.set(node.person, (sizes.get(node.person) ?? 0) + 1);
    const name = freshId("graph");
    const line = (edge) =>
      s(
        "line",
        {
          class: edge.reason ? "plg-edge plg-refused" : "plg-edge",
          x1: edge.source.x,
          y1: edge.source.y,
          x2: edge.target.x,
          y2: edge.target.y,
        },
        s("title", {}, `${edge.source.key} – ${edge.target.key}${edge.reason ? `: refused, ${edge.reason}` : ""}`),
      );
    const mark = (node) =>
      s(
        "g",
        {
          class: `plg-node${node.demoted ? " plg-demoted" : ""}${node.canonical_id === chosen ? " plg-chosen" : ""}`,
          transform: `translate(${node.x.toFixed(1)} ${node.y.toFixed(1)})`,
          "data-person": node.person % 8,
          onclick: () => choose(node.canonical_id),
        },
        SHAPES[types.indexOf(node.identifier_type) % SHAPES.length](7),
        s("text", { y: -11 }, node.identifier.length > 18 ? `${node.identifier.slice(0, 17)}…` : node.identifier),
        s("title", {}, `${node.key}, person ${node.person + 1}${node.demoted ? `, stands alone: ${node.demoted}` : ""}`),
      );
    const picture = s(
      "svg",
      {
        role: "img",
        "aria-labelledby": name,
        class: "plg-graph",
        viewBox: [box.x, box.y, box.width, box.height].map((number) => number.toFixed(1)).join(" "),
        width: Math.round(box.width),
        height: Math.round(box.height),
      },
      s("title", { id: name }, `${made.nodes.length} identifiers of ${made.persons} persons; the table below says the same.`),
      made.edges.map(line),
      made.nodes.map(mark),
    );
    const legend = types.map((type, index) =>
      h("span", { class: "plg-key" }, s("svg", { width: 20, height: 20, viewBox: "-10 -10 20 20", "aria-hidden": "true" }, SHAPES[index % SHAPES.length](6)), type),
    );
    drawing.replaceChildren(
      scroller("Graph of identifiers", picture),
      h("p", { class: "plg-legend" }, legend, h("span", { class: "plg-key" }, h("span", { class: "plg-dashed", "aria-hidden": "true" }), "a link that was refused")),
    );
  }

  function choose(id) {
    chosen = chosen === id ? null : id;
    draw();
  }

  function drawAudit(result) {
    const rows = result.audit.map((row) => [row.reason, sentence(row)]);
    const absorbed = result.absorbed.map((row) => ["absorbed", `the id ${row.canonical_id} now belongs to ${row.absorbed_by}, which is older`]);
    const all = [...rows, ...absorbed];
    audit.replaceChildren(
      all.length
        ? scroller("What guardrails did", table("What each guardrail did", ["Reason", "What happened"], all.slice(0, MOST_ROWS)))
        : h("p", {}, "No guardrail had anything to do."),
    );
  }

  function drawIdentifiers({ nodes }) {
    const shown = nodes.slice(0, MOST_ROWS);
    const share = (node) =>
      h("input", {
        type: "checkbox",
        "data-key": `shared ${node.key}`,
        "aria-label": `${node.key} is shared`,
        checked: state.shared.includes(node.key),
        onchange: (event) => {
          const others = state.shared.filter((key) => key !== node.key);
          change({ shared: event.target.checked ? [...others, node.key] : others });
        },
      });
    const person = (node) =>
      h(
        "td",
        { class: node.canonical_id === chosen ? "plg-chosen" : null },
        h("button", { type: "button", "data-key": `person ${node.key}`, "aria-pressed": node.canonical_id === chosen ? "true" : "false", onclick: () => choose(node.canonical_id) }, `${node.person + 1}`),
      );
    identifiers.replaceChildren(
      scroller(
        "Identifiers",
        table(
          shown.length < nodes.length ? `The first ${shown.length} of ${nodes.length} identifiers` : "Every identifier and its person",
          ["Type", "Identifier", "Person", "Canonical id", "Stands alone", "Shared"],
          shown.map((node) => [node.identifier_type, node.identifier, person(node), h("td", {}, h("code", {}, node.canonical_id)), node.demoted ?? "", share(node)]),
        ),
      ),
    );
  }

  root.classList.add("plg-panel");
  root.append(
    h("h2", {}, "Identity"),
    h(
      "p",
      {},
      "Links between identifiers become persons, strongest types first, and guardrails refuse what would make two people one. Everything is computed in this page, by identity_resolve.",
    ),
    h("div", { class: "columns" }, links.element, settings.element),
    h("div", { class: "row" }, labelled("Point of view, as_of (UTC)", asOf), keep, forget, reset, ledgerNote),
    h("h3", {}, "Persons"),
    summary,
    drawing,
    h("h3", {}, "Guardrails at work"),
    audit,
    h("h3", {}, "Identifiers"),
    h("p", {}, "The number of a person marks it in the graph. Tick what is known to be several people's, such as a reception's tablet, and see what falls apart."),
    identifiers,
    h("h3", {}, "Take it home"),
    away.element,
  );
  compute();
}

export default { id: "identity", title: "Identity", mount };
