//! Claims about scoring, against a second implementation: written from `docs/semantics.md`, simple and slow.

use super::{Model, score_events};
use crate::abi::{Document, Output};
use crate::tape::writer::from_json;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
use proptest::prelude::*;

const STARTER: &str = include_str!("../../udfs/score/documents/starter.json");
const TINY: &str = include_str!("../../udfs/score/documents/tiny.json");
const DAY: f64 = 86_400e6;
const AS_OF: f64 = 20_000.0 * DAY;

fn model(json: &str) -> crate::Result<Model> {
    Model::compile("model", &from_json("model", json)?)
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    event: i32,
    occurred_at: f64,
    count: f64,
    max_per_hour: f64,
}

/// A raw event.
fn raw(event: i32, occurred_at: f64, count: f64) -> Row {
    Row { event, occurred_at, count, max_per_hour: -1.0 }
}

/// What the stream says, by name.
#[derive(Debug, PartialEq)]
struct Score {
    total: f64,
    stage: Option<String>,
    components: Vec<(String, f64)>,
    contributions: Vec<(String, String, f64, f64)>,
    reasons: Vec<(String, String, f64, f64, String)>,
    ignored: Vec<f64>,
}

fn score(model: &Model, rows: &[Row], role: i32, as_of: f64) -> crate::Result<Score> {
    let mut out = Output::default();
    let column = |value: fn(&Row) -> f64| rows.iter().map(value).collect::<Vec<f64>>();
    let events: Vec<i32> = rows.iter().map(|row| row.event).collect();
    let (times, counts) = (column(|row| row.occurred_at), column(|row| row.count));
    score_events(&events, &times, &counts, &column(|row| row.max_per_hour), role, model, as_of, &mut out)?;
    let mut slots = out.stream.iter().copied();
    let mut slot = || slots.next().unwrap();
    let name = |slot: f64| String::from_utf8_lossy(model.string(slot as u32)).into_owned();
    let text = |offset: f64, length: f64| {
        String::from_utf8_lossy(&out.text[offset as usize..(offset + length) as usize]).into_owned()
    };
    slot();
    slot();
    let total = slot();
    let stage = slot();
    let result = Score {
        total,
        stage: (stage >= 0.0).then(|| name(stage)),
        components: (0..slot() as usize).map(|_| (name(slot()), slot())).collect(),
        contributions: (0..slot() as usize).map(|_| (name(slot()), name(slot()), slot(), slot())).collect(),
        reasons: (0..slot() as usize)
            .map(|_| (name(slot()), text(slot(), slot()), slot(), slot(), text(slot(), slot())))
            .collect(),
        ignored: (0..8).map(|_| slot()).collect(),
    };
    assert_eq!(slots.next(), None);
    Ok(result)
}

/// The same rules over JSON and plain lists; units are multiples of 2^-32.
mod reference {
    use super::*;
    use serde_json::Value;

    pub fn units(points: f64) -> i128 {
        (points * 4_294_967_296.0).round_ties_even() as i128
    }

    pub fn points(units: i128) -> f64 {
        units as f64 / 4_294_967_296.0
    }

