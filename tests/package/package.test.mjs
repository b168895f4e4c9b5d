// What people get: the files, the documentation, the types, and a web page.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { folder, plg, readPackage } from "./package_under_test.mjs";

const metadata = JSON.parse(readPackage("package.json"));

// Runs a program in which the package's exports have their names.
function run(program, more = {}) {
  const { default: _, ...names } = { ...plg, ...more };
  return new Function(...Object.keys(names), program)(...Object.values(names));
}
const evaluate = (code) => run(`return ${code}`);

test("the package has a name, a licence and types, and all files that it names", () => {
  assert.equal(metadata.name, "plg-udfs");
  assert.equal(metadata.type, "module");
  assert.equal(metadata.license, "MIT OR Apache-2.0");
  assert.equal(metadata.version, plg.version());
  assert.equal(metadata.dependencies, undefined);
  const files = readdirSync(folder);
  for (const file of [metadata.main, metadata.types, ...metadata.files]) assert.ok(files.includes(file), file);
});

test("pkg/ holds what wasm-pack writes and nothing else", () => {
  const expected = [".gitignore", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json", "plg_udfs.d.ts"];
  expected.push("plg_udfs.js", "plg_udfs_bg.wasm", "plg_udfs_bg.wasm.d.ts");
  assert.deepEqual(readdirSync(folder).sort(), expected.sort());
});

test("the WebAssembly file holds no path of the machine that built it", () => {
  const bytes = readFileSync(path.join(folder, "plg_udfs_bg.wasm"), "latin1");
  for (const place of [process.env.PLG_ROOT, process.env.HOME, "/rustc/", ".cargo/registry"]) {
    assert.ok(!bytes.includes(`${place}/`), place);
  }
});

test("every example in the types holds as it stands", () => {
  const comments = readPackage("plg_udfs.d.ts").match(/@example\n[^]*?(?=\n\s*\* @example|\n\s*\*\/)/g);
  assert.ok(comments.length > 30, `${comments.length} examples`);
  for (const comment of comments) {
    const lines = comment.split("\n").slice(1).map((line) => line.replace(/^\s*\* ?/, ""));
    const [title, ...example] = lines;
    const [, inline = ""] = / \/\/ (.*)$/.exec(example.at(-1)) ?? [];
    const below = example.filter((line) => line.startsWith("// ")).map((line) => line.slice(3));
    const expected = below.length > 0 ? below.join("\n") : inline;
    const code = example.filter((line) => !line.startsWith("// ")).join("\n");
    const value = () => evaluate(code);
    if (expected.startsWith("Error: ")) assert.throws(value, { message: expected.slice("Error: ".length) }, title);
    else assert.deepEqual(value(), evaluate(`(${expected})`), title);
  }
});

test("the example for Node.js in the README holds as it stands", () => {
  const [, block] = /```js\n([^]*?)```/.exec(readPackage("README.md"));
  const program = block
    .replace(/^import .*\n/gm, "")
    .replace(/^await init.*\n/m, "")
    .replace(/^(\w.*);(?: |\n)\/\/ (.+)$/gm, "assert.deepEqual($1, $2);");
  assert.equal(program.match(/assert\.deepEqual/g).length, 7);
  run(program, { assert });
});

test("importing by the README's recipe works in an installed package", () => {
  const project = mkdtempSync(path.join(tmpdir(), "plg-udfs-"));
  try {
    const npm = ["install", "--no-audit", "--no-fund", "--install-links", "--offline", folder];
    execFileSync("npm", npm, { cwd: project, stdio: "pipe" });
    const [, block] = /```js\n([^]*?)```/.exec(readPackage("README.md"));
    const program = `${block}\nconsole.log(score.total, score.stage);`;
    const node = ["--input-type=module", "--eval", program];
    assert.equal(execFileSync(process.execPath, node, { cwd: project, encoding: "utf8" }), "5 hot\n");
  } finally {
    rmSync(project, { recursive: true });
  }
});

test("the README's page works in a browser", async () => {
  const [, page] = /```html\n([^]*?)```/.exec(readPackage("README.md"));
  const server = createServer((request, response) => {
    const name = request.url.startsWith("/node_modules/plg-udfs/") ? path.basename(request.url) : undefined;
    const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
    response.setHeader("Content-Type", types[path.extname(name ?? "")] ?? "text/html");
    response.end(name === undefined ? `<body>${page}` : readFileSync(path.join(folder, name)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = mkdtempSync(path.join(tmpdir(), "plg-udfs-chromium-"));
  try {
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=10000"];
    const address = `http://127.0.0.1:${server.address().port}/`;
    const chromium = [...flags, `--user-data-dir=${profile}`, "--dump-dom", address];
    const { stdout } = await promisify(execFile)("chromium", chromium);
    assert.match(stdout, /<body>4<\/body>/);
  } finally {
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test("the types accept what works and refuse what does not", () => {
  const typescript = process.env.PLG_TYPESCRIPT;
  assert.ok(typescript, "PLG_TYPESCRIPT is not set: run `cargo xtask test --only package`");
  const tsc = path.join(typescript, "bin/tsc");
  const project = path.join(process.env.PLG_ROOT, "tests/package/types/tsconfig.json");
  // What it finds wrong, it prints.
  const compile = () => execFileSync(process.execPath, [tsc, "--project", project], { encoding: "utf8" });
  assert.doesNotThrow(compile, (error) => assert.fail(error.stdout));
});

test("dates mean the same in every zone of the machine", () => {
  const model = new plg.ScoreModel(
    '{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 5}], "stages": [{"name": "s"}], "events": [{"event": "e",' +
      ' "bucket": "b", "scope": "user", "points": 1, "decay": {"kind": "none"}}]}',
  );
  const lastAt = (occurred_at) =>
    model.scoreEvents([{ event: "e", occurred_at }], null, "2026-12-31").top_reasons[0].last_at;
  const before = process.env.TZ;
  try {
    for (const zone of ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia"]) {
      process.env.TZ = zone;
      assert.equal(new Date("2026-07-01T12:00:00").getTimezoneOffset() === 0, zone === "UTC", zone);
      assert.equal(lastAt("2026-07-01T12:00:00"), "2026-07-01T12:00:00.000000Z");
      assert.equal(lastAt("2026-07-01"), "2026-07-01T00:00:00.000000Z");
      assert.equal(lastAt(new Date("2026-07-01T12:00:00.123Z")), "2026-07-01T12:00:00.123000Z");
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test("refusals are Errors and leave the functions usable", () => {
  for (let i = 0; i < 1000; i++) {
    assert.throws(() => plg.decayExp(1, 1, -1), { name: "Error", message: "plg.decay_exp: tau_days: must be > 0" });
    assert.throws(() => new plg.ScoreModel("{"), { name: "Error", message: "plg.score_events: model: is not valid JSON" });
  }
  assert.equal(plg.decayExp(1, 0, 1), 1);
});

test("documents that are freed leave no memory behind", () => {
  const { memory } = plg.initSync();
  const rules = "when a = 'x' then 'y' else 'z' ".padEnd(60_000);
  const use = () => {
    const compiled = new plg.StatusRules(rules);
    assert.equal(compiled.statusCase({ a: "x" }, 0), "y");
    compiled.free();
    assert.throws(() => compiled.statusCase({ a: "x" }, 0));
  };
  for (let i = 0; i < 100; i++) use();
  const size = memory.buffer.byteLength;
  for (let i = 0; i < 2000; i++) use();
  assert.equal(memory.buffer.byteLength, size);
});

test("a million links and a million weights are no trouble", () => {
  const links = Array.from({ length: 1_000_000 }, (_, link) => ({ id_a: `id-${link}`, id_b: `id-${link + 1}` }));
  const merged = plg.identityMerge(links);
  assert.equal(merged.length, 1_000_001);
  assert.ok(merged.every(({ canonical_id }) => canonical_id === "id-0"));
  const weights = new Float64Array(1_000_000).fill(1e-7);
  assert.equal(plg.cohort("nobody", "in it", weights, "unleash"), null);
});
