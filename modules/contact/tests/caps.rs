//! Caps held against a second implementation that counts windows instead of looking for the send that matters, and
//! searches for the first permitted moment among all moments at which anything can change.

use plg_catalogue::host::Host;
use plg_module_contact::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// 2026-01-31 12:00:00.
const AS_OF: i64 = 1_769_860_800_000_000;

#[derive(Clone, Copy)]
struct Entry {
    channel: Option<&'static str>,
    time: Option<i64>,
}

struct Cap {
    channel: Option<&'static str>,
    max: usize,
    days: i64,
}

/// "suppressed", or the number of the first cap that is used up at a moment, by what was sent until `as_of`.
fn blocked(
    sends: &[Entry],
    suppressions: &[Entry],
    caps: &[Cap],
    channel: &str,
    moment: i64,
    as_of: i64,
) -> Option<usize> {
    let concerns = |entry: &Entry| entry.channel.is_none() || entry.channel == Some(channel);
    if suppressions.iter().any(|entry| concerns(entry) && entry.time.is_none_or(|until| moment < until)) {
        return Some(usize::MAX);
    }
    caps.iter().position(|cap| {
        let counted = |send: &&Entry| {
            let in_window = send.time.is_some_and(|time| time > moment - cap.days * DAY && time <= as_of);
            in_window && (cap.channel.is_none() || concerns(send))
        };
        (cap.channel.is_none() || cap.channel == Some(channel)) && sends.iter().filter(counted).count() >= cap.max
    })
}

#[test]
fn caps_and_suppressions_are_what_counting_finds() {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    let mut host = Host::new(catalogue, HashMap::from([("contact".to_owned(), module)]));
    let mut random = fastrand::Rng::with_seed(1);
    let mut seen = [0; 4];
    for _ in 0..6_000 {
        let channels = [Some("email"), Some("in_app"), Some("phone"), None];
        let entries = |count: usize, past: i64, future: i64, random: &mut fastrand::Rng| -> Vec<Entry> {
            (0..random.usize(..count))
                .map(|_| Entry {
                    channel: channels[random.usize(..4)],
                    time: (random.u8(..12) > 0).then(|| AS_OF + random.i64(-past..future) * HOUR),
                })
                .collect()
        };
        let sends = entries(14, 12 * 24, 6, &mut random);
        let suppressions = if random.u8(..3) == 0 { entries(3, 50, 50, &mut random) } else { Vec::new() };
        let caps: Vec<Cap> = (0..random.usize(..4))
            .map(|_| Cap {
                channel: [Some("email"), Some("in_app"), None][random.usize(..3)],
                max: random.usize(1..5),
                days: random.i64(1..9),
            })
            .collect();
        let channel = ["email", "in_app", "push"][random.usize(..3)];
        let row = |time: &str, entry: &Entry| json!({"channel": entry.channel, time: entry.time});
        let policy = json!({"name": "random", "caps": caps.iter().enumerate().map(|(number, cap)| {
            let mut object = json!({"name": format!("cap {number}"), "max": cap.max, "days": cap.days});
            if let Some(channel) = cap.channel {
                object["channel"] = channel.into();
            }
            object
        }).collect::<Vec<_>>()});
        let arguments = BTreeMap::from([
            ("sends".to_owned(), sends.iter().map(|send| row("sent_at", send)).collect()),
            ("suppressions".to_owned(), suppressions.iter().map(|entry| row("until", entry)).collect()),
            ("channel".to_owned(), json!(channel)),
            ("policy".to_owned(), policy.to_string().into()),
            ("as_of".to_owned(), json!(AS_OF)),
        ]);
        let result = host.call("contact_allowed", &arguments).unwrap();
        let at = |moment| blocked(&sends, &suppressions, &caps, channel, moment, AS_OF);
        // Everything that can change lies on a whole hour.
        let first = (0..=24 * 30).map(|hour| AS_OF + hour * HOUR).find(|&moment| at(moment).is_none());
        let reason = at(AS_OF).map(|number| match number {
            usize::MAX => "suppressed".to_owned(),
            number => format!("cap {number}"),
        });
        let text = first.map(|moment| {
            let mut text = Vec::new();
            plg_udfs::timestamp::push_iso(&mut text, moment);
            String::from_utf8(text).unwrap()
        });
        let ignored = sends.iter().filter(|send| send.time.is_none_or(|time| time > AS_OF)).count();
        let expected = json!({
            "allowed": reason.is_none(), "blocked_by": reason, "allowed_from": text,
            "ignored": ignored as f64,
        });
        assert_eq!(result, expected, "{}", Value::from_iter(arguments));
        seen[match (&reason, first) {
            (None, _) => 0,
            (Some(_), None) => 1,
            (Some(reason), _) if reason == "suppressed" => 2,
            _ => 3,
        }] += 1;
    }
    assert!(seen.iter().all(|&count| count > 50), "{seen:?}");
}
