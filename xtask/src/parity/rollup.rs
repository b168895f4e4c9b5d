//! Random groups of events for `rollup_events` with the rows that native Rust makes of them.
//!
//! `dist/parity/rollup_events.jsonl` holds one group per line: `{"arguments": {"rows": [...], "model": .., "as_of": ..}}` with
//! `"result"` or `"error"`, as for functions.

use super::{AROUND, DAY};
use fastrand::Rng;
use plg_udfs::Result;
use plg_udfs::rollup::{Rollup, Row, Rules, View};
use serde_json::{Value, json};
use std::sync::Arc;

/// How many groups there are.
pub const GROUPS: usize = 3_000;

/// Users and events, with texts whose order differs between UTF-8 and UTF-16.
const USERS: [&str; 8] = ["u1", "u2", "u10", "", "\u{e9}", "\u{ff5e}", "\u{1f600}", "a user with a long name"];
const EVENTS: [&str; 7] = ["login", "upgrade_click", "invited_by_email", "", "?", "\u{ff5e}", "\u{1f600}"];

/// A random group with what becomes of it.
pub fn next(random: &mut Rng) -> Value {
    let listed: Vec<Value> = EVENTS.iter().filter(|_| random.u8(..3) > 0).map(|name| json!({"event": name})).collect();
    let horizon = [json!(null), json!(30), json!(1.5), json!(0.37), json!(4000)][random.usize(..5)].clone();
    let model = json!({"name": "m", "horizon_days": horizon, "events": listed}).to_string();
    let as_of = AROUND + random.i64(-DAY..DAY);
    let spread = [DAY / 24, DAY, 40 * DAY, 500 * DAY][random.usize(..4)];
    let mut rows: Vec<Value> = (0..random.usize(..60)).map(|_| row(random, as_of, spread)).collect();
    if random.u8(..40) == 0 && !rows.is_empty() {
        let place = random.usize(..rows.len());
        rows[place]["count"] = [json!(-1), json!("NaN"), json!("Infinity"), json!(1e300)][random.usize(..4)].clone();
    }
    let mut case = json!({"arguments": {"rows": rows, "model": model, "as_of": as_of}});
    match rolled_up(&rows, &model, as_of) {
        Ok(rows) => case["result"] = rows,
        Err(error) => case["error"] = json!(format!("plg.rollup_events: {error}")),
    }
    case
}

fn row(random: &mut Rng, as_of: i64, spread: i64) -> Value {
    let mut row = json!({});
    if random.u8(..10) > 0 {
        row["user_id"] = json!(USERS[random.usize(..USERS.len())]);
    }
    match random.u8(..20) {
        0 => {}
        1 => row["event"] = json!("an event that no model lists"),
        _ => row["event"] = json!(EVENTS[random.usize(..EVENTS.len())]),
    }
    match random.u8(..20) {
        0 => {}
        1 => row["occurred_at"] = json!(as_of),
        2 => row["occurred_at"] = json!(as_of + 1 + random.i64(0..DAY)),
        _ => row["occurred_at"] = json!(as_of - random.i64(0..spread)),
    }
    match random.u8(..6) {
        0 => row["count"] = json!(random.u32(..5)),
        1 => row["count"] = json!(random.f64() * 10.0),
        2 => row["count"] = json!((f64::from(random.u32(..1 << 20)) + 0.5) / 65_536.0),
        3 => row["count"] = json!(random.f64() * 1e9),
        _ => {}
    }
    row
}

fn rolled_up(rows: &[Value], model: &str, as_of: i64) -> Result<Value> {
    // Without a row nobody reads the model.
    if rows.is_empty() {
        return Ok(json!([]));
    }
    let rules = Arc::new(Rules::from_json("model", model)?);
    let mut rollup = Rollup::new(Arc::new(View::new(rules.clone(), as_of as f64)));
    for row in rows {
        let text = |name: &str| row[name].as_str().map(str::as_bytes);
        let count = match &row["count"] {
            Value::Null => 1.0,
            Value::String(special) => special.parse().expect("written above"),
            number => number.as_f64().expect("written above"),
        };
        let time = row["occurred_at"].as_i64().map_or(f64::NAN, |time| time as f64);
        rollup.add(text("user_id"), rules.event(text("event")), time, count)?;
    }
    Ok(rollup.rows()?.iter().map(stored).collect())
}

fn stored(row: &Row<'_>) -> Value {
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let time = (!row.occurred_at.is_nan()).then_some(row.occurred_at as i64);
    json!({
        "user_id": text(row.user_id), "event": text(row.event), "occurred_at": time, "count": row.count,
        "max_per_hour": row.max_per_hour,
    })
}
