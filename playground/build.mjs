// Builds the playground: node build.mjs <node_modules of the environment playground> <that of build> <pkg> <output folder>
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { deflateRawSync } from "node:zlib";
import { pack } from "./sample/pack.mjs";

const [modules, buildModules, pkg, output] = process.argv.slice(2).map((path) => resolve(path));
const here = fileURLToPath(new URL(".", import.meta.url));
const { build } = createRequire(join(modules, "/"))("esbuild");
const { default: binaryen } = await import(pathToFileURL(join(buildModules, "binaryen/index.js")));

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });

/**
 * wasm-bindgen writes two lines per class that run when the script is loaded, so that no bundler may leave a class out.
 * Neither is missed: pages without `using` need no Symbol.dispose, and a registry that nobody fills does nothing.
 */
const onlyWhatIsUsed = {
  name: "only what is used",
  setup({ onLoad }) {
    onLoad({ filter: /plg_udfs\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8"))
        .replace(/^if \(Symbol\.dispose\) .*$/gm, "")
        .replaceAll(": new FinalizationRegistry(", ": /* @__PURE__ */ new FinalizationRegistry("),
    }));
  },
};

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
  plugins: [onlyWhatIsUsed],
  alias: { "plg-udfs": join(pkg, "plg_udfs.js") },
  logLevel: "warning",
});

for (const file of ["index.html", "icon.svg"]) {
  await writeFile(join(output, file), await readFile(join(here, file)));
}
/**
 * The module without the functions that no panel calls, which are more than half of it: esbuild has left their wrappers
 * out, so what is exported and not named by the script any more cannot be called. The code of the others is as it was.
 */
async function needed(wasm) {
  const script = await readFile(join(output, "main.js"), "utf8");
  const module = binaryen.readBinary(wasm);
  const exported = Array.from({ length: module.getNumExports() }, (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)));
  for (const { name, kind } of exported) {
    const isNamed = new RegExp(`\\.${name}\\b`).test(script);
    if (kind === binaryen.ExternalFunction && !isNamed) module.removeExport(name);
  }
  module.runPasses(["remove-unused-module-elements"]);
  return module.emitBinary();
}

const deflated = (bytes) => deflateRawSync(bytes, { level: 9 });
await writeFile(join(output, "plg_udfs.bin"), deflated(await needed(await readFile(join(pkg, "plg_udfs_bg.wasm")))));
await writeFile(join(output, "sample.bin"), deflated(Buffer.from(JSON.stringify(await pack(join(here, ".."))))));

let total = 0;
for (const file of (await readdir(output)).sort()) {
  const { size } = await stat(join(output, file));
  total += size;
  console.log(`${file.padEnd(16)}${size.toLocaleString("en").padStart(10)} bytes`);
}
console.log(`${"total".padEnd(16)}${total.toLocaleString("en").padStart(10)} bytes`);