    /// Contributions in units by event before limits, components by bucket, total, and ignored occurrences by reason.
    pub fn score(json: &str, rows: &[Row], role: i32, as_of: f64) -> (Vec<i128>, Vec<i128>, i128, [f64; 8]) {
        let model: Value = serde_json::from_str(json).unwrap();
        let rules = model["events"].as_array().unwrap();
        let roles: Vec<f64> =
            model["roles"].as_object().unwrap().values().map(|factor| factor.as_f64().unwrap()).collect();
        let factor = roles.get(role as usize).copied().unwrap_or(model["other_role"].as_f64().unwrap());
        let horizon = model["horizon_days"].as_f64().unwrap_or(365.0);
        let mut ignored = [0.0; 8];
        let mut kept: Vec<Vec<&Row>> = vec![Vec::new(); rules.len()];
        for row in rows {
            let reason = match row.event {
                -1 => 0,
                event if event < 0 => 2,
                _ if row.occurred_at.is_nan() => 1,
                _ if row.occurred_at > as_of => 3,
                _ if (as_of - row.occurred_at) / DAY > horizon => 4,
                event => {
                    kept[event as usize].push(row);
                    continue;
                }
            };
            ignored[reason] += row.count;
        }
        let mut by_rule = Vec::new();
        for (rule, mut rows) in rules.iter().zip(kept) {
            rows.sort_by(|a, b| (a.occurred_at, a.count).partial_cmp(&(b.occurred_at, b.count)).unwrap());
            let worth = rule["points"].as_f64().unwrap();
            let mut days: BTreeMap<i64, ()> = BTreeMap::new();
            let mut awards: Vec<(f64, i128)> = Vec::new();
            let mut sum = 0;
            for row in rows {
                if row.count == 0.0 {
                    continue;
                }
                let mut count = row.count;
                if rule["per"] == "day" {
                    if days.insert((row.occurred_at / DAY).floor() as i64, ()).is_some() {
                        ignored[5] += row.count;
                        continue;
                    }
                    ignored[5] += (row.count - 1.0).max(0.0);
                    count = 1.0;
                }
                let mut award = units(worth.abs() * count);
                if let Some(cap) = rule.get("cap") {
                    let start = row.occurred_at - cap["days"].as_f64().unwrap() * DAY;
                    let held: i128 = awards.iter().filter(|(time, _)| *time > start).map(|(_, award)| award).sum();
                    award = award.min(units(cap["points"].as_f64().unwrap()) - held).max(0);
                }
                if award == 0 {
                    ignored[6] += count;
                    continue;
                }
                awards.push((row.occurred_at, award));
                let age = (as_of - row.occurred_at) / DAY;
                let days = rule["decay"]["days"].as_f64().unwrap_or(1.0);
                let share = match rule["decay"]["kind"].as_str().unwrap() {
                    "exponential" => crate::decay::decay_exp(1.0, age, days).unwrap(),
                    "half_life" => crate::decay::decay_half_life(1.0, age, days).unwrap(),
                    "linear" => crate::decay::decay_linear(1.0, age, days).unwrap(),
                    _ => 1.0,
                };
                let role = if rule["scope"] == "user" { factor } else { 1.0 };
                sum += units(points(award) * worth.signum() * role * share);
            }
            by_rule.push(sum);
        }
        let mut components = Vec::new();
        for bucket in model["buckets"].as_array().unwrap() {
            let inside = rules.iter().zip(&by_rule).filter(|(rule, _)| rule["bucket"] == bucket["name"]);
            let sum: i128 = inside.map(|(_, sum)| sum).sum();
            components.push(match bucket["max"].as_f64() {
                Some(max) => sum.clamp(0, units(max)),
                None => sum.min(0),
            });
        }
        let total = components.iter().sum::<i128>().clamp(0, units(100.0));
        (by_rule, components, total, ignored)
    }
}

