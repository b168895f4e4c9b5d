const DAYS = Array.from({ length: 29 * 4 - 3 }, (_, quarter) => quarter / 4);

export default {
  title: "Three kinds of decay",
  description:
    "What is left of 8 points over 28 days. With a half-life of 7 days: 4 after 7 days, 2 after 14. Exponentially with 7 days: " +
    "2.9 after 7 days. Linearly within 7 days: 4 after half of them, nothing after 7.",

  plot({ Plot, plg, colours }) {
    const kinds = [
      { label: "decay_half_life(8, age, 7)", left: plg.decayHalfLife, at: 10, dx: 8, dy: -8 },
      { label: "decay_exp(8, age, 7)", left: plg.decayExp, at: 15, dx: 0, dy: 22 },
      { label: "decay_linear(8, age, 7)", left: plg.decayLinear, at: 3.5, dx: -70, dy: 60 },
    ];
    const lines = kinds.flatMap(({ label, left }) => DAYS.map((day) => ({ label, day, points: left(8, day, 7) })));
    return {
      height: 340,
      marginLeft: 50,
      marginBottom: 45,
      x: { label: "age in days", ticks: [0, 7, 14, 21, 28] },
      y: { label: "points that are left", grid: true, domain: [0, 8] },
      color: { domain: kinds.map((kind) => kind.label), range: colours },
      marks: [
        Plot.ruleY([0]),
        Plot.ruleX([7], { strokeDasharray: "3 3", strokeOpacity: 0.5 }),
        Plot.line(lines, { x: "day", y: "points", stroke: "label", strokeWidth: 2.5 }),
        Plot.dot(kinds.map(({ label, left }) => ({ label, points: left(8, 7, 7) })), { x: 7, y: "points", fill: "label", r: 4 }),
        kinds.map(({ label, left, at, dx, dy }) =>
          Plot.text([{ label }], {
            x: at,
            y: left(8, at, 7),
            text: "label",
            fill: "label",
            dx,
            dy,
            textAnchor: "start",
            fontWeight: 600,
            stroke: "var(--plot-background)",
          })
        ),
      ],
    };
  },
};
