//! Lags held against a second implementation that builds sets of what has been released and counts in them.

use plg_catalogue::host::Host;
use plg_module_release::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const DAY: i64 = 86_400_000_000;
/// 2026-01-31 12:00:00.
const AS_OF: i64 = 1_769_860_800_000_000;

/// A version as text with what it means: numbers, and whether it counts as released.
fn version(random: &mut fastrand::Rng) -> (String, Option<([u32; 3], bool)>) {
    let numbers = [random.u32(8..11), random.u32(..12), random.u32(..3)];
    let [major, minor, patch] = numbers;
    match random.u8(..14) {
        0 => (format!("{major}.{minor}"), Some(([major, minor, 0], true))),
        1 => (format!("v{major}"), Some(([major, 0, 0], true))),
        2 => (format!("{major}.{minor}.{patch}-ee"), Some((numbers, true))),
        3 => (format!("{major}.{minor}.{patch}-rc{patch}-ee"), Some((numbers, false))),
        4 => (format!("{major}.{minor}.{patch}-Pre"), Some((numbers, false))),
        5 => (format!("{major}.{minor}.{patch}+rc1"), Some((numbers, true))),
        6 => (format!("{major}.{minor}.{patch}-prefix"), Some((numbers, true))),
        7 => {
            let broken = [
                "",
                "main",
                "1.2.3.4",
                "1..2",
                "1.2-",
                "-ee",
                "1.2 ",
                "1.2-é",
                "1234567890.1",
                "1.x",
                "vv1",
                "1.2-a_b",
            ];
            (broken[random.usize(..broken.len())].to_owned(), None)
        }
        _ => (format!("{major}.{minor:02}.{patch}"), Some((numbers, true))),
    }
}

#[test]
fn lags_are_what_sets_of_releases_say() {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    let mut host = Host::new(catalogue, HashMap::from([("release".to_owned(), module)]));
    let mut random = fastrand::Rng::with_seed(1);
    let mut seen = [0; 4];
    for _ in 0..6_000 {
        let installed = version(&mut random);
        let mut rows = Vec::new();
        let mut released: Vec<([u32; 3], String, Option<i64>)> = Vec::new();
        for _ in 0..random.usize(..12) {
            let (text, meaning) = version(&mut random);
            let time = (random.u8(..8) > 0).then(|| AS_OF + random.i64(-200..20) * DAY);
            rows.push(json!({"version": text, "released_at": time}));
            if let Some((numbers, true)) = meaning
                && time.is_none_or(|time| time <= AS_OF)
            {
                released.push((numbers, text, time));
            }
        }
        let newest = released.iter().map(|release| release.0).max();
        let texts = released.iter().filter(|release| Some(release.0) == newest).map(|release| &release.1);
        // Of texts that mean the same, the smallest.
        let text = texts.min();
        let time = |numbers: [u32; 3]| {
            released.iter().filter(|release| release.0 == numbers).filter_map(|release| release.2).min()
        };
        let mut lag = [Value::Null, Value::Null, Value::Null];
        if let (Some((numbers, _)), Some(newest)) = (installed.1, newest) {
            let majors: BTreeSet<u32> =
                released.iter().map(|release| release.0[0]).filter(|major| *major > numbers[0]).collect();
            let line = |numbers: [u32; 3]| (numbers[0], numbers[1]);
            let lines: BTreeSet<_> =
                released.iter().map(|release| line(release.0)).filter(|other| *other > line(numbers)).collect();
            let base = released.iter().map(|release| release.0).filter(|other| *other <= numbers).max();
            let days = match (newest <= numbers, base.and_then(time), time(newest)) {
                (true, ..) => Some(0),
                (_, Some(from), Some(to)) => Some(((to - from) / DAY).max(0)),
                _ => None,
            };
            lag = [json!(majors.len() as f64), json!(lines.len() as f64), json!(days.map(|days| days as f64))];
            seen[usize::from(!majors.is_empty())] += 1;
            seen[2] += usize::from(days.is_some_and(|days| days > 0));
            seen[3] += usize::from(days.is_none());
        }
        let [majors, minors, days] = lag;
        let expected = json!({"newest": text, "majors_behind": majors, "minors_behind": minors, "days_behind": days,
            "ignored": (rows.len() - released.len()) as f64});
        let mut arguments = BTreeMap::from([
            ("version".to_owned(), json!(installed.0)),
            ("releases".to_owned(), json!(rows)),
            ("as_of".to_owned(), json!(AS_OF)),
        ]);
        assert_eq!(host.call("version_lag", &arguments).unwrap(), expected, "{arguments:?}");
        random.shuffle(&mut rows);
        arguments.insert("releases".to_owned(), json!(rows));
        assert_eq!(host.call("version_lag", &arguments).unwrap(), expected, "in another order");
    }
    assert!(seen.iter().all(|&count| count > 200), "{seen:?}");
}
