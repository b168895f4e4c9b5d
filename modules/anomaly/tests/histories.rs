//! Random histories held against second implementations that are slow and follow the text of `docs/semantics.md`.

use plg_catalogue::host::Host;
use plg_module_anomaly::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// 2026-01-31 12:00:00.
const AS_OF: i64 = 1_769_860_800_000_000;

fn host() -> Host {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(catalogue, HashMap::from([("anomaly".to_owned(), module)]))
}

fn arguments(list: &str, rows: &[Value], model: Value) -> BTreeMap<String, Value> {
    BTreeMap::from([
        (list.to_owned(), rows.to_vec().into()),
        ("model".to_owned(), model.to_string().into()),
        ("as_of".to_owned(), json!(AS_OF)),
    ])
}

fn iso(microseconds: i64) -> String {
    let mut text = Vec::new();
    plg_udfs::timestamp::push_iso(&mut text, microseconds);
    String::from_utf8(text).unwrap()
}

/// The result, which must be the same for the rows in any order.
fn call(host: &mut Host, function: &str, list: &str, mut given: BTreeMap<String, Value>) -> Value {
    let result = host.call(function, &given).unwrap();
    let mut rows = given[list].as_array().unwrap().clone();
    fastrand::Rng::with_seed(7).shuffle(&mut rows);
    given.insert(list.to_owned(), rows.into());
    assert_eq!(host.call(function, &given).unwrap(), result, "{given:?}");
    result
}

#[derive(Clone, Copy)]
struct Row {
    user: Option<&'static str>,
    event: Option<&'static str>,
    time: Option<i64>,
    count: f64,
    most: Option<f64>,
}

#[test]
fn loops_are_the_hours_in_which_counting_by_hour_finds_enough() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(1);
    let (mut of_hours, mut of_days) = (0, 0);
    for _ in 0..3_000 {
        let rows: Vec<Row> = (0..random.usize(..40))
            .map(|_| Row {
                user: [Some("a"), Some("b"), Some("é"), None][random.usize(..4)],
                event: [Some("run"), Some("ran"), Some("run"), None][random.usize(..4)],
                time: (random.u8(..20) > 0).then(|| AS_OF - random.i64(-2..60) * HOUR / 4 + random.i64(0..2)),
                count: random.u8(..5) as f64 / 2.0,
                most: (random.u8(..6) == 0).then(|| random.u8(..8) as f64),
            })
            .collect();
        let per_hour = random.u8(1..6) as f64 + 0.5 * random.u8(..2) as f64;
        let mut ignored = [0.0; 4];
        // Per user, event, start, and whether it is a day: count and last time.
        let mut hours: BTreeMap<(&str, &str, i64, bool), (f64, i64)> = BTreeMap::new();
        for row in &rows {
            let reason = match row {
                Row { user: None, .. } => 0,
                Row { event: None, .. } => 1,
                Row { time: None, .. } => 2,
                Row { time: Some(time), .. } if *time > AS_OF => 3,
                Row { user: Some(user), event: Some(event), time: Some(time), count, most } => {
                    let length = if most.is_some() { DAY } else { HOUR };
                    let start = (0..).map(|back| AS_OF / DAY * DAY + DAY - back * length).find(|start| start <= time);
                    if most.is_some() || *count > 0.0 {
                        let key = (*user, *event, start.unwrap(), most.is_some());
                        let (sum, last) = hours.entry(key).or_insert((0.0, *time));
                        *sum = most.map_or(*sum + count, |most| sum.max(most));
                        *last = (*last).max(*time);
                    }
                    continue;
                }
            };
            ignored[reason] += 1.0;
        }
        let loops: Vec<Value> = hours
            .iter()
            .filter(|(_, (count, _))| *count >= per_hour)
            .map(|((user, event, start, is_day), (count, last))| {
                *(if *is_day { &mut of_days } else { &mut of_hours }) += 1;
                json!({"user_id": user, "event": event, "hour": iso(*start), "is_day": is_day, "count": count,
                    "last_at": iso(*last)})
            })
            .collect();
        let [no_user, no_event, no_timestamp, after_as_of] = ignored;
        let expected = json!({"loops": loops, "ignored": {"no_user": no_user, "no_event": no_event,
            "no_timestamp": no_timestamp, "after_as_of": after_as_of}});
        let rows: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({"user_id": row.user, "event": row.event, "occurred_at": row.time, "count": row.count,
                    "max_per_hour": row.most})
            })
            .collect();
        let given = arguments("events", &rows, json!({"spam": {"per_hour": per_hour}}));
        assert_eq!(call(&mut host, "event_loop", "events", given), expected, "{rows:?}");
    }
    assert!(of_hours > 1_000 && of_days > 500, "{of_hours} {of_days}");
}

