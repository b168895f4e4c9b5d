import { readFileSync } from "node:fs";

const STARTER = JSON.parse(readFileSync(new URL("../../udfs/score/documents/starter.json", import.meta.url), "utf8"));

// One week of one user.
const EVENTS = [
  ["key_action_completed", 1],
  ["core_feature_used", 2],
  ["core_feature_used", 3],
  ["pricing_page_view", 4],
  ["upgrade_click", 6],
  ["invite_sent", 6],
].map(([event, day]) => ({ event, occurred_at: `2026-07-0${day}T12:00:00Z` }));

const ROLES = [
  ["an admin", "workspace_admin"],
  ["a director", "director"],
  ["in a target function", "target_ic"],
  ["a student", "student"],
  ["nobody knows", null],
];

export default {
  title: "The same week of users with different roles",
  description:
    "One week of the same events, scored with the starter model. What a user did is multiplied by the factor of the role: 1.3 for " +
    "an admin, 0.6 for a student. What counts for the workspace, an invitation here, is worth the same whoever sent it.",

  plot({ Plot, plg, colours }) {
    const model = new plg.ScoreModel(STARTER);
    const scopes = new Map(STARTER.events.map(({ event, scope }) => [event, scope]));
    const parts = ROLES.flatMap(([who, role]) =>
      model
        .scoreEvents(EVENTS, role, "2026-07-07T12:00:00Z")
        .contributions.filter(({ code }) => scopes.has(code))
        .map(({ code, points }) => ({ who, points, scope: scopes.get(code) === "user" ? "of the user" : "of the workspace" }))
    );
    const factor = (role) => STARTER.roles[role] ?? STARTER.other_role;
    return {
      height: 300,
      marginLeft: 150,
      marginRight: 60,
      marginBottom: 45,
      marginTop: 56,
      x: { label: "points", grid: true },
      y: { label: null, domain: ROLES.map(([who]) => who) },
      color: { domain: ["of the user", "of the workspace"], range: [colours[0], colours[1]] },
      marks: [
        Plot.barX(parts, Plot.groupY({ x: "sum" }, { x: "points", y: "who", fill: "scope", order: ["of the user", "of the workspace"] })),
        Plot.text(
          ROLES.map(([who, role]) => ({ who, label: `× ${factor(role)}` })),
          { y: "who", x: 0, text: "label", textAnchor: "start", dx: 8, fill: "var(--plot-background)", fontWeight: 600 },
        ),
        Plot.text(["what the user did, by the factor of the role"], { frameAnchor: "top-left", dy: -46, text: (d) => d, fill: colours[0], fontWeight: 600 }),
        Plot.text(["what counts for the workspace"], { frameAnchor: "top-left", dy: -24, text: (d) => d, fill: colours[1], fontWeight: 600 }),
        Plot.ruleX([0]),
      ],
    };
  },
};
