//! Sequences over a simulated month, hour by hour, held against second implementations written from
//! `docs/semantics.md`; and that nothing changes before `next_change_at`.

use fastrand::Rng;
use plg_catalogue::host::Host;
use plg_module_sequence::Native;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

const HOUR: i64 = 3_600_000_000;
/// 2026-01-01.
const START: i64 = 1_767_225_600_000_000;
const HOURS: i64 = 31 * 24;

fn host() -> Host {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    Host::new(catalogue, HashMap::from([("sequence".to_owned(), module)]))
}

fn step(host: &mut Host, sequence: &str, facts: &Value, as_of: i64) -> Value {
    let arguments = BTreeMap::from([
        ("facts".to_owned(), facts.clone()),
        ("sequence".to_owned(), Value::from(sequence)),
        ("as_of".to_owned(), json!(as_of)),
    ]);
    host.call("sequence_step", &arguments).unwrap_or_else(|error| panic!("{error}\n{sequence}"))
}

/// A point in time as hosts hand it over and results have it.
fn iso(time: Option<i64>) -> Value {
    time.map_or(Value::Null, |time| {
        let mut text = Vec::new();
        plg_udfs::timestamp::push_iso(&mut text, time);
        String::from_utf8(text).unwrap().into()
    })
}

/// A random time of the month, or never.
fn sometime(random: &mut Rng, of_ten: u8) -> Option<i64> {
    (random.u8(..10) < of_ten).then(|| START + random.i64(0..HOURS) * HOUR + [0, 1, -1, 123_456_789][random.usize(..4)])
}

/// What happened until then.
fn known(time: Option<i64>, now: i64) -> Option<i64> {
    time.filter(|&time| time <= now)
}

/// Outreach that is sent by whoever looks every hour and sees that it is due.
fn outreach(sequence: &str, contacted: &str, name: &str, seed: u64) {
    let mut random = Rng::with_seed(seed);
    let mut host = host();
    let mut states = BTreeMap::<String, usize>::new();
    for _ in 0..30 {
        let first_email = sometime(&mut random, 9);
        let marketing_ended = sometime(&mut random, 6);
        let responded = sometime(&mut random, 4);
        // Nobody may be there to send for a while.
        let away = random.i64(0..100);
        let mut sent = None;
        let mut before: Option<(Value, Value)> = None;
        for hour in 0..HOURS {
            let now = START + hour * HOUR;
            let (email, ended, response) =
                (known(first_email, now), known(marketing_ended, now), known(responded, now));
            let facts = json!({
                "first_email_at": iso(email), "marketing_ended_at": iso(ended), "admin_responded_at": iso(response),
                contacted: iso(sent),
            });
            // 72 hours after the first email or the end of marketing, whichever is first, of what is known.
            let mut due = None;
            for candidate in [email.map(|email| email + 72 * HOUR), ended].into_iter().flatten() {
                if due.is_none_or(|due| candidate < due) {
                    due = Some(candidate);
                }
            }
            let expected = if sent.is_some() {
                ("finished", Value::Null, Value::Null, Value::Null)
            } else if response.is_some() {
                ("stopped", Value::Null, Value::Null, Value::Null)
            } else {
                match due {
                    None => ("waiting", Value::Null, name.into(), Value::Null),
                    Some(due) if due > now => ("scheduled", Value::Null, name.into(), iso(Some(due))),
                    Some(_) => ("due", name.into(), Value::Null, Value::Null),
                }
            };
            let result = step(&mut host, sequence, &facts, now);
            let (state, due_step, next_step, next_due_at) = expected;
            assert_eq!(result["state"], state, "{facts}");
            assert_eq!((&result["due_step"], &result["next_step"]), (&due_step, &next_step), "{facts}");
            assert_eq!(result["due_at"], if state == "due" { iso(due) } else { Value::Null });
            assert_eq!((&result["next_due_at"], &result["next_change_at"]), (&next_due_at, &next_due_at));
            *states.entry(state.to_owned()).or_default() += 1;
            // Who slept until the time that the hour before named has missed nothing.
            if let Some((facts_before, result_before)) = before
                && facts_before == facts
            {
                let change = result_before["next_change_at"]
                    .as_str()
                    .map(|text| plg_udfs::timestamp::parse(text.as_bytes()).unwrap());
                assert_eq!(result_before != result, change.is_some_and(|change| change <= now), "{facts} {now}");
            }
            before = Some((facts, result));
            if state == "due" && hour % 100 >= away {
                sent = Some(now);
            }
        }
    }
    for state in ["due", "scheduled", "waiting", "stopped", "finished"] {
        assert!(states.get(state).is_some_and(|&count| count > 150), "{states:?}");
    }
}

#[test]
fn sdr_outreach_is_due_after_72_hours_or_the_end_of_marketing_unless_an_admin_responds() {
    outreach("@sdr_outreach", "sdr_contacted_at", "SDR outreach", 1);
}

#[test]
fn in_app_outreach_is_due_likewise() {
    outreach("@in_app_outreach", "in_app_shown_at", "In-app message", 2);
}