#[test]
fn fractions_of_events_add_up_the_same_in_any_order() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(2);
    for _ in 0..500 {
        let rows: Vec<Value> = (0..100)
            .map(|_| {
                json!({"user_id": "a", "event": "run", "occurred_at": AS_OF - random.i64(0..3) * DAY,
                    "count": random.f64() * [1e-3, 1.0, 1e12, 1e300][random.usize(..4)]})
            })
            .collect();
        call(&mut host, "event_loop", "events", arguments("events", &rows, json!({})));
        let model = json!({"anomalies": {"rate": {"days": 2}}});
        call(&mut host, "rate_anomaly", "events", arguments("events", &rows, model));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
}

#[test]
fn unusual_days_are_those_that_counting_by_day_finds() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(3);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..6_000 {
        let limit = random.i64(1..12);
        let minimum_days = random.i64(1..=limit);
        let (times, minimum_mean, robust_z) =
            (random.u8(1..6) as f64, random.u8(..3) as f64 / 2.0, random.u8(1..8) as f64 / 2.0);
        let busy = random.f64() * 4.0;
        let rows: Vec<(Option<i64>, f64)> = (0..random.usize(..60))
            .map(|_| {
                let day = if random.u8(..4) == 0 { 0 } else { random.i64(0..14) };
                // The point of view is at noon: half of today lies after it.
                let time = AS_OF - 12 * HOUR - day * DAY + random.i64(0..DAY / HOUR) * HOUR;
                let count = if day == 0 { (random.f64() * busy * 3.0).floor() } else { random.u8(..4) as f64 };
                ((random.u8(..30) > 0).then_some(time), count)
            })
            .collect();
        let created_at = (random.bool()).then(|| AS_OF - random.i64(-1..14) * DAY + random.i64(-12..12) * HOUR);
        let midnight = AS_OF - 12 * HOUR;
        // A day counts if any moment of it lies after the midnight with which the day of creation began.
        let days = (1..=limit).filter(|day| created_at.is_none_or(|at| midnight - (day - 1) * DAY > at)).count();
        let count_of = |from: i64, to: i64| -> f64 {
            let in_day = |time: i64| from <= time && time < to && time <= AS_OF;
            rows.iter().filter(|(time, _)| time.is_some_and(in_day)).map(|(_, count)| count).sum()
        };
        let today = count_of(midnight, midnight + DAY);
        let past: Vec<f64> =
            (1..=days as i64).map(|day| count_of(midnight - day * DAY, midnight - (day - 1) * DAY)).collect();
        let ignored = json!({
            "no_timestamp": rows.iter().filter(|(time, _)| time.is_none()).count() as f64,
            "after_as_of": rows.iter().filter(|(time, _)| time.is_some_and(|time| time > AS_OF)).count() as f64,
            "before_window": rows.iter()
                .filter(|(time, _)| time.is_some_and(|time| time < midnight - days as i64 * DAY)).count() as f64,
        });
        let expected = if days < minimum_days as usize {
            json!({"status": "insufficient_history", "today": today, "mean": null, "ratio": null, "median": null,
                "mad": null, "robust_z": null, "days": days as f64, "is_ratio_alert": false, "is_z_alert": false,
                "ignored": ignored})
        } else {
            let sum: f64 = past.iter().sum();
            let mean = sum / days as f64;
            let middle = median(past.clone());
            let mad = median(past.iter().map(|count| (count - middle).abs()).collect());
            let z = (mad > 0.0).then(|| 0.6745 * (today - middle) / mad);
            let enough = sum >= minimum_mean * days as f64;
            let is_ratio_alert = enough && sum > 0.0 && today * days as f64 >= times * sum;
            let is_z_alert = enough && z.is_some_and(|z| z > robust_z);
            json!({"status": if is_ratio_alert || is_z_alert { "alert" } else { "normal" }, "today": today, "mean": mean,
                "ratio": (sum > 0.0).then(|| today / mean), "median": middle, "mad": mad, "robust_z": z,
                "days": days as f64, "is_ratio_alert": is_ratio_alert, "is_z_alert": is_z_alert, "ignored": ignored})
        };
        let list: Vec<Value> = rows.iter().map(|(time, count)| json!({"occurred_at": time, "count": count})).collect();
        let model = json!({"anomalies": {"rate": {"days": limit, "minimum_days": minimum_days, "times": times,
            "minimum_mean": minimum_mean, "robust_z": robust_z}}});
        let mut given = arguments("events", &list, model);
        given.insert("created_at".to_owned(), json!(created_at));
        assert_eq!(call(&mut host, "rate_anomaly", "events", given), expected, "{list:?} {created_at:?}");
        let alerts = format!("{} {} {}", expected["status"], expected["is_ratio_alert"], expected["is_z_alert"]);
        *seen.entry(alerts).or_default() += 1;
    }
    // No answer, normal, and an alert by the one, the other, or both.
    assert!(seen.len() == 5 && seen.values().all(|&count| count > 100), "{seen:?}");
}

