// What the page shows, as the fragment of its address: which panel, and one plain object per panel. Only what differs from
// a panel's defaults is in it, deflated, so that a link to an edited model stays short enough to be sent to somebody.

async function through(bytes, transform) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer());
}

/** The fragment, without #, of a state: {panel: id, panels: {id: object}}. */
export async function encode({ panel, panels }) {
  const kept = Object.fromEntries(Object.entries(panels).filter(([, state]) => Object.keys(state).length));
  if (!Object.keys(kept).length) return panel;
  const packed = await through(new TextEncoder().encode(JSON.stringify(kept)), new CompressionStream("deflate-raw"));
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  return `${panel}/${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The state of a fragment. What cannot be read is as if it were not there: links get cut off. */
export async function decode(fragment) {
  const [panel, text] = fragment.replace(/^#/, "").split("/");
  if (!text) return { panel, panels: {} };
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = await through(Uint8Array.from(binary, (c) => c.charCodeAt(0)), new DecompressionStream("deflate-raw"));
    const panels = JSON.parse(new TextDecoder().decode(bytes));
    return { panel, panels: panels && typeof panels === "object" ? panels : {}, broken: false };
  } catch {
    return { panel, panels: {}, broken: true };
  }
}
