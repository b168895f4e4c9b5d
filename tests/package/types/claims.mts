// Compiled, never run: what the types accept, and after @ts-expect-error what they refuse.
import init, { FunnelDefinition, ScoreModel, StatusRules, cohort, cohortInNamespace, decayExp, identityMerge, initSync } from "plg-udfs";
import type { Facts, IdentityMergeLink, IdentityMergeResult, ScoreEventsEvent, ScoreEventsResult } from "plg-udfs";

await init();
initSync({ module: new ArrayBuffer(0) });

// NULL comes out only where NULL goes in.
const left: number = decayExp(8, 7n, 7);
const unknown: number | null = decayExp(8, null, undefined);
// @ts-expect-error
const notUnknown: number = decayExp(8, null, 7);
// @ts-expect-error
decayExp("8", 7, 7);
// @ts-expect-error
decayExp(8, 7);

// A unit may be outside the weights.
const variant: number | null = cohort("a", "seed", new Float64Array([0.5, 0.5]), "growthbook");
// @ts-expect-error
const sure: number = cohort("a", "seed", [0.5, 0.5], "growthbook");

const inside: boolean = cohortInNamespace("a", "onboarding", 0, 0.4);
const funnel = new FunnelDefinition({ steps: [{ name: "signed up", event: "workspace_created" }] });
const converted: boolean = funnel.funnel([{ event: "workspace_created", occurred_at: 0 }], new Date()).converted;
// @ts-expect-error
const seconds: number = funnel.funnel([], new Date()).seconds_to_convert;

const links: IdentityMergeLink[] = [{ id_a: "a", id_b: null }];
const merged: IdentityMergeResult = identityMerge([...links, null]);
const canonical: string | undefined = merged[0]?.canonical_id;
// @ts-expect-error
identityMerge([{ idA: "a", idB: "b" }]);

const events: readonly ScoreEventsEvent[] = [
  { event: "login", occurred_at: new Date(), count: 2 },
  { event: "login", occurred_at: "2026-01-31" },
  { event: "login", occurred_at: 1_700_000_000_000_000 },
];
const model = new ScoreModel({ name: "m" });
const score: ScoreEventsResult = model.scoreEvents(events, null, new Date());
const total: number = score.total;
const sentences: (string | null)[] = score.top_reasons.map((reason) => reason.sentence);
const capped: number = score.ignored.over_cap;
// @ts-expect-error
score.topReasons;
// @ts-expect-error
model.scoreEvents([{ event: "login" }], null, new Date());
// @ts-expect-error
new ScoreModel();
model.free();

interface Account {
  plan: string;
  seats: number;
}
declare const account: Account;
const facts: Facts = account;
const rules = new StatusRules("when seats > 3 then 'big' else 'small'");
const status: string | null = rules.statusCase(facts, Date.now() * 1000);
rules.statusCase('{"seats": 4}', "2026-01-31");
// @ts-expect-error
rules.statusCase(4, "2026-01-31");

export { canonical, capped, left, notUnknown, sentences, status, sure, total, unknown, variant };
