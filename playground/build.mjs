// Builds the playground: node build.mjs <node_modules of the environment playground> <pkg> <output folder>
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { makeSamples } from "./panels/make_samples.mjs";
import { pack } from "./sample/pack.mjs";

const [modules, pkg, output] = process.argv.slice(2).map((path) => resolve(path));
const here = fileURLToPath(new URL(".", import.meta.url));
const { build } = createRequire(join(modules, "/"))("esbuild");

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });

await build({
  entryPoints: [join(here, "main.js"), join(here, "style.css")],
  outdir: output,
  bundle: true,
  format: "esm",
  minify: true,
  // The script is larger in another encoding than the one that every browser reads.
  charset: "utf8",
  target: "es2022",
  nodePaths: [modules],
  alias: { "plg-udfs": join(pkg, "plg_udfs.js") },
  logLevel: "warning",
});

for (const file of ["index.html", "icon.svg"]) {
  await writeFile(join(output, file), await readFile(join(here, file)));
}
const deflated = (bytes) => deflateRawSync(bytes, { level: 9 });
await writeFile(join(output, "plg_udfs.bin"), deflated(await readFile(join(pkg, "plg_udfs_bg.wasm"))));
const sample = { ...(await pack(join(here, ".."))), panels: await makeSamples(pkg, join(here, "..")) };
await writeFile(join(output, "sample.bin"), deflated(Buffer.from(JSON.stringify(sample))));

let total = 0;
for (const file of (await readdir(output)).sort()) {
  const { size } = await stat(join(output, file));
  total += size;
  console.log(`${file.padEnd(16)}${size.toLocaleString("en").padStart(10)} bytes`);
}
console.log(`${"total".padEnd(16)}${total.toLocaleString("en").padStart(10)} bytes`);