/// The trial outreach as a person would do it: look at one step after the other.
#[test]
fn a_sequence_of_several_steps_is_what_a_person_would_do() {
    let mut random = Rng::with_seed(3);
    let mut host = host();
    let mut states = BTreeMap::<String, usize>::new();
    for _ in 0..100 {
        let started = START + random.i64(0..HOURS / 2) * HOUR;
        let ends = started + 14 * 24 * HOUR;
        let (unsubscribed, booked) = (sometime(&mut random, 1), sometime(&mut random, 1));
        let key_action = sometime(&mut random, 5);
        let hits = [sometime(&mut random, 8), sometime(&mut random, 8)];
        let (mut welcome, mut help, mut call) = (None, None, None);
        for hour in 0..HOURS {
            let now = START + hour * HOUR;
            let hit_count = hits.iter().filter(|&&hit| known(hit, now).is_some()).count();
            let facts = json!({
                "trial_started_at": iso(known(Some(started), now)),
                "trial_ends_at": iso(known(Some(started), now).map(|_| ends)),
                "welcome_sent_at": iso(welcome), "help_sent_at": iso(help), "sdr_called_at": iso(call),
                "key_action_at": iso(known(key_action, now)), "usage_limit_hits": hit_count,
                "unsubscribed": known(unsubscribed, now).map(|_| true), "meeting_booked_at": iso(known(booked, now)),
            });
            let result = step(&mut host, "@trial_outreach", &facts, now);
            let started = known(Some(started), now);
            let mut turn = None;
            if welcome.is_none() {
                turn = Some(("Welcome email", started));
            } else if help.is_none() && known(key_action, now).is_none() {
                turn = Some(("Set-up help", welcome.map(|sent: i64| sent + 72 * HOUR)));
            } else if call.is_none() {
                let after = help.or(welcome).map(|sent| sent + 72 * HOUR);
                let before_end = started.map(|_| ends - 72 * HOUR);
                turn = Some(("SDR call", after.into_iter().chain(before_end).min()));
            }
            let stopped = known(unsubscribed, now).or(known(booked, now)).is_some();
            let expected = match turn {
                None => ("finished", None, None),
                Some(_) if stopped => ("stopped", None, None),
                Some(("SDR call", _)) if hit_count >= 2 => ("at_once", Some("SDR call"), None),
                Some((name, Some(due))) if due <= now => ("due", Some(name), Some(due)),
                Some((_, Some(_))) => ("scheduled", None, None),
                Some((_, None)) => ("waiting", None, None),
            };
            let (state, due_step, due_at) = expected;
            assert_eq!(result["state"], state, "{facts}");
            assert_eq!(result["due_step"], json!(due_step), "{facts}");
            assert_eq!(result["due_at"], iso(due_at), "{facts}");
            *states.entry(state.to_owned()).or_default() += 1;
            // Somebody does what is due within some hours.
            if random.u8(..4) == 0 {
                match due_step {
                    Some("Welcome email") => welcome = Some(now),
                    Some("Set-up help") => help = Some(now),
                    Some(_) => call = Some(now),
                    None => {}
                }
            }
        }
    }
    for state in ["due", "at_once", "scheduled", "waiting", "stopped", "finished"] {
        assert!(states.get(state).is_some_and(|&count| count > 20), "{states:?}");
    }
}

/// Any sequence, any facts: the answer stays until `next_change_at`, and is another one then.
#[test]
fn nothing_changes_before_the_next_change() {
    let times = [
        "a",
        "b",
        "null",
        "a + interval 5 hours",
        "least(a, b - interval 1 day)",
        "case when p then a else c end",
        "greatest(a, b, c)",
        "timestamp '2026-01-10 00:00:00'",
    ];
    let conditions =
        ["p", "not p", "q", "a < b + interval 0 days", "a is null", "false", "null", "n > 2", "days_between(a, b) > 3"];
    let mut random = Rng::with_seed(4);
    let mut host = host();
    let (mut changes, mut constant) = (0, 0);
    for _ in 0..2_000 {
        let steps: Vec<Value> = (0..random.usize(1..5))
            .map(|number| {
                let mut step = Map::new();
                step.insert("name".to_owned(), format!("step {number}").into());
                step.insert("due".to_owned(), times[random.usize(..times.len())].into());
                for (name, of_ten) in [("done", 10), ("unless", 3), ("at_once_if", 3)] {
                    if random.u8(..10) < of_ten {
                        step.insert(name.to_owned(), conditions[random.usize(..conditions.len())].into());
                    }
                }
                Value::Object(step)
            })
            .collect();
        let mut sequence = json!({"name": "random", "on_missing": "null", "steps": steps});
        if random.u8(..3) == 0 {
            sequence["unless"] = conditions[random.usize(..conditions.len())].into();
        }
        let sequence = sequence.to_string();
        for _ in 0..5 {
            let mut facts = json!({
                "a": iso(sometime(&mut random, 9)), "b": iso(sometime(&mut random, 9)), "c": iso(sometime(&mut random, 9)),
                "n": random.u8(..5),
            });
            for name in ["p", "q"] {
                facts[name] = [json!(true), json!(false), json!(null)][random.usize(..3)].clone();
            }
            let as_of = sometime(&mut random, 10).unwrap();
            let answer = step(&mut host, &sequence, &facts, as_of);
            let change =
                answer["next_change_at"].as_str().map(|text| plg_udfs::timestamp::parse(text.as_bytes()).unwrap());
            match change {
                Some(change) => {
                    changes += 1;
                    assert!(change > as_of);
                    for until in [change - 1, as_of + random.i64(0..change - as_of)] {
                        assert_eq!(step(&mut host, &sequence, &facts, until), answer, "{sequence} {facts} {until}");
                    }
                    assert_ne!(step(&mut host, &sequence, &facts, change), answer, "{sequence} {facts}");
                }
                None => {
                    constant += 1;
                    for until in [as_of + 1, as_of + random.i64(0..1_000 * HOUR), START + 100_000 * HOUR] {
                        assert_eq!(step(&mut host, &sequence, &facts, until), answer, "{sequence} {facts} {until}");
                    }
                }
            }
        }
    }
    assert!(changes > 500 && constant > 500, "{changes} {constant}");
}
