// The package's functions, once its WebAssembly runs.
//
// The .wasm file travels deflated and is inflated here, so that its size does not depend on how a server is set up. Its
// name ends in .bin because some servers declare files that end in .gz as encoded, and browsers then inflate them first.

// Names, not the whole package: what no panel uses is left out of the bundle. A panel that uses more adds it here.
export {
  FitRoles,
  FitStates,
  ModelChecked,
  WorkspaceModel,
} from "plg-udfs";

import init from "plg-udfs";

/** Fetches a file of this folder that was deflated when the page was built; its bytes as a stream. */
export async function inflated(file) {
  const response = await fetch(new URL(file, document.baseURI));
  if (!response.ok) throw new Error(`${file}: the server answered ${response.status}`);
  return response.body.pipeThrough(new DecompressionStream("deflate-raw"));
}

/** Loads the module. It is compiled while it arrives. */
export async function load() {
  const headers = { "Content-Type": "application/wasm" };
  await init({ module_or_path: new Response(await inflated("plg_udfs.bin"), { headers }) });
}