#[test]
fn bursts_are_the_windows_that_share_a_signup_put_together() {
    let mut host = host();
    let mut random = fastrand::Rng::with_seed(4);
    let mut sizes: BTreeSet<usize> = BTreeSet::new();
    let blocks =
        [("198.51.100.0/24", "198.51.100."), ("203.0.113.0/24", "203.0.113."), ("2001:db8::/48", "2001:db8::")];
    for _ in 0..3_000 {
        let count = random.usize(1..6);
        let seconds = random.i64(1..20);
        // Addresses by block, and times; few different ones, so that windows end on sign-ups.
        let signups: Vec<(usize, i64)> =
            (0..random.usize(..40)).map(|_| (random.usize(..3), random.i64(0..90) * SECOND)).collect();
        let mut expected = Vec::new();
        for (number, (block, _)) in blocks.iter().enumerate() {
            let times: Vec<i64> = signups.iter().filter(|(of, _)| *of == number).map(|(_, time)| *time).collect();
            // A window from each sign-up on, as the numbers of the sign-ups that it holds.
            let windows = times.iter().map(|first| -> BTreeSet<usize> {
                (0..times.len()).filter(|&i| (0..=seconds * SECOND).contains(&(times[i] - first))).collect()
            });
            let mut bursts: Vec<BTreeSet<usize>> = Vec::new();
            for mut window in windows.filter(|window| window.len() >= count) {
                let (sharing, apart) = bursts.into_iter().partition(|burst| !burst.is_disjoint(&window));
                bursts = apart;
                let sharing: Vec<BTreeSet<usize>> = sharing;
                sharing.iter().for_each(|burst| window.extend(burst));
                bursts.push(window);
            }
            for burst in bursts {
                sizes.insert(burst.len());
                let (first, last) = (burst.iter().map(|&i| times[i]).min(), burst.iter().map(|&i| times[i]).max());
                expected.push((first.unwrap(), *block, burst.len() as f64, last.unwrap()));
            }
        }
        expected.sort_by(|one, other| one.partial_cmp(other).unwrap());
        let expected: Vec<Value> = expected
            .iter()
            .map(|(first, block, count, last)| {
                json!({"block": block, "count": count, "first_at": iso(AS_OF - DAY + first),
                    "last_at": iso(AS_OF - DAY + last)})
            })
            .collect();
        let rows: Vec<Value> = signups
            .iter()
            .map(|(block, time)| {
                let ip = format!("{}{}", blocks[*block].1, random.u8(..));
                json!({"ip": ip, "occurred_at": AS_OF - DAY + time})
            })
            .collect();
        let model = json!({"anomalies": {"signups": {"count": count, "seconds": seconds}}});
        let result = call(&mut host, "signup_burst", "signups", arguments("signups", &rows, model));
        assert_eq!(result["bursts"], Value::from(expected), "{rows:?}");
    }
    assert!(sizes.contains(&1) && sizes.contains(&12), "{sizes:?}");
}
