// The line of a score over days, with the bounds of the stages.
import { s } from "./dom.js";

const HEIGHT = 240, LEFT = 34, RIGHT = 84, TOP = 12, BOTTOM = 34;

/** Where a value lies between two ends. */
const scale = ([from, to], [start, end]) => (value) => start + ((value - from) / (to - from)) * (end - start);

/** `points` are [{day, total}]; `stages` are [{name, at_least}]; `label` says in words what is drawn, `width` how wide the page is. */
export function scoreChart({ points, stages, label, width }) {
  // A drawing is scaled to its column, and its letters with it: on a phone it is drawn narrower.
  const WIDTH = width < 500 ? 340 : 560;
  const last = points.at(-1).day;
  const x = scale([0, last], [LEFT, WIDTH - RIGHT]);
  const y = scale([0, 100], [HEIGHT - BOTTOM, TOP]);
  const path = points.map(({ day, total }) => `${x(day).toFixed(1)},${y(total).toFixed(1)}`).join(" ");
  const bounds = stages.filter(({ at_least }) => at_least > 0 && at_least <= 100);
  // Names of bounds that lie close together would cover each other: each keeps its distance from the one above.
  let above = -Infinity;
  const names = bounds.map(({ name, at_least }) => {
    above = Math.max(y(at_least) + 4, above + 14);
    return s("text", { x: WIDTH - RIGHT + 6, y: above }, name);
  });
  return s("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    [0, 20, 40, 60, 80, 100].map((tick) => s("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, tick)),
    [0, 10, 20, 30, 40, 50, 60].map((tick) => s("text", { x: x(tick), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, tick)),
    s("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 3, "text-anchor": "middle" }, "days from the point of view"),
    bounds.map(({ at_least }) => s("line", { class: "bound", x1: LEFT, x2: WIDTH - RIGHT, y1: y(at_least), y2: y(at_least) })),
    names,
    s("polygon", { class: "area", points: `${x(0)},${y(0)} ${path} ${x(last)},${y(0)}` }),
    s("polyline", { class: "line", points: path }),
    s("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(0), y2: y(0) }));
}

/** A bar of a value between two bounds, from zero, which is one of them or between them. */
export function bar(value, least, most) {
  const x = scale([least, most], [0, 100]);
  return s("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { class: value < 0 ? "negative" : null, x: Math.min(x(0), x(value)), y: 1, width: Math.abs(x(value) - x(0)), height: 8 }));
}
