//! Random partitions of links for `identity_components` with what native `identity_merge` answers to the same links.
//!
//! `dist/parity/identity_components.jsonl` holds one partition per line, as `rollup_events.jsonl` does.

use fastrand::Rng;
use plg_catalogue::host::Host;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Beginnings of identifiers: texts whose order differs between UTF-8 and UTF-16, and names that JavaScript's objects have.
const BEGINNINGS: [&str; 8] =
    ["", "user:", "a long beginning that many share ", "__proto__", "\u{d7ff}", "\u{e000}", "\u{ff5e}", "\u{1f600}"];

/// A random partition with what becomes of it.
pub fn next(random: &mut Rng, host: &mut Host) -> Value {
    let most = [4, 30, 120][random.usize(..3)];
    let rows: Vec<Value> = match random.u8(..10) {
        0 => Vec::new(),
        1..7 => (0..random.usize(..most)).map(|_| link(random.usize(..most), random.usize(..most), random)).collect(),
        // A chain and a star, from either end and from within.
        7 => shuffled(random, most, |number| (number, number + 1)),
        8 => shuffled(random, most, |number| (0, number + 1)),
        _ => shuffled(random, most, |number| (number / 2, number + 1)),
    };
    let links = BTreeMap::from([("links".to_owned(), json!(rows))]);
    let result = host.call("identity_merge", &links).expect("links of texts are never refused");
    json!({"arguments": {"rows": rows}, "result": result})
}

fn shuffled(random: &mut Rng, most: usize, ends: impl Fn(usize) -> (usize, usize)) -> Vec<Value> {
    let mut numbers: Vec<usize> = (0..random.usize(..most)).collect();
    random.shuffle(&mut numbers);
    let link = |number: usize| {
        let (a, b) = ends(number);
        link(a, b, random)
    };
    numbers.into_iter().map(link).collect()
}

/// A link, now and then the other way round, and with NULL on either side.
fn link(a: usize, b: usize, random: &mut Rng) -> Value {
    let (a, b) = if random.bool() { (a, b) } else { (b, a) };
    let mut link = json!({});
    for (name, number) in [("id_a", a), ("id_b", b)] {
        if random.u8(..30) > 0 {
            link[name] = json!(identifier(number));
        }
    }
    link
}

/// The same for the same number.
fn identifier(number: usize) -> String {
    let end = number / BEGINNINGS.len();
    let end = if end == 0 { String::new() } else { end.to_string() };
    format!("{}{end}", BEGINNINGS[number % BEGINNINGS.len()])
}
