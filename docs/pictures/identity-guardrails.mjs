import { readFileSync } from "node:fs";

const GUARDRAILS = JSON.parse(readFileSync(new URL("../../udfs/person/documents/guardrails.json", import.meta.url), "utf8"));

// Where the identifiers stand in the picture; type, value, place.
const PLACES = [
  ["user_id", "u1", 1, 3],
  ["email", "ann@acme.example", 0, 2],
  ["anonymous_id", "tablet", 2.2, 2],
  ["user_id", "u2", 3.4, 3],
  ["email", "bob@acme.example", 4.4, 2],
  ["anonymous_id", "null", 2.2, 0.8],
];

// Who was seen with what, and when first.
const LINKS = [
  ["user_id", "u1", "email", "ann@acme.example", 9],
  ["user_id", "u1", "anonymous_id", "tablet", 1],
  ["user_id", "u2", "anonymous_id", "tablet", 5],
  ["user_id", "u2", "email", "bob@acme.example", 6],
  ["user_id", "u1", "anonymous_id", "null", 7],
  ["user_id", "u2", "anonymous_id", "null", 8],
];

const SHOWN = { user_id: "user", email: "address", anonymous_id: "device" };

export default {
  title: "What guardrails refuse",
  description:
    "Six identifiers and six links. Ann's user id, address and tablet are one person, Bob's user id and address another. The link of Bob to the tablet " +
    "is refused, because it would put two user ids into one person. The value null is blocked, so both links to it are refused and it stands alone.",

  plot({ Plot, plg, colours }) {
    const result = new plg.PersonSettings(GUARDRAILS).identityResolve(
      LINKS.map(([leftType, left, rightType, right, day]) => ({
        left_type: leftType, left_value: left, right_type: rightType, right_value: right, first_seen: `2026-01-0${day}T00:00:00Z`,
      })),
      null,
      "2026-01-31T00:00:00Z",
    );
    const key = (type, value) => `${type}:${value}`;
    const persons = new Map(result.identifiers.map((row) => [key(row.identifier_type, row.identifier), row]));
    const places = new Map(PLACES.map(([type, value, x, y]) => [key(type, value), { x, y }]));
    const groups = [...new Set(PLACES.map(([type, value]) => persons.get(key(type, value)).canonical_id))];
    // A row of the audit names a link, or an identifier all of whose links are refused.
    const refusals = new Map(result.audit.map((row) => [
      row.right_type === null
        ? key(row.left_type, row.left_value)
        : `${key(row.left_type, row.left_value)} ${key(row.right_type, row.right_value)}`,
      row.reason,
    ]));
    const refusal = (left, right) =>
      refusals.get(left) ?? refusals.get(right) ?? refusals.get(`${left} ${right}`) ?? refusals.get(`${right} ${left}`);
    const nodes = PLACES.map(([type, value, x, y]) => {
      const row = persons.get(key(type, value));
      return { x, y, type: SHOWN[type], value, demoted: row.demoted, person: row.canonical_id };
    });
    const links = LINKS.map(([leftType, left, rightType, right]) => {
      const a = places.get(key(leftType, left));
      const b = places.get(key(rightType, right));
      return { x1: a.x, y1: a.y, x2: b.x, y2: b.y, reason: refusal(key(leftType, left), key(rightType, right)) };
    });
    return {
      height: 380,
      x: { axis: null, domain: [-0.9, 5.2] },
      y: { axis: null, domain: [0.2, 3.3] },
      color: { domain: groups, range: colours },
      marks: [
        Plot.link(links.filter((link) => !link.reason), { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: "currentColor", strokeWidth: 2 }),
        Plot.link(links.filter((link) => link.reason), { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: colours[1], strokeDasharray: "5 4", strokeWidth: 1.5 }),
        Plot.text(links.filter((link) => link.reason), {
          x: (link) => 0.55 * link.x1 + 0.45 * link.x2,
          y: (link) => 0.55 * link.y1 + 0.45 * link.y2,
          text: "reason",
          fill: colours[1], stroke: "var(--plot-background)", strokeWidth: 5, fontWeight: 600,
        }),
        Plot.dot(nodes, { x: "x", y: "y", r: 14, fill: "person" }),
        Plot.text(nodes, {
          x: "x", y: "y", dy: 34, stroke: "var(--plot-background)", fill: "currentColor", strokeWidth: 4, lineAnchor: "middle",
          text: (node) => `${node.type}${node.demoted ? `, ${node.demoted}` : ""}\n${node.value}`,
        }),
      ],
    };
  },
};
