// For rule texts and rows on standard input, what every rule's truth is when the rule comes first, and what status_explain says of the text
// as it is: node rule_truths.mjs <root>
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = process.argv[2];
const load = (path) => import(pathToFileURL(join(root, path)));
const plg = await load("pkg/plg_udfs.js");
const { ruleFirst, splitRules } = await load("playground/panels/rule_text.js");
await plg.default({ module_or_path: readFile(join(root, "pkg/plg_udfs_bg.wasm")) });

const AS_OF = "2026-01-31T12:00:00Z";
const word = { TRUE: true, FALSE: false, NULL: null };

let input = "";
for await (const chunk of process.stdin) input += chunk;
const { texts, rows } = JSON.parse(input);

const answers = texts.map((text) => {
  let whole;
  try {
    whole = new plg.StatusExplainedRules(text);
  } catch {
    return null;
  }
  const pieces = splitRules(text);
  const firsts = pieces.rules.map((_, index) => new plg.StatusExplainedRules(ruleFirst(pieces, index)));
  return rows.map((row) => {
    try {
      const { status, rule_index: decided, earlier } = whole.statusExplain(row, AS_OF);
      const truths = firsts.map((first) => {
        const explained = first.statusExplain(row, AS_OF);
        return explained.rule_index === 1 ? true : word[explained.earlier[0].truth];
      });
      const given = [...pieces.rules.map((rule) => rule.status), pieces.otherwise];
      return { status, decided, earlier: earlier.map(({ truth }) => word[truth]), truths, given };
    } catch (error) {
      return { refused: error.message };
    }
  });
});
process.stdout.write(JSON.stringify(answers));
