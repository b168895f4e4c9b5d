//! Claims about funnels, against a second implementation: written from `docs/semantics.md`, it tries every attempt.

use super::{Definition, funnel};
use crate::abi::{Document, Output};
use crate::tape::writer::from_json;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proptest::prelude::*;

const HOUR: f64 = 3_600e6;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn definition(json: &str) -> crate::Result<Definition> {
    Definition::compile("definition", &from_json("definition", json)?)
}

/// What the stream says, by name.
#[derive(Debug, PartialEq)]
struct Found {
    steps_reached: f64,
    converted: bool,
    seconds_to_convert: Option<f64>,
    still_open: bool,
    /// Step, event, time as text, seconds from start and from the step before.
    steps: Vec<(usize, usize, String, f64, f64)>,
    ignored: Vec<f64>,
}

fn follow(definition: &Definition, rows: &[(i32, f64)], as_of: f64) -> Found {
    let (events, times): (Vec<i32>, Vec<f64>) = rows.iter().copied().unzip();
    let mut out = Output::default();
    funnel(&events, &times, definition, as_of, &mut out).unwrap();
    let mut slots = out.stream.iter().copied();
    let mut slot = || slots.next().unwrap();
    let text = |offset: f64, length: f64| {
        String::from_utf8_lossy(&out.text[offset as usize..(offset + length) as usize]).into_owned()
    };
    let found = Found {
        steps_reached: slot(),
        converted: slot() == 1.0,
        seconds_to_convert: Some(slot()).filter(|seconds| !seconds.is_nan()),
        still_open: slot() == 1.0,
        steps: (0..slot() as usize)
            .map(|_| (slot() as usize, slot() as usize, text(slot(), slot()), slot(), slot()))
            .collect(),
        ignored: (0..6).map(|_| slot()).collect(),
    };
    assert_eq!(slots.next(), None);
    found
}

/// The same over plain lists.
mod reference {
    use super::*;

    #[derive(Debug)]
    pub struct Funnel {
        /// The events of each step and the hours after the step before.
        pub steps: Vec<(Vec<i32>, Option<u32>)>,
        pub hours: Option<u32>,
    }

