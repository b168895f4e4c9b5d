// Days of July on which somebody looks at the pricing page.
const VIEWS = [1, 2, 3, 4, 8, 9, 10, 16, 17, 24];

const MODEL = {
  name: "caps",
  version: "1",
  buckets: [{ name: "intent", max: 100 }],
  events: [
    {
      event: "pricing_page_view",
      bucket: "intent",
      scope: "user",
      points: 3,
      cap: { points: 6, days: 7 },
      decay: { kind: "none" },
    },
  ],
};

const day = (number) => `2026-07-${String(number).padStart(2, "0")}T12:00:00Z`;

export default {
  title: "A cap in a rolling window",
  description:
    "Ten views of the pricing page at 3 points each, with a cap of 6 points in any 7 days. The first two of July earn 3 each, the " +
    "next two nothing; a view earns again once earlier ones have left the window, as on the 8th and the 9th.",

  plot({ Plot, plg, colours }) {
    const model = new plg.ScoreModel(MODEL);
    const total = (views, asOf) =>
      model.scoreEvents(
        views.map((view) => ({ event: "pricing_page_view", occurred_at: day(view) })),
        null,
        day(asOf),
      ).total;
    // Nothing decays here, so what a view earned is what the score is more with it.
    const awards = VIEWS.map((view, index) => {
      const points = total(VIEWS.slice(0, index + 1), view) - (index ? total(VIEWS.slice(0, index), view) : 0);
      return { view, points, earned: points > 0 ? "earned" : "over the cap" };
    });
    return {
      height: 300,
      marginLeft: 50,
      marginBottom: 45,
      x: { label: "day of July", domain: [0.3, 25], ticks: [1, 8, 15, 22] },
      y: { label: "points", domain: [0, 4], ticks: [0, 3], tickFormat: "d" },
      color: { domain: ["earned", "over the cap"], range: [colours[0], colours[1]] },
      marks: [
        Plot.ruleY([0]),
        Plot.rect(awards, { x1: (d) => d.view - 0.35, x2: (d) => d.view + 0.35, y1: 0, y2: 3, stroke: "earned", strokeDasharray: "3 2", fill: "none" }),
        Plot.rect(awards, { x1: (d) => d.view - 0.35, x2: (d) => d.view + 0.35, y1: 0, y2: "points", fill: "earned" }),
        Plot.text(awards, { x: "view", y: 3, dy: -10, text: (d) => `+${d.points}`, fill: "earned", fontWeight: 600 }),
      ],
    };
  },
};