fn rows(events: i32, days: f64) -> impl Strategy<Value = Vec<Row>> {
    let time = prop_oneof![
        8 => (0.0..days).prop_map(|age| (AS_OF - age * DAY).round()),
        2 => (0..days as i64).prop_map(|age| AS_OF - age as f64 * DAY),
        1 => (0.0..5.0).prop_map(|age: f64| (AS_OF + age * DAY).round()),
        1 => Just(f64::NAN),
    ];
    let count = prop_oneof![4 => Just(1.0), 2 => (0..5).prop_map(f64::from), 1 => (0..12).prop_map(|quarters| f64::from(quarters) / 4.0)];
    let row = (-2..events, time, count).prop_map(|(event, occurred_at, count)| raw(event, occurred_at, count));
    prop::collection::vec(row, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn starter_model_scores_as_the_reference_does(rows in rows(13, 60.0), role in -2..7) {
        agree(STARTER, &rows, role)?;
    }

    #[test]
    fn tiny_model_scores_as_the_reference_does(rows in rows(4, 500.0), role in -2..1) {
        agree(TINY, &rows, role)?;
    }

    #[test]
    fn order_of_rows_never_matters(rows in rows(13, 30.0), role in -2..7, seed in any::<u64>()) {
        let model = model(STARTER).unwrap();
        let mut shuffled = rows.clone();
        let mut state = seed;
        for index in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(index, (state >> 33) as usize % (index + 1));
        }
        prop_assert_eq!(score(&model, &rows, role, AS_OF), score(&model, &shuffled, role, AS_OF));
    }

    #[test]
    fn a_lone_positive_event_never_scores_less_for_being_more_recent(
        event in 0..11, older in 0.0f64..400.0, newer in 0.0f64..400.0, role in -2..7,
    ) {
        let model = model(STARTER).unwrap();
        let (newer, older) = (newer.min(older), newer.max(older));
        let total = |age: f64| {
            score(&model, &[raw(event, AS_OF - (age * DAY).round(), 1.0)], role, AS_OF).unwrap().total
        };
        prop_assert!(total(newer) >= total(older));
    }

    #[test]
    fn cap_is_never_exceeded_in_any_window(times in prop::collection::vec(0.0f64..40.0, 1..60)) {
        // Without decay and role factor, a cap of 6 points in 7 days over 40 days awards at most 6 * ceil(40 / 7).
        let json = r#"{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 1000}], "events": [{"event": "e",
            "bucket": "b", "scope": "user", "points": 2.7, "cap": {"points": 6, "days": 7}, "decay": {"kind": "none"}}]}"#;
        let model = model(json).unwrap();
        let row = |age: &f64| raw(0, (AS_OF - age * DAY).round(), 1.0);
        let rows: Vec<Row> = times.iter().map(row).collect();
        // Prefixes of the history in time order give the award of each event.
        let mut sorted = rows.clone();
        sorted.sort_by(|a, b| a.occurred_at.partial_cmp(&b.occurred_at).unwrap());
        let mut before = 0.0;
        let mut awards = Vec::new();
        for end in 1..=sorted.len() {
            let result = score(&model, &sorted[..end], -2, AS_OF).unwrap();
            let now = result.contributions.iter().filter(|(_, code, _, _)| code == "e").map(|c| c.2).sum::<f64>();
            awards.push((sorted[end - 1].occurred_at, now - before));
            before = now;
        }
        for (end, _) in &awards {
            let held: f64 = awards.iter().filter(|(time, _)| *time <= *end && *time > end - 7.0 * DAY).map(|a| a.1).sum();
            prop_assert!(held <= 6.0);
        }
    }

    #[test]
    fn no_bytes_trap_the_compiler(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Model::compile("model", &bytes);
    }

    #[test]
    fn no_corrupted_tape_traps_the_compiler(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut tape = from_json("model", TINY).unwrap();
        for (at, byte) in changes {
            let at = at.index(tape.len());
            tape[at] = byte;
        }
        if let Ok(model) = Model::compile("model", &tape) {
            let _ = score(&model, &[raw(0, AS_OF, 1.0)], 0, AS_OF);
        }
    }
}

fn agree(json: &str, rows: &[Row], role: i32) -> Result<(), TestCaseError> {
    let ours = score(&model(json).unwrap(), rows, role, AS_OF).unwrap();
    let (by_rule, components, total, ignored) = reference::score(json, rows, role, AS_OF);
    prop_assert_eq!(ours.total, reference::points(total));
    let component = |name: &str| ours.components.iter().find(|(bucket, _)| bucket == name).unwrap().1;
    let parsed: serde_json::Value = serde_json::from_str(json).unwrap();
    for (bucket, units) in parsed["buckets"].as_array().unwrap().iter().zip(&components) {
        prop_assert_eq!(component(bucket["name"].as_str().unwrap()), reference::points(*units));
    }
    for (rule, units) in parsed["events"].as_array().unwrap().iter().zip(&by_rule) {
        let code = rule["event"].as_str().unwrap();
        let ours = ours.contributions.iter().find(|(_, name, _, _)| name == code).map_or(0.0, |found| found.2);
        prop_assert_eq!(ours, reference::points(*units), "{}", code);
    }
    prop_assert_eq!(&ours.ignored, &ignored.to_vec());
    // Sums are exact in doubles: all are multiples of 2^-32 below 2^20.
    prop_assert_eq!(ours.components.iter().map(|(_, points)| points).sum::<f64>(), ours.total);
    for (bucket, points) in &ours.components {
        let parts = ours.contributions.iter().filter(|(name, _, _, _)| name == bucket).map(|found| found.2);
        prop_assert_eq!(parts.sum::<f64>(), *points, "{}", bucket);
    }
    Ok(())
}