    impl Funnel {
        pub fn json(&self) -> String {
            let window = |hours: Option<u32>| match hours {
                Some(hours) => format!(r#", "window": {{"hours": {hours}}}"#),
                None => String::new(),
            };
            let steps: Vec<String> = self
                .steps
                .iter()
                .enumerate()
                .map(|(step, (events, hours))| {
                    let names: Vec<&str> = events.iter().map(|event| NAMES[*event as usize]).collect();
                    format!(r#"{{"name": "step {step}", "events": {names:?}{}}}"#, window(*hours))
                })
                .collect();
            format!(r#"{{"steps": [{}]{}}}"#, steps.join(", "), window(self.hours))
        }

        /// The names in the order in which the steps name them: what breaks ties within an instant.
        pub fn order(&self) -> Vec<i32> {
            let mut order = Vec::new();
            for event in self.steps.iter().flat_map(|(events, _)| events) {
                if !order.contains(event) {
                    order.push(*event);
                }
            }
            order
        }

        /// Every attempt, as positions in `events`.
        fn attempts(&self, events: &[(f64, usize)]) -> Vec<Vec<usize>> {
            let order = self.order();
            let of_step = |step: usize, event: usize| self.steps[step].0.contains(&order[events[event].1]);
            let mut all: Vec<Vec<usize>> = Vec::new();
            let mut last: Vec<Vec<usize>> = Vec::from([Vec::new()]);
            for step in 0..self.steps.len() {
                let mut longer = Vec::new();
                for attempt in &last {
                    for next in attempt.last().map_or(0, |last| last + 1)..events.len() {
                        let within = |from: usize, hours: Option<u32>| {
                            hours.is_none_or(|hours| events[next].0 - events[from].0 <= hours as f64 * HOUR)
                        };
                        let in_time = attempt.last().is_none_or(|last| within(*last, self.steps[step].1))
                            && attempt.first().is_none_or(|first| within(*first, self.hours));
                        if of_step(step, next) && in_time {
                            longer.push(attempt.iter().copied().chain([next]).collect());
                        }
                    }
                }
                all.extend(longer.iter().cloned());
                last = longer;
            }
            all
        }

        pub fn follow(&self, rows: &[(i32, f64)], as_of: f64) -> Found {
            let order = self.order();
            let mut ignored = [0.0; 6];
            let mut events: Vec<(f64, usize)> = Vec::new();
            for (event, time) in rows {
                let code = order.iter().position(|known| known == event);
                match code {
                    _ if *event == -1 => ignored[0] += 1.0,
                    None => ignored[1] += 1.0,
                    Some(_) if time.is_nan() => ignored[2] += 1.0,
                    Some(_) if *time > as_of => ignored[3] += 1.0,
                    Some(code) if events.contains(&(*time, code)) => ignored[4] += 1.0,
                    Some(code) => events.push((*time, code)),
                }
            }
            events.sort_by(|a, b| a.partial_cmp(b).unwrap());
            let attempts = self.attempts(&events);
            let reached = attempts.iter().map(Vec::len).max().unwrap_or(0);
            let furthest = || attempts.iter().filter(|attempt| attempt.len() == reached);
            // Positions are in the order of time and of ties, so the smallest list is the earliest attempt.
            let best = furthest().min().cloned().unwrap_or_default();
            ignored[5] = (events.len() - best.len()) as f64;
            let converted = reached == self.steps.len();
            let open = |attempt: &Vec<usize>| {
                let less = |from: usize, hours: Option<u32>| {
                    hours.is_none_or(|hours| as_of - events[from].0 < hours as f64 * HOUR)
                };
                less(attempt[attempt.len() - 1], self.steps[reached].1) && less(attempt[0], self.hours)
            };
            let seconds = |from: usize, to: usize| (events[best[to]].0 - events[best[from]].0) / 1e6;
            let text = |time: f64| {
                let time = chrono::DateTime::from_timestamp_micros(time as i64).unwrap();
                time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
            };
            Found {
                steps_reached: reached as f64,
                converted,
                seconds_to_convert: converted.then(|| seconds(0, reached - 1)),
                still_open: !converted && reached > 0 && furthest().any(open),
                steps: (0..reached)
                    .map(|step| {
                        let (time, code) = events[best[step]];
                        (step, code, text(time), seconds(0, step), seconds(step.saturating_sub(1), step))
                    })
                    .collect(),
                ignored: ignored.to_vec(),
            }
        }
    }

    pub fn any() -> impl Strategy<Value = Funnel> {
        let step = (
            prop::sample::subsequence(Vec::from([0, 1, 2, 3]), 1..=3).prop_shuffle(),
            prop::option::weighted(0.4, 1u32..12),
        );
        (prop::collection::vec(step, 1..5), prop::option::weighted(0.5, 1u32..24)).prop_map(|(mut steps, hours)| {
            steps[0].1 = None;
            Funnel { steps, hours }
        })
    }
}

/// Few different times, so that windows end on events and events tie; NULLs, unknown events and late ones among them.
fn row() -> impl Strategy<Value = (i32, f64)> {
    let event = prop_oneof![30 => 0i32..4, 1 => Just(-1), 1 => Just(-2)];
    let time = prop_oneof![30 => (0u32..42).prop_map(|hour| hour as f64 * HOUR), 1 => Just(f64::NAN)];
    (event, time)
}

/// The rows with the events as the funnel's codes.
fn coded(order: &[i32], rows: &[(i32, f64)]) -> Vec<(i32, f64)> {
    let code = |event: i32| match order.iter().position(|known| *known == event) {
        Some(code) => code as i32,
        None => event.min(-1) - i32::from(event >= 0),
    };
    rows.iter().map(|(event, time)| (code(*event), *time)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn agrees_with_trying_every_attempt(
        funnel in reference::any(),
        rows in prop::collection::vec(row(), 0..16),
        as_of in 30u32..42,
    ) {
        let definition = definition(&funnel.json()).unwrap();
        let as_of = as_of as f64 * HOUR;
        let rows_as_codes = coded(&funnel.order(), &rows);
        let found = follow(&definition, &rows_as_codes, as_of);
        prop_assert_eq!(&found, &funnel.follow(&rows, as_of), "{} {:?}", funnel.json(), rows);
        // Every row is a step or counted.
        prop_assert_eq!(found.steps_reached + found.ignored.iter().sum::<f64>(), rows.len() as f64);
        let backwards: Vec<(i32, f64)> = rows_as_codes.iter().rev().copied().collect();
        prop_assert_eq!(found, follow(&definition, &backwards, as_of));
    }

    #[test]
    fn more_events_never_bring_anybody_back(
        funnel in reference::any(),
        rows in prop::collection::vec(row(), 1..40),
        some in 0usize..40,
    ) {
        let definition = definition(&funnel.json()).unwrap();
        let rows = coded(&funnel.order(), &rows);
        let few = follow(&definition, &rows[..some.min(rows.len())], 50.0 * HOUR);
        prop_assert!(few.steps_reached <= follow(&definition, &rows, 50.0 * HOUR).steps_reached);
    }

    /// The furthest step at a later point of view is beyond the one before only if it said so.
    #[test]
    fn what_is_not_open_stays_as_it_is(funnel in reference::any(), rows in prop::collection::vec(row(), 0..16)) {
        let definition = definition(&funnel.json()).unwrap();
        let rows = coded(&funnel.order(), &rows);
        let now = follow(&definition, &rows, 20.0 * HOUR);
        // Only one more event, so that no attempt can begin and overtake.
        for event in 0..funnel.order().len() as i32 {
            for hours in 20..45 {
                let mut more: Vec<(i32, f64)> = rows.iter().copied().filter(|(_, time)| *time <= 20.0 * HOUR).collect();
                more.push((event, hours as f64 * HOUR + 1.0));
                let later = follow(&definition, &more, 100.0 * HOUR);
                if now.steps_reached > 0.0 && later.steps_reached > now.steps_reached {
                    prop_assert!(now.still_open);
                }
            }
        }
    }

    #[test]
    fn no_times_panic(rows in prop::collection::vec((-3i32..5, any::<f64>()), 0..20), as_of in any::<f64>()) {
        let definition = definition(r#"{"window": {"days": 1}, "steps": [{"name": "1", "event": "a"}, {"name": "2", "events": ["b", "a"], "window": {"days": 2}}]}"#);
        follow(&definition.unwrap(), &rows, as_of);
    }
}

#[test]
fn a_step_too_early_does_not_spoil_the_next() {
    // The earliest b is too far from c, and the second one is not.
    let definition = definition(
        r#"{"steps": [{"name": "1", "event": "a"}, {"name": "2", "event": "b"},
            {"name": "3", "event": "c", "window": {"hours": 1}}]}"#,
    );
    let found = follow(
        &definition.unwrap(),
        &[(0, 0.0), (1, HOUR), (1, 5.0 * HOUR), (2, 6.0 * HOUR), (2, 6.0 * HOUR)],
        10.0 * HOUR,
    );
    assert!(found.converted);
    assert_eq!(found.seconds_to_convert, Some(6.0 * 3_600.0));
    assert_eq!(found.steps[1].2, "1970-01-01T05:00:00.000000Z");
    assert_eq!(found.ignored, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn time_grows_with_events_times_steps() {
    // A hundred steps that all take the same event, 20,000 of it: attempts without number.
    let steps: Vec<String> = (0..100).map(|step| format!(r#"{{"name": "{step}", "event": "a"}}"#)).collect();
    let definition = definition(&format!(r#"{{"window": {{"hours": 1}}, "steps": [{}]}}"#, steps.join(", "))).unwrap();
    let rows: Vec<(i32, f64)> = (0..20_000).map(|row| (0, row as f64 * 36.37e6)).collect();
    let found = follow(&definition, &rows, 1e15);
    // 98 gaps of 36.37 seconds fit into an hour.
    assert_eq!((found.steps_reached, found.converted), (99.0, false));
    assert_eq!(found.steps[0].2, "1970-01-01T00:00:00.000000Z");
}

#[test]
fn definitions_that_do_not_fit_are_refused_by_path() {
    let many = |count: usize| -> String {
        let names: Vec<String> = (0..count).map(|event| format!(r#""e{event}""#)).collect();
        format!(r#"{{"steps": [{{"name": "a", "events": [{}]}}]}}"#, names.join(", "))
    };
    let steps: Vec<String> = (0..101).map(|step| format!(r#"{{"name": "{step}", "event": "a"}}"#)).collect();
    let (thousand, too_many) = (many(1_000), many(1_001));
    assert!(definition(&thousand).is_ok());
    let long = format!(r#"{{"steps": [{}]}}"#, steps.join(", "));
    for (json, error) in [
        ("[]", "definition: must be an object"),
        ("{}", "definition.steps: is missing"),
        (r#"{"steps": []}"#, "definition.steps: must not be empty"),
        (r#"{"steps": [], "windows": 1}"#, "definition.windows: is not a field of this object"),
        (r#"{"steps": ["a"]}"#, "definition.steps[0]: must be an object"),
        (r#"{"steps": [{"event": "a"}]}"#, "definition.steps[0].name: is missing"),
        (r#"{"steps": [{"name": "a", "events": []}]}"#, "definition.steps[0].events: must not be empty"),
        (r#"{"steps": [{"name": "a", "events": ["b", 1]}]}"#, "definition.steps[0].events[1]: must be a text"),
        (r#"{"steps": [{"name": "a", "events": ["b", "b"]}]}"#, "definition.steps[0].events[1]: is listed twice"),
        (
            r#"{"steps": [{"name": "a", "event": "a", "events": ["b"]}]}"#,
            "definition.steps[0].events: must not stand beside event",
        ),
        (
            r#"{"steps": [{"name": "a", "event": "a"}, {"name": "a", "event": "b"}]}"#,
            "definition.steps[1].name: is listed twice",
        ),
        (r#"{"window": 3, "steps": []}"#, "definition.window: must be an object"),
        (r#"{"window": {}, "steps": []}"#, "definition.window: must have days, hours or minutes"),
        (r#"{"window": {"hours": -1}, "steps": []}"#, "definition.window.hours: must be > 0"),
        (r#"{"window": {"days": 36501}, "steps": []}"#, "definition.window: must be at most 36500 days"),
        (r#"{"window": {"weeks": 1}, "steps": []}"#, "definition.window.weeks: is not a field of this object"),
        (&too_many, "definition.steps[0].events[1000]: must not have more than 1000 elements"),
        (&long, "definition.steps[100]: must not be more than 100 steps"),
    ] {
        assert_eq!(definition(json).err().expect(json).to_string(), error, "{json}");
    }
}
