// Minifies every <name>.js of a folder into <name>.min.js: node minify.cjs <terser's folder> <folder>.
//
// Only passes that drop and rename: those that rewrite conditions would bring back the ampersands that the sources
// avoid, and inlining would compute with the texts and numbers that only stand for the module.
const fs = require("node:fs");
const path = require("node:path");

const [, , terser, folder] = process.argv;
const { minify } = require(terser);
const options = {
  ecma: 2015,
  compress: {
    defaults: false,
    dead_code: true,
    unused: true,
    evaluate: true,
    reduce_vars: true,
    loops: true,
    booleans: true,
    comparisons: true,
    sequences: true,
    join_vars: true,
    passes: 3,
  },
  mangle: true,
  format: { ascii_only: true, quote_style: 2 },
};

async function main() {
  for (const name of fs.readdirSync(folder).sort()) {
    if (!name.endsWith(".js") || name.endsWith(".min.js")) continue;
    const file = path.join(folder, name);
    const { code } = await minify({ [name]: fs.readFileSync(file, "utf8") }, options);
    fs.writeFileSync(file.replace(/\.js$/, ".min.js"), code);
  }
}

main();
