import { readFileSync } from "node:fs";

const MACHINE = JSON.parse(readFileSync(new URL("../../udfs/journey/documents/product_status.json", import.meta.url), "utf8"));

const HISTORIES = [
  ["does nothing", []],
  ["asks for time", [["extension_asked", "03-18"], ["extension_declined", "03-28"]]],
  ["subscribes", [["subscribed", "03-21", { plan: "team" }]]],
];

const AS_OF = "2026-04-07T00:00:00Z";

export default {
  title: "Three histories in one state machine",
  description:
    "Three workspaces that signed up on 1 March. One does nothing: Trial, from 15 March Lockout due, from 22 March Locked out. One asks for more time on 18 March " +
    "and is declined on 28 March: the lockout waits meanwhile and comes on 1 April. One subscribes on 21 March and is Active.",

  plot({ Plot, plg, colours }) {
    const machine = new plg.JourneyMachine(MACHINE);
    const spells = HISTORIES.flatMap(([who, events]) => {
      const history = [["signed_up", "03-01"], ...events].map(([event, day, facts]) => ({
        event, occurred_at: `2026-${day}T09:00:00Z`, facts: facts ?? null,
      }));
      const { path } = machine.journey(history, AS_OF);
      return path.map(({ state, entered_at: from }, index) => ({
        who, state, from: new Date(from), until: new Date(path[index + 1]?.entered_at ?? AS_OF),
      }));
    });
    const events = HISTORIES.flatMap(([who, rows]) => rows.map(([event, day]) => ({ who, event, at: new Date(`2026-${day}T09:00:00Z`) })));
    return {
      height: 300,
      marginLeft: 110,
      marginBottom: 45,
      marginTop: 30,
      x: { label: null, type: "utc" },
      y: { label: null, domain: HISTORIES.map(([who]) => who), padding: 0.45 },
      color: { domain: ["Trial", "Lockout due", "Locked out", "Active"], range: [colours[0], colours[3], colours[1], colours[2]] },
      marks: [
        Plot.barX(spells, { y: "who", x1: "from", x2: "until", fill: "state", fillOpacity: 0.35, insetLeft: 1 }),
        Plot.tickX(spells, { y: "who", x: "from", stroke: "state", strokeWidth: 4 }),
        Plot.text(spells, { y: "who", x: "from", text: "state", textAnchor: "start", dx: 6, fontWeight: 600 }),
        Plot.dot(events, { y: "who", x: "at", dy: -24, symbol: "triangle", rotate: 180, fill: "currentColor", r: 4 }),
        Plot.text(events, { y: "who", x: "at", dy: -38, text: "event" }),
      ],
    };
  },
};
