// Where the nodes of the graph lie: d3-force, run to rest before anything is drawn, from the same start every time.

import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from "d3-force";

/** From here on the table is all there is: a graph of more is a ball of wool, and takes seconds. */
export const MOST_NODES = 300;

const STEPS = 300;

/** Sets x and y of every node, and returns the box that holds them: {x, y, width, height}. */
export function layOut({ nodes, edges }) {
  // d3-force draws its random numbers from a generator of fixed seed, and starts nodes on a spiral: the same input gives the same picture.
  forceSimulation(nodes)
    .force("charge", forceManyBody().strength(-420))
    .force("collide", forceCollide(34))
    .force("x", forceX().strength(0.06))
    .force("y", forceY().strength(0.09))
    .force(
      "link",
      forceLink(edges)
        .distance(({ reason }) => (reason ? 170 : 70))
        .strength(({ reason }) => (reason ? 0.05 : 0.7)),
    )
    .stop()
    .tick(STEPS);
  // Room for the label of an outermost node.
  const margin = 64;
  const xs = nodes.map((node) => node.x);
  const ys = nodes.map((node) => node.y);
  const x = Math.min(0, ...xs) - margin;
  const y = Math.min(0, ...ys) - margin;
  return { x, y, width: Math.max(0, ...xs) + margin - x, height: Math.max(0, ...ys) + margin - y };
}