fn refusal(json: &str) -> String {
    model(json).err().expect("the model must be refused").to_string()
}

#[test]
fn every_problem_of_a_model_is_named_by_its_path() {
    let event = |change: &str| {
        let base = r#""event": "e", "bucket": "b", "scope": "user", "points": 1, "decay": {"kind": "none"}"#;
        let field = change.split(':').next().unwrap();
        let kept: Vec<&str> = base.split(", ").filter(|part| !part.starts_with(field)).collect();
        let event = [kept.join(", "), change.to_string()].join(", ");
        format!(
            r#"{{"name": "m", "version": "1", "buckets": [{{"name": "b", "max": 5}}, {{"name": "n", "negative": true}}],
            "events": [{{{event}}}]}}"#
        )
    };
    for (change, error) in [
        (r#""points": 0"#, "model.events[0].points: must be > 0"),
        (r#""points": 600000"#, "model.events[0].points: must be below 524288"),
        (r#""points": "8""#, "model.events[0].points: must be a finite number"),
        (r#""bucket": "x""#, "model.events[0].bucket: is no bucket of the model"),
        (r#""bucket": "n""#, "model.events[0].points: must be < 0 in a negative bucket"),
        (r#""scope": "team""#, "model.events[0].scope: must be 'user' or 'workspace'"),
        (r#""per": "week""#, "model.events[0].per: must be 'day'"),
        (r#""decay": {"kind": "half_life"}"#, "model.events[0].decay.days: is missing"),
        (r#""decay": {"kind": "half_life", "days": 0}"#, "model.events[0].decay.days: must be > 0"),
        (r#""decay": {"kind": "none", "days": 3}"#, "model.events[0].decay.days: is not a field of the kind 'none'"),
        (
            r#""decay": {"kind": "cubic", "days": 3}"#,
            "model.events[0].decay.kind: must be 'exponential', 'half_life', 'linear' or 'none'",
        ),
        (r#""cap": {"points": 5}"#, "model.events[0].cap.days: is missing"),
        (r#""cap": 5"#, "model.events[0].cap: must be an object"),
        (r#""pionts": 5"#, "model.events[0].pionts: is not a field of this object"),
        (r#""label": {"one": "x"}"#, "model.events[0].label.other: is missing"),
    ] {
        assert_eq!(refusal(&event(change)), error, "{change}");
    }
    for (json, error) in [
        ("[]", "model: must be an object"),
        ("{}", "model.name: is missing"),
        (r#"{"name": "m", "version": 1}"#, "model.version: must be a text"),
        (r#"{"name": "m", "version": "1", "buckets": []}"#, "model.buckets: must not be empty"),
        (
            r#"{"name": "m", "version": "1", "buckets": [{"name": "limit", "max": 1}]}"#,
            "model.buckets[0].name: must not be 'limit', which names what limits take away",
        ),
        (
            r#"{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 1}], "events": [], "roles": {"a": -1}}"#,
            "model.roles.a: must be a number from 0 to 1000",
        ),
        (
            r#"{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 1}], "events": [],
            "stages": [{"name": "a"}, {"name": "b", "at_least": 3}]}"#,
            "model.stages[1].at_least: must be below the bound of the stage before",
        ),
    ] {
        assert_eq!(refusal(json), error, "{json}");
    }
}

#[test]
fn counts_that_are_no_counts_are_refused() {
    let model = model(TINY).unwrap();
    for count in [-1.0, f64::NAN, f64::INFINITY] {
        let rows = [raw(0, AS_OF, 1.0), raw(-2, AS_OF, count)];
        let error = score(&model, &rows, 0, AS_OF).unwrap_err().to_string();
        assert_eq!(error, "events[1].count: must be a finite number >= 0");
    }
}

#[test]
fn points_out_of_the_exact_range_are_refused() {
    let model = model(TINY).unwrap();
    let heavy = raw(0, AS_OF, 60_000.0);
    for rows in [vec![Row { count: 1e300, ..heavy.clone() }], vec![heavy.clone(), heavy]] {
        let error = score(&model, &rows, -1, AS_OF).unwrap_err().to_string();
        assert_eq!(error, "events: are worth more than 524288 points");
    }
}

#[test]
fn sentences_speak_plainly() {
    let model = model(TINY).unwrap();
    let sentence = |event, age: f64, count| {
        score(&model, &[raw(event, AS_OF - age * DAY, count)], -1, AS_OF).unwrap().reasons[0].1.clone()
    };
    assert_eq!(sentence(0, 0.0, 1.0), "1 upgrade click in the last day: +8.0");
    assert_eq!(sentence(0, 7.0, 2.0), "2 upgrade clicks in the last 7 days: +8.0");
    assert_eq!(sentence(0, 7.000001, 2.0), "2 upgrade clicks in the last 8 days: +8.0");
    assert_eq!(sentence(0, 0.0, 0.25), "0.3 upgrade clicks in the last day: +2.0");
    assert_eq!(sentence(3, 2.0, 1.0), "1 cancelled in the last 2 days: -4.0");
    assert_eq!(sentence(1, 0.0, 5.0), "5 pricing page views in the last day: +6.0");
}

/// A model with a loop from 3 events per hour on.
const LOOPS: &str = r#"{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 100}, {"name": "n", "negative": true}],
    "events": [{"event": "e", "bucket": "b", "scope": "user", "points": 2, "decay": {"kind": "none"}}],
    "spam": {"per_hour": 3, "bucket": "n", "points": -10, "decay": {"kind": "half_life", "days": 1}}}"#;

#[test]
fn from_the_limit_on_a_loop_scores_nothing_and_costs_once() {
    const HOUR: f64 = 3_600e6;
    let model = model(LOOPS).unwrap();
    let at = |hours: f64| raw(0, AS_OF - hours * HOUR, 1.0);
    // Two in the clock hour before last, two in the last: no loop.
    let calm = score(&model, &[at(1.1), at(1.2), at(0.9), at(0.8)], -1, AS_OF).unwrap();
    assert_eq!((calm.total, calm.ignored[7]), (8.0, 0.0));
    // Three within one clock hour, the third on its last microsecond but one.
    let looping = [at(1.0), at(0.5), raw(0, AS_OF - 1.0, 1.0), at(48.0)];
    let result = score(&model, &looping, -1, AS_OF).unwrap();
    assert_eq!(result.ignored[7], 1.0);
    assert_eq!(result.contributions[0], ("b".into(), "e".into(), 6.0, 3.0));
    assert_eq!(&result.contributions[1].1, "event_loop");
    assert_eq!(result.reasons[0].1, "1 event loop in the last day: -10.0");
    // A count stands for events of the instant; two loops cost once, from the end of the later.
    let two = score(&model, &[raw(0, AS_OF - 24.0 * HOUR, 50.0), raw(0, AS_OF - 72.0 * HOUR, 3.0)], -1, AS_OF).unwrap();
    assert_eq!(two.contributions[0], ("b".into(), "e".into(), 8.0, 4.0));
    assert_eq!(two.contributions[1], ("n".into(), "event_loop".into(), -5.0, 2.0));
    assert_eq!(two.ignored[7], 49.0);
    assert_eq!(two.reasons[1].1, "2 event loops in the last 3 days: -5.0");
}

#[test]
fn the_busiest_hour_of_a_rollup_tells_its_loop() {
    let model = model(LOOPS).unwrap();
    let rollup = |count, max_per_hour| Row { event: 0, occurred_at: AS_OF, count, max_per_hour };
    let scored = |row: Row| {
        let result = score(&model, &[row], -1, AS_OF).unwrap();
        (result.contributions.first().map_or(0.0, |first| first.2), result.ignored[7], result.contributions.len())
    };
    assert_eq!(scored(rollup(40.0, 2.0)), (80.0, 0.0, 1));
    assert_eq!(scored(rollup(12.0, 5.0)), (18.0, 3.0, 2));
    // Nothing is left but the penalty, and what lifts the total to 0.
    assert_eq!(scored(rollup(2.0, 50.0)), (-10.0, 2.0, 2));
}
