// The panel Score: a model, a workspace and its events, the score with its reasons, what it will be, and what it would be.
import { bar, scoreChart } from "../chart.js";
import { debounced, fill, h, labelled, number, select, table } from "../dom.js";
import { editor } from "../editor.js";
import { call, dbtVar, queries, reference, rows, timestamp, typed } from "../export.js";
import { exportBox, notice, saveButton } from "../exporting.js";
import { places } from "../places.js";
import { compile, factsUsed, inputs, population, score, timeline } from "../scoring.js";

const DAYS = 60;

// A workspace with something of everything: reasons in each bucket, and stages that it falls through.
const FIRST_WORKSPACE = "w006";

// A pause in typing, after which everything is computed anew.
const PAUSE_MILLISECONDS = 200;

const ROW = /^\s*([^,]*?)\s*,\s*([^,]*?)\s*,\s*([^,]*?)\s*$/;

/** The lines of the events' text: time, event, user; the user may be empty. */
export function toLines(events) {
  return events.map(({ occurred_at, event, user_id }) => `${occurred_at}, ${event}, ${user_id ?? ""}`).join("\n");
}

/** The events of such lines, and what is wrong with others. */
export function fromLines(text) {
  const events = [];
  const problems = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    if (line.trim()) {
      const [, at, event, user] = ROW.exec(line) ?? [];
      // A time without zone is UTC, as everywhere.
      const time = at && /^\d{4}-\d\d-\d\d/.test(at) ? Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(at) || at.length === 10 ? at : `${at.replace(" ", "T")}Z`) : NaN;
      const problem = at === undefined ? "is not `time, event, user`"
        : Number.isNaN(time) ? "does not begin with a time such as 2026-07-01T09:30:00Z"
        : !event ? "names no event" : null;
      if (problem) problems.push({ path: "", problem, offset, length: line.length });
      else events.push({ user_id: user || null, event, occurred_at: new Date(time).toISOString().replace(".000", "") });
    }
    offset += line.length + 1;
  }
  return { events, problems };
}

