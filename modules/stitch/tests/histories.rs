//! Histories of devices held against a second implementation that looks through all events for each of them.

use plg_catalogue::host::Host;
use plg_module_stitch::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

const HOUR: i64 = 3_600_000_000;
const AS_OF: i64 = 1_769_860_800_000_000;

#[derive(Clone, Copy, Debug)]
struct Event {
    id: Option<&'static str>,
    time: Option<i64>,
    user: Option<&'static str>,
}

struct Settings {
    prefer: &'static str,
    lookback_hours: i64,
    previous_hours: Option<i64>,
}

fn host() -> Host {
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(plg_catalogue::load(&plg_catalogue::root()).unwrap(), HashMap::from([("stitch".to_owned(), module)]))
}

fn call(host: &mut Host, events: &[Event], settings: &Settings, as_of: i64) -> Value {
    // Halves and quarters of days are exact.
    let mut document = json!({"prefer": settings.prefer, "lookback_days": settings.lookback_hours as f64 / 24.0});
    if let Some(hours) = settings.previous_hours {
        document["previous_days"] = json!(hours as f64 / 24.0);
    }
    let rows =
        events.iter().map(|event| json!({"event_id": event.id, "occurred_at": event.time, "user_id": event.user}));
    let arguments = BTreeMap::from([
        ("events".to_owned(), rows.collect()),
        ("settings".to_owned(), document.to_string().into()),
        ("as_of".to_owned(), json!(as_of)),
    ]);
    host.call("stitch", &arguments).unwrap()
}

/// Straight from the text: `docs/semantics.md`, "Stitching".
fn expected(events: &[Event], settings: &Settings, as_of: i64) -> Value {
    let mut ignored = [0; 4];
    // Of one id the earliest, and then the one with the smallest user; nobody comes last.
    let mut kept: BTreeMap<&str, (i64, bool, &str)> = BTreeMap::new();
    for event in events {
        match (event.id.filter(|id| !id.is_empty()), event.time) {
            (None, _) => ignored[0] += 1,
            (_, None) => ignored[1] += 1,
            (_, Some(time)) if time > as_of => ignored[2] += 1,
            (Some(id), Some(time)) => {
                let user = event.user.unwrap_or("");
                let candidate = (time, user.is_empty(), user);
                let known = kept.entry(id).or_insert(candidate);
                *known = candidate.min(*known);
                ignored[3] += 1;
            }
        }
    }
    ignored[3] -= kept.len();
    let mut ordered: Vec<(i64, &str, Option<&str>)> =
        kept.iter().map(|(id, (time, anonymous, user))| (*time, *id, (!anonymous).then_some(*user))).collect();
    ordered.sort();
    let identified: Vec<(i64, &str)> = ordered.iter().filter_map(|(time, _, user)| Some((*time, (*user)?))).collect();
    let within = |distance: i64| distance <= settings.lookback_hours * HOUR;
    let rows: Vec<Value> = ordered
        .iter()
        .map(|&(time, id, user)| {
            let next = identified.iter().filter(|(other, _)| *other >= time && within(other - time)).min();
            let latest = identified.iter().map(|(time, _)| *time).max();
            let last = identified.iter().filter(|(other, _)| Some(*other) == latest).min();
            let last = last.filter(|(other, _)| *other >= time && within(other - time));
            let before = identified.iter().filter(|(other, _)| *other < time).map(|(other, _)| *other).max();
            let previous = identified.iter().filter(|(other, _)| Some(*other) == before).min();
            let previous =
                previous.filter(|(other, _)| settings.previous_hours.is_none_or(|hours| time - other <= hours * HOUR));
            let chosen = if settings.prefer == "last" { last } else { next };
            let (user, method) = match (user, chosen, previous) {
                (Some(user), ..) => (Some(user), "identified"),
                (_, Some((_, user)), _) => (Some(*user), settings.prefer),
                (_, _, Some((_, user))) => (Some(*user), "previous"),
                _ => (None, "none"),
            };
            json!({"event_id": id, "user_id": user, "method": method})
        })
        .collect();
    let [no_event_id, no_timestamp, after_as_of, duplicate] = ignored.map(|count| count as f64);
    json!({"events": rows, "ignored": {"no_event_id": no_event_id, "no_timestamp": no_timestamp,
        "after_as_of": after_as_of, "duplicate": duplicate}})
}

fn random_case(random: &mut fastrand::Rng) -> (Vec<Event>, Settings) {
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "\u{ff5e}", "\u{1f600}", ""];
    let users = ["ada", "bob", "é", "", "\u{ff5e}", "\u{1f600}"];
    let span = [4, 40, 24 * 40][random.usize(..3)];
    let events = (0..random.usize(..20))
        .map(|_| Event {
            id: (random.u8(..20) > 0).then(|| ids[random.usize(..ids.len())]),
            time: (random.u8(..20) > 0).then(|| AS_OF - random.i64(-span / 10..span) * HOUR),
            user: (random.u8(..3) == 0).then(|| users[random.usize(..users.len())]),
        })
        .collect();
    let hours = [0, 6, 12, 48, 720];
    let settings = Settings {
        prefer: ["next", "last"][random.usize(..2)],
        lookback_hours: hours[random.usize(..5)],
        previous_hours: random.bool().then(|| hours[random.usize(..5)]),
    };
    (events, settings)
}

#[test]
fn every_event_has_the_user_that_looking_through_all_events_finds() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(1);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..8_000 {
        let (mut events, settings) = random_case(&mut random);
        let result = call(&mut host, &events, &settings, AS_OF);
        assert_eq!(result, expected(&events, &settings, AS_OF), "{events:?}");
        random.shuffle(&mut events);
        assert_eq!(call(&mut host, &events, &settings, AS_OF), result, "{events:?}");
        for row in result["events"].as_array().unwrap() {
            *seen.entry(row["method"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert!(seen.len() == 5 && seen.values().all(|&count| count > 1_000), "{seen:?}");
}

#[test]
fn the_past_is_judged_as_if_nothing_had_come_after() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(2);
    for _ in 0..2_000 {
        let (events, settings) = random_case(&mut random);
        let then = AS_OF - 20 * HOUR;
        let until: Vec<Event> =
            events.iter().filter(|event| event.time.is_none_or(|time| time <= then)).copied().collect();
        let (all, past) = (call(&mut host, &events, &settings, then), call(&mut host, &until, &settings, then));
        assert_eq!(all["events"], past["events"], "{events:?}");
    }
}

#[test]
fn a_long_history_takes_no_longer_than_it_must() {
    let mut host = host();
    let names: Vec<String> = (0..60_000).map(|number| format!("event {number}")).collect();
    let rows: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let user = (number == 30_000).then_some("ada");
            json!({"event_id": name, "occurred_at": AS_OF - 60_000 + number as i64, "user_id": user})
        })
        .collect();
    let arguments = BTreeMap::from([
        ("events".to_owned(), Value::Array(rows)),
        ("settings".to_owned(), "{}".into()),
        ("as_of".to_owned(), json!(AS_OF)),
    ]);
    let result = host.call("stitch", &arguments).unwrap();
    let methods: Vec<&str> =
        result["events"].as_array().unwrap().iter().map(|row| row["method"].as_str().unwrap()).collect();
    assert!(methods[..30_000].iter().all(|method| *method == "next"));
    assert_eq!(methods[30_000], "identified");
    assert!(methods[30_001..].iter().all(|method| *method == "previous"));
}