function mount(root, context) {
  const { plg, sample, setState } = context;
  const state = () => context.state;
  // Compiled models by their text: two are in use, and a third while somebody types.
  const compiled = new Map();

  function compiledOf(text) {
    const model = compiled.get(text) ?? compile(plg, text);
    // What was used last stands last, and what was not for longest goes.
    compiled.delete(text);
    compiled.set(text, model);
    const [oldest] = compiled.keys();
    if (compiled.size > 3) (compiled.get(oldest).free?.(), compiled.delete(oldest));
    return model;
  }

  const modelText = () => state().model ?? sample.model;
  const otherText = () => state().other ?? sample.model;
  const workspace = () =>
    sample.workspaces.find(({ workspace_id }) => workspace_id === state().workspace) ??
    sample.workspaces.find(({ workspace_id }) => workspace_id === FIRST_WORKSPACE) ?? sample.workspaces[0];
  const asOf = () => {
    const time = Date.parse(state().asOf ?? "");
    return Number.isNaN(time) ? Date.parse(sample.asOf) : time;
  };
  const eventsText = () => state().events ?? toLines(workspace().events);

  /** The what-ifs as they go into the functions. */
  function changes() {
    const { roles, facts } = state();
    return { roles, facts };
  }

  /** The events with those that happen right now. */
  function eventsNow(events) {
    const { happens, by } = state();
    const now = new Date(asOf()).toISOString().replace(".000", "");
    const who = by ?? firstUser();
    return [...events, ...(happens ?? []).map((event) => ({ user_id: who, event, occurred_at: now }))];
  }
  const firstUser = () =>
    (workspace().users.find(({ is_workspace_admin }) => is_workspace_admin) ?? workspace().users[0])?.user_id ?? null;
  const isWhatIf = () => ["happens", "roles", "facts"].some((name) => state()[name] !== undefined);

  // What is drawn anew; each keeps its place, so that nothing jumps.
  const outcome = h("div", { class: "outcome" });
  const future = h("div", { class: "future" });
  const whatIf = h("div", {});
  const comparison = h("div", {});
  const pickers = h("div", { class: "row" });
  const adding = h("div", {});
  const exported = exportBox(context, "plg_score");
  const savedModel = notice();

  const modelEditor = editor({
    id: "score-model", label: "Scoring model", rows: 22, value: modelText(),
    hint: "JSON, checked by model_check while you type. The starter model comes with the package.",
    oninput: (text) => {
      setState({ model: text === sample.model ? undefined : text });
      updateSoon();
    },
  });
  const eventsEditor = editor({
    id: "score-events", label: "Events", rows: 9, value: eventsText(),
    hint: "One per line: time in UTC, event, user. The first day of each active user (new_active_user_day) is added, as the dbt package does.",
    oninput: (text) => {
      setState({ events: text === toLines(workspace().events) ? undefined : text });
      updateSoon();
    },
  });
  const otherEditor = editor({
    id: "score-other", label: "The model to compare with", rows: 12, value: otherText(),
    hint: "The starter model until you change it, or keep the one above here.",
    oninput: (text) => {
      setState({ other: text === sample.model ? undefined : text });
      compareSoon();
    },
  });

  function drawPickers() {
    const options = sample.workspaces.map(({ workspace_id, name }) => [workspace_id, `${name} (${workspace_id})`]);
    const day = h("input", {
      type: "date", id: "score-as-of", value: new Date(asOf()).toISOString().slice(0, 10), required: true,
      onchange: ({ target }) => {
        if (!target.value) return;
        const text = `${target.value}T00:00:00Z`;
        setState({ asOf: text === sample.asOf ? undefined : text });
        update();
        compareSoon();
      },
    });
    fill(pickers,
      labelled("Workspace", select(options, workspace().workspace_id, (id) => {
        // What was said of the events and users of another workspace means nothing here.
        setState({ workspace: id, events: undefined, roles: undefined, facts: undefined, happens: undefined, by: undefined });
        eventsEditor.value = eventsText();
        update();
      }, { id: "score-workspace" })),
      labelled("Point of view, 00:00 UTC", day));
  }

  function drawAdding(model) {
    const names = [...new Set([...(model?.events ?? []).map(({ event }) => event), ...workspace().events.map(({ event }) => event)])];
    const event = select(names, names[0], () => {}, { id: "score-add-event" });
    const user = select([["", "nobody"], ...workspace().users.map(({ user_id }) => [user_id, user_id])], firstUser(), () => {}, { id: "score-add-user" });
    const days = h("input", { type: "number", min: "0", step: "1", value: "1", id: "score-add-days" });
    fill(adding, h("div", { class: "row" },
      labelled("Event to add", event), labelled("User", user), labelled("Days ago", days),
      h("button", {
        type: "button",
        onclick: () => {
          const at = new Date(asOf() - Math.max(0, Number(days.value) || 0) * 86_400_000).toISOString().replace(".000", "");
          const text = `${eventsEditor.value.replace(/\n*$/, "\n")}${at}, ${event.value}, ${user.value}`.trimStart();
          eventsEditor.value = text;
          setState({ events: text });
          context.say(`${event.value} was added`);
          update();
        },
      }, "Add event"),
      h("button", {
        type: "button",
        onclick: () => {
          setState({ events: undefined });
          eventsEditor.value = eventsText();
          update();
        },
      }, "Sample's events")));
  }

  let told;

  function drawOutcome(now, before, input) {
    const words = `Score ${number(now.total)}, ${now.stage ?? "no stage"}`;
    if (told !== undefined && told !== words) context.say(words);
    told = words;
    const { model } = compiledOf(modelText());
    const delta = before && now.total - before.total;
    const values = now.components.map(({ points }) => points);
    const [least, greatest] = [Math.min(...values, 0), Math.max(...values, 1)];
    const most = Object.fromEntries(model.buckets.map(({ name, max }) => [name, max]));
    fill(outcome,
      h("p", { class: "total" },
        h("output", { id: "score-total", "data-value": now.total }, number(now.total)),
        h("span", { id: "score-stage", class: "stage" }, now.stage ?? "no stage")),
      before ? h("p", { id: "score-delta" }, `What-if: ${delta > 0 ? "+" : ""}${number(delta)} against ${number(before.total)}`,
        before.stage === now.stage ? "" : `, and ${before.stage} becomes ${now.stage}`) : null,
      h("p", { class: "quiet" },
        now.selected_user ? `The user who counts: ${now.selected_user}. ` : "Nobody is an admin or a champion. ",
        now.next_best_action ? `Next: ${now.next_best_action}${now.next_best_action_channel ? ` (${now.next_best_action_channel})` : ""}. ` : "",
        now.fit_tier ? `Fit ${now.fit_tier}, ${number(now.fit_score, 1)} of 100.` : "Fit is uncertain."),
      table("Components", [
        ["Bucket", "bucket"],
        ["Bar", ({ points }) => bar(points, least, greatest), "wide"],
        ["Points", ({ points }) => number(points), "number"],
        ["At most", ({ bucket }) => number(most[bucket] ?? null), "number"],
      ], now.components, { id: "score-components" }),
      h("h3", {}, "Reasons"),
      now.top_reasons.length
        ? h("ol", { id: "score-reasons" }, now.top_reasons.map(({ sentence }) => h("li", {}, sentence)))
        : h("p", { id: "score-reasons" }, "Nothing counts."),
      h("details", {},
        h("summary", {}, "Every contribution, and what earned nothing"),
        table("Contributions before limits, and the limits", [
          ["Bucket", "bucket"], ["What", "code"], ["Occurrences", ({ count }) => number(count), "number"],
          ["Points", ({ points }) => number(points, 4), "number"],
        ], now.contributions),
        table("Occurrences that earned nothing", [["Why", ([why]) => why.replaceAll("_", " ")], ["How many", ([, count]) => number(count), "number"]],
          Object.entries(now.ignored).filter(([, count]) => count)),
        h("p", { class: "quiet" }, `Conditions, as model_states gives them: `, h("code", {}, input.states ?? "–"))));
  }

  function drawFuture(points, model) {
    const turns = points.filter((point, i) => i && point.stage !== points[i - 1].stage);
    const words = turns.map((point) => `day ${point.day}: ${points[point.day - 1].stage} → ${point.stage}`);
    const summary = `From ${number(points[0].total, 1)} to ${number(points.at(-1).total, 1)} in ${DAYS} days`;
    const wasOpen = future.querySelector("details")?.open;
    fill(future,
      scoreChart({ points, width: root.clientWidth, stages: model.stages ?? [], label: `${summary}. ${words.join("; ")}` }),
      h("p", { id: "score-turns" }, words.length ? `Stages: ${words.join("; ")}.` : `${points[0].stage ?? "No stage"} all the time.`),
      h("details", { open: wasOpen },
        h("summary", {}, "The figures of every day"),
        table(summary, [["Day", "day", "number"], ["Score", ({ total }) => number(total, 4), "number"], ["Stage", "stage"]], points, { id: "score-days" })));
  }

  function drawWhatIf(model, plain) {
    const { happens = [], by, roles = {}, facts = {} } = state();
    const users = workspace().users;
    const open = [...whatIf.querySelectorAll("details")].map((details) => details.open);
    const focused = document.activeElement?.id;
    const change = (partial) => {
      setState(partial);
      update();
    };
    const without = (object, key) => {
      const { [key]: _, ...rest } = object;
      return Object.keys(rest).length ? rest : undefined;
    };
    const roleNames = [...new Set([...Object.keys(model.roles ?? {}), ...users.map(({ role }) => role).filter(Boolean)])];
    const roleAt = Object.fromEntries(plain.users.map((user) => [user.user_id, user.role]));

    const sections = [
      h("details", {},
        h("summary", {}, "Something happens right now"),
        labelled("By", select(users.map(({ user_id }) => [user_id, `${user_id}${roleAt[user_id] ? `, ${roleAt[user_id]}` : ""}`]),
          by ?? firstUser(), (user) => change({ by: user === firstUser() ? undefined : user }), { id: "score-by" })),
        h("fieldset", { class: "checks" }, h("legend", {}, "What"),
          [...new Set(model.events.map(({ event }) => event))].map((event, i) => h("div", { class: "check" },
            h("input", {
              type: "checkbox", id: `score-happens-${i}`, checked: happens.includes(event),
              onchange: ({ target }) => {
                const next = target.checked ? [...happens, event] : happens.filter((other) => other !== event);
                change({ happens: next.length ? next : undefined });
              },
            }),
            h("label", { for: `score-happens-${i}` }, event))))),
      h("details", {},
        h("summary", {}, "Somebody has another role"),
        h("div", { class: "grid" }, plain.users.map(({ user_id }, i) =>
          labelled(user_id, select(
            [["", `as it is: ${roleAt[user_id] ?? "none"}`], ...roleNames.map((role) => [role, role])], roles[user_id] ?? "",
            (role) => change({ roles: role ? { ...roles, [user_id]: role } : without(roles, user_id) }), { id: `score-role-${i}` })))),
        plain.users.length ? null : h("p", {}, "The workspace has no users at this moment.")),
      h("details", {},
        h("summary", {}, "A fact is another"),
        h("p", { class: "quiet" }, "The facts that the model's conditions read. An empty field stands for what is known."),
        h("div", { class: "grid" }, factsUsed(model, plain.facts).map((fact) => factControl(fact, plain.facts[fact], facts[fact],
          (value) => change({ facts: value === undefined ? without(facts, fact) : { ...facts, [fact]: value } })))),
      ),
    ];
    sections.forEach((section, i) => (section.open = open[i] ?? false));
    fill(whatIf, ...sections, h("button", {
      type: "button", id: "score-undo", disabled: !isWhatIf(),
      onclick: () => {
        change({ happens: undefined, by: undefined, roles: undefined, facts: undefined });
        whatIf.querySelector("summary").focus();
      },
    }, "Undo all what-ifs"));
    // The controls are new ones: who was in one stays there.
    if (focused && !document.getElementById(focused)?.isSameNode(document.activeElement) && whatIf.querySelector(`#${CSS.escape(focused)}`)) {
      document.getElementById(focused).focus();
    }
  }

  function drawComparison() {
    const own = compiledOf(modelText());
    const other = compiledOf(otherText());
    otherEditor.setProblems(places(otherText(), other.problems));
    const [first, second] = [own, other].map(({ problems, text }) =>
      problems.length ? null : population(compiledOf(text), sample.workspaces, asOf()));
    if (!first || !second) {
      fill(comparison, h("p", { class: "problem" }, "One of the models has problems."));
      return;
    }
    const pairs = second.map((before, i) => ({ ...before, after: first[i], delta: first[i].total - before.total }));
    const moved = pairs.filter(({ stage, after }) => stage !== after.stage);
    const differing = pairs.filter(({ delta }) => delta !== 0).length;
    const stages = [...new Set([...(own.model.stages ?? []), ...(other.model.stages ?? [])].map(({ name }) => name))];
    const count = (list, stage) => list.filter((row) => row.stage === stage).length;
    fill(comparison,
      h("p", { id: "score-movers" }, `${moved.length} of ${pairs.length} workspaces change their stage; ${differing} have another score.`),
      table("Workspaces per stage", [
        ["Stage", "stage"], ["Compared model", ({ stage }) => count(second, stage), "number"], ["Your model", ({ stage }) => count(first, stage), "number"],
      ], stages.map((stage) => ({ stage })), { id: "score-stages" }),
      moved.length ? table("Who changes stage, compared model → your model", [
        ["Workspace", ({ name, workspace_id }) => `${name} (${workspace_id})`],
        ["Stage", ({ stage, after }) => `${stage ?? "none"} → ${after.stage ?? "none"}`],
        ["Score", ({ total, after }) => `${number(total, 1)} → ${number(after.total, 1)}`, "number"],
      ], moved.sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta)), { id: "score-changes" }) : null);
  }

  function drawExport(input) {
    const text = modelText();
    const model = reference("documents.model");
    const at = timestamp(input.asOf);
    const { model: parsed } = compiledOf(text);
    // All facts that a condition reads; the others would only make the call longer.
    const facts = Object.fromEntries(factsUsed(parsed, input.facts).map((fact) => [fact, input.facts[fact]]));
    const states = Object.keys(facts).length ? call("model_states", facts, model, at) : typed("text", null);
    exported.set({
      dbt: dbtVar("plg_score_model", text),
      ...queries(call("score_workspace",
        rows({ user_id: "text", role: "text", persona: "text" }, input.users),
        rows({ user_id: "text", event: "text", occurred_at: "timestamp" }, input.events),
        states,
        rows({ bucket: "text", code: "text", points: "number" }, null),
        typed("text", null),
        model, at),
      { documents: { model: text }, fields: { total: "number", stage: "text", components: "json", top_reasons: "json" } }),
    });
  }

  function update() {
    const own = compiledOf(modelText());
    modelEditor.setProblems(places(modelText(), own.problems));
    const { events, problems } = fromLines(eventsText());
    eventsEditor.setProblems(problems);
    drawPickers();
    root.classList.toggle("stale", own.problems.length > 0);
    if (own.problems.length) {
      fill(outcome, h("p", { class: "problem" }, "The model has problems: correct them below to see the score."));
      fill(future);
      exported.set(null);
      return;
    }
    const input = inputs(own, workspace(), eventsNow(events), asOf(), changes());
    const plain = isWhatIf() ? inputs(own, workspace(), events, asOf()) : input;
    drawOutcome(score(own, input), isWhatIf() ? score(own, plain) : null, input);
    drawFuture(timeline(own, workspace(), eventsNow(events), asOf(), DAYS, changes()), own.model);
    drawWhatIf(own.model, plain);
    drawAdding(own.model);
    drawExport(input);
  }

  // The whole population is scored twice, so after what somebody looks at first.
  const compareSoon = debounced(drawComparison, PAUSE_MILLISECONDS);
  const updateSoon = debounced(() => {
    update();
    compareSoon();
  }, PAUSE_MILLISECONDS);

  root.append(
    h("div", { class: "columns" },
      h("div", {}, h("h2", {}, "Score"), pickers, outcome),
      h("div", {}, h("h2", {}, `The next ${DAYS} days, if nothing happens`), future, h("h2", {}, "What if …"), whatIf)),
    h("div", { class: "columns" },
      h("div", {}, h("h2", {}, "Model"), modelEditor.element,
        h("div", { class: "row" },
          h("button", {
            type: "button",
            onclick: () => {
              setState({ model: undefined });
              modelEditor.value = modelText();
              update();
              compareSoon();
            },
          }, "Starter model"),
          saveButton("Save as model.json", savedModel, () => ["model.json", modelText(), "application/json"]), savedModel)),
      h("div", {}, h("h2", {}, "Events of the workspace"), eventsEditor.element, adding)),
    h("h2", {}, "Two models side by side"),
    h("p", {}, "All sample workspaces, with the sample's events, by the model above and by another one."),
    h("div", { class: "columns" },
      h("div", {}, comparison),
      h("div", {}, otherEditor.element,
        h("div", { class: "row" },
          h("button", {
            type: "button",
            onclick: () => {
              const text = modelText();
              setState({ other: text === sample.model ? undefined : text });
              otherEditor.value = text;
              context.say("Your model is kept to compare with");
              drawComparison();
            },
          }, "Keep my model here"),
          h("button", {
            type: "button",
            onclick: () => {
              setState({ other: undefined });
              otherEditor.value = otherText();
              drawComparison();
            },
          }, "Starter model")))),
    h("h2", {}, "Take it home"),
    exported.element);

  update();
  performance.mark("first-score");
  compareSoon();
  return () => {
    for (const model of compiled.values()) model.free?.();
    compiled.clear();
  };
}

/** A control for a fact: what it is, and what it would be. */
function factControl(fact, known, changed, onchange) {
  const id = `score-fact-${fact}`;
  const shown = known === null ? "unknown" : String(known);
  const isFlag = typeof known === "boolean" || /^(is|has|uses)_/.test(fact);
  const options = [["", `as it is: ${shown}`], ["true", "true"], ["false", "false"]];
  if (isFlag) {
    return labelled(fact, select(options, changed === undefined ? "" : String(changed),
      (value) => onchange(value === "" ? undefined : value === "true"), { id }));
  }
  return labelled(fact, h("input", {
    type: "text", id, value: changed ?? "", placeholder: shown, autocomplete: "off",
    onchange: ({ target }) => {
      const text = target.value.trim();
      // What reads as a number is one, as facts of numbers are.
      onchange(text === "" ? undefined : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
    },
  }));
}

export default { id: "score", title: "Score", mount };
