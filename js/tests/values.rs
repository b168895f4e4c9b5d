//! What JavaScript values mean as arguments, and what is said about those that do not fit.
#![cfg(target_arch = "wasm32")]

mod support;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use js_sys::{Array, BigInt, Date, Float64Array, JSON, Object, Reflect};
use plg_js::{ScoreModel, StatusRules, cohort, decay_exp, identity_merge};
use support::{document, message, shown};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

const NULL: JsValue = JsValue::NULL;

/// JavaScript's value of a JSON text.
fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn refusal(result: Result<JsValue, JsError>) -> String {
    message(result.expect_err("this must be refused"))
}

/// A model with one event, `seen`, that never grows too old.
fn seen() -> ScoreModel {
    let model = r#"{"name": "m", "version": "1", "horizon_days": 100000000, "buckets": [{"name": "b", "max": 5}],
        "events": [{"event": "seen", "bucket": "b", "scope": "user", "points": 1, "decay": {"kind": "none"}}],
        "stages": [{"name": "all"}]}"#;
    ScoreModel::new(model.into()).unwrap_or_else(|error| panic!("{}", message(error)))
}

/// The moment that the module understands, as it says it itself.
fn understood(occurred_at: JsValue) -> String {
    let event = json(r#"{"event": "seen"}"#);
    Reflect::set(&event, &"occurred_at".into(), &occurred_at).unwrap();
    let score = seen().score_events(Array::of1(&event).into(), NULL, "9999-12-31T23:59:59Z".into());
    let score = score.unwrap_or_else(|error| panic!("{}", message(error)));
    let reasons = Array::from(&Reflect::get(&score, &"top_reasons".into()).unwrap());
    Reflect::get(&reasons.get(0), &"last_at".into()).unwrap().as_string().unwrap_or_else(|| shown(&score))
}

/// Moments from 1690 to 2250, in steps of no whole number of days or seconds. Doubles count microseconds one by one from 1684
/// to 2255.
fn moments() -> impl Iterator<Item = DateTime<Utc>> {
    let start = DateTime::from_timestamp(-8_836_000_000, 0).unwrap();
    (0..2_000).map(move |step| start + TimeDelta::microseconds(8_836_123_456_789) * step)
}

#[wasm_bindgen_test]
fn dates_iso_texts_and_microseconds_mean_the_same_moment() {
    for moment in moments() {
        let milliseconds = DateTime::from_timestamp_millis(moment.timestamp_millis()).unwrap();
        let expected = milliseconds.to_rfc3339_opts(SecondsFormat::Micros, true);
        assert_eq!(understood(Date::new(&(milliseconds.timestamp_millis() as f64).into()).into()), expected);
        let expected = moment.to_rfc3339_opts(SecondsFormat::Micros, true);
        assert_eq!(understood(expected.as_str().into()), expected);
        assert_eq!(understood((moment.timestamp_micros() as f64).into()), expected);
        assert_eq!(understood(BigInt::from(moment.timestamp_micros()).into()), expected);
    }
}

#[wasm_bindgen_test]
fn iso_texts_in_every_zone_mean_what_chrono_says() {
    for (moment, minutes) in moments().zip((-1_080..=1_080).cycle()) {
        let zone = FixedOffset::east_opt(minutes * 60).unwrap();
        let expected = moment.to_rfc3339_opts(SecondsFormat::Micros, true);
        assert_eq!(understood(moment.with_timezone(&zone).to_rfc3339().into()), expected);
    }
}

#[wasm_bindgen_test]
fn iso_text_without_zone_is_utc_whatever_the_zone_of_this_machine() {
    assert_eq!(understood("2026-07-01T12:00:00".into()), "2026-07-01T12:00:00.000000Z");
    assert_eq!(understood("2026-07-01".into()), "2026-07-01T00:00:00.000000Z");
}

#[wasm_bindgen_test]
fn what_is_no_moment_is_named() {
    let invalid: JsValue = Date::new(&f64::NAN.into()).into();
    for value in [invalid, f64::NAN.into(), f64::INFINITY.into(), "yesterday".into(), true.into(), json("{}")] {
        let events = json(r#"[{"event": "seen", "occurred_at": "2026-01-01"}, {"event": "seen"}]"#);
        Reflect::set(&Array::from(&events).get(1), &"occurred_at".into(), &value).unwrap();
        let text = refusal(seen().score_events(events, NULL, 0.into()));
        assert_eq!(text, "plg.score_events: events[1].occurred_at: must be a timestamp");
        let text = refusal(seen().score_events(json("[]"), NULL, value));
        assert_eq!(text, "plg.score_events: as_of: must be a timestamp");
    }
}

#[wasm_bindgen_test]
fn undefined_is_null() {
    assert!(decay_exp(JsValue::UNDEFINED, 1.into(), 1.into()).is_ok_and(|result| result.is_null()));
    assert!(identity_merge(JsValue::UNDEFINED).is_ok_and(|result| result.is_null()));
    let links = Array::of3(&JsValue::UNDEFINED, &NULL, &json(r#"{"id_b": "b"}"#));
    let merged = identity_merge(links.into()).unwrap_or_else(|error| panic!("{}", message(error)));
    assert_eq!(shown(&merged), r#"[{"identifier":"b","canonical_id":"b"}]"#);
}

#[wasm_bindgen_test]
fn bigints_are_numbers_up_to_2_53() {
    let exact: JsValue = BigInt::from(1_i64 << 53).into();
    let beyond: JsValue = BigInt::from((1_i64 << 53) + 1).into();
    let huge: JsValue = BigInt::from(u64::MAX).into();
    assert_eq!(decay_exp(exact, 0.into(), 1.into()).ok().and_then(|left| left.as_f64()), Some(9_007_199_254_740_992.0));
    for integer in [beyond, huge] {
        assert_eq!(
            refusal(decay_exp(1.into(), integer, 1.into())),
            "plg.decay_exp: age_days: is an integer beyond 2^53"
        );
    }
}

#[wasm_bindgen_test]
fn numbers_are_not_read_out_of_texts_and_booleans() {
    for value in ["8".into(), true.into(), json("[8]"), json("{}")] {
        assert_eq!(refusal(decay_exp(value, 1.into(), 1.into())), "plg.decay_exp: points: must be a number");
    }
    assert_eq!(
        refusal(decay_exp(f64::NAN.into(), 1.into(), 1.into())),
        "plg.decay_exp: points: must be a finite number"
    );
}

#[wasm_bindgen_test]
fn weights_may_be_an_array_or_a_float64array() {
    let variant = |weights: JsValue| cohort("ab".into(), "foo".into(), weights, "growthbook".into());
    assert_eq!(variant(json("[0.2, 0.2, 0.6]")).ok().and_then(|variant| variant.as_f64()), Some(1.0));
    let packed = Float64Array::from(&[0.2, 0.2, 0.6][..]);
    assert_eq!(variant(packed.into()).ok().and_then(|variant| variant.as_f64()), Some(1.0));
    assert_eq!(refusal(variant(json("[0.5, null]"))), "plg.cohort: weights[1]: must not be NULL");
    assert_eq!(refusal(variant(json(r#"[0.5, "0.5"]"#))), "plg.cohort: weights[1]: must be a number");
    assert_eq!(refusal(variant("0.5".into())), "plg.cohort: weights: must be a list");
}

#[wasm_bindgen_test]
fn texts_lists_and_objects_are_told_apart() {
    assert_eq!(refusal(identity_merge(json("{}"))), "plg.identity_merge: links: must be a list");
    assert_eq!(refusal(identity_merge(json("[{}, []]"))), "plg.identity_merge: links[1]: must be an object");
    assert_eq!(refusal(identity_merge(json(r#"["a"]"#))), "plg.identity_merge: links[0]: must be an object");
    assert_eq!(refusal(identity_merge(json(r#"[{"id_a": 7}]"#))), "plg.identity_merge: links[0].id_a: must be a text");
    let score = seen().score_events(json("[]"), 7.into(), 0.into());
    assert_eq!(refusal(score), "plg.score_events: role: must be a text");
}

#[wasm_bindgen_test]
fn a_field_that_throws_when_it_is_read_is_named() {
    let link = Object::new();
    let throws = Closure::<dyn Fn() -> Result<JsValue, JsError>>::new(|| Err(JsError::new("not today")));
    let getter = Object::new();
    Reflect::set(&getter, &"get".into(), throws.as_ref()).unwrap();
    Object::define_property(&link, &"id_a".into(), &getter);
    assert_eq!(refusal(identity_merge(Array::of1(&link).into())), "plg.identity_merge: links[0].id_a: cannot be read");
}

#[wasm_bindgen_test]
fn a_model_may_be_an_object() {
    let events = || json(r#"[{"event": "upgrade_click", "occurred_at": "2026-01-08T00:00:00Z"}]"#);
    let score = |model: JsValue| {
        let model = ScoreModel::new(model).unwrap_or_else(|error| panic!("{}", message(error)));
        let score = model.score_events(events(), "admin".into(), "2026-01-15".into());
        shown(&score.unwrap_or_else(|error| panic!("{}", message(error))))
    };
    assert_eq!(score(document("tiny").into()), score(json(&document("tiny"))));
}

#[wasm_bindgen_test]
fn what_json_cannot_hold_is_refused_in_a_model() {
    let refusal = |change: &dyn Fn(&JsValue)| {
        let model = json(&document("tiny"));
        change(&model);
        message(ScoreModel::new(model).err().expect("this must be refused"))
    };
    let set =
        |name: &'static str, value: JsValue| move |model: &JsValue| drop(Reflect::set(model, &name.into(), &value));
    let not_finite = "plg.score_events: model.horizon_days: must be a finite number";
    assert_eq!(refusal(&set("horizon_days", f64::NAN.into())), not_finite);
    assert_eq!(refusal(&set("horizon_days", f64::INFINITY.into())), not_finite);
    assert_eq!(refusal(&set("horizon_days", BigInt::from(365).into())), not_finite);
    let itself = |model: &JsValue| drop(Reflect::set(model, &"roles".into(), model));
    assert_eq!(refusal(&itself), "plg.score_events: model: is not valid JSON");
}

#[wasm_bindgen_test]
fn a_document_must_be_given() {
    let text = "plg.score_events: model: must be a text or an object";
    assert_eq!(ScoreModel::new(NULL).err().map(message).as_deref(), Some(text));
    assert_eq!(ScoreModel::new(7.into()).err().map(message).as_deref(), Some(text));
    assert_eq!(StatusRules::new(NULL).err().map(message).as_deref(), Some("plg.status_case: rules: must be a text"));
}

/// The status of facts by rules that read one fact of every kind.
fn status(facts: JsValue) -> Result<JsValue, JsError> {
    let rules = "when seats > 3 and plan = 'trial' and paid and ends_at < as_of and note > 'm' and other is null then 'all' \
        else 'not all'";
    StatusRules::new(rules.into()).and_then(|rules| rules.status_case(facts, "2026-01-31".into()))
}

fn facts() -> JsValue {
    let facts =
        json(r#"{"seats": 4, "plan": "trial", "paid": true, "note": "n", "other": null, "nobody": {"asks": "this"}}"#);
    Reflect::set(&facts, &"ends_at".into(), &Date::new(&"2026-01-30T12:00:00Z".into())).unwrap();
    facts
}

#[wasm_bindgen_test]
fn facts_of_every_kind_are_read_from_an_object_or_from_json_text() {
    let all = |facts: JsValue| status(facts).map_err(message).map(|status| status.as_string());
    assert_eq!(all(facts()), Ok(Some("all".to_owned())));
    assert_eq!(all(JSON::stringify(&facts()).unwrap().into()), Ok(Some("all".to_owned())));
    let with_bigint = facts();
    Reflect::set(&with_bigint, &"seats".into(), &BigInt::from(4).into()).unwrap();
    assert_eq!(all(with_bigint), Ok(Some("all".to_owned())));
}

#[wasm_bindgen_test]
fn facts_are_looked_up_in_upper_case_too() {
    let facts = facts();
    for name in ["seats", "plan"] {
        let value = Reflect::get(&facts, &name.into()).unwrap();
        Reflect::delete_property(facts.unchecked_ref::<Object>(), &name.into()).unwrap();
        Reflect::set(&facts, &name.to_uppercase().into(), &value).unwrap();
    }
    assert_eq!(status(facts).ok().and_then(|status| status.as_string()).as_deref(), Some("all"));
}

#[wasm_bindgen_test]
fn what_every_object_inherits_is_no_fact() {
    let rules = StatusRules::new("when constructor is null then 'a' else 'b'".into()).ok().unwrap();
    let text = refusal(rules.status_case(json("{}"), 0.into()));
    assert_eq!(text, "plg.status_case: facts.constructor: is missing");
}

#[wasm_bindgen_test]
fn facts_of_the_wrong_type_are_named() {
    for (name, value, reason) in [
        ("seats", JsValue::from("4"), "must be a number"),
        ("seats", JsValue::from_f64(1e300), "is an integer beyond 2^53"),
        ("plan", JsValue::from(4), "must be a text"),
        ("paid", JsValue::from(1), "must be a boolean"),
        ("ends_at", JsValue::from("soon"), "must be a timestamp"),
        ("note", JsValue::from(false), "must be a text"),
        ("plan", JsValue::UNDEFINED, "is missing"),
    ] {
        let facts = facts();
        Reflect::set(&facts, &name.into(), &value).unwrap();
        assert_eq!(refusal(status(facts)), format!("plg.status_case: facts.{name}: {reason}"));
    }
}

#[wasm_bindgen_test]
fn facts_in_json_text_keep_the_difference_between_integers_and_other_numbers() {
    let rules = StatusRules::new("when x > 0 then 'a' else 'b'".into()).ok().unwrap();
    let status = |facts: &str| rules.status_case(facts.into(), 0.into());
    assert_eq!(status(r#"{"x": 1e300}"#).ok().and_then(|status| status.as_string()).as_deref(), Some("a"));
    let beyond = "plg.status_case: facts.x: is an integer beyond 2^53";
    assert_eq!(refusal(status(r#"{"x": 9007199254740993}"#)), beyond);
    assert_eq!(refusal(status(r#"{"x": -9223372036854775808}"#)), beyond);
    assert_eq!(refusal(status(r#"{"x": 18446744073709551615}"#)), beyond);
}

#[wasm_bindgen_test]
fn facts_must_be_an_object() {
    for facts in [json("[]"), json("7"), "[]".into(), "7".into(), "null".into()] {
        assert_eq!(refusal(status(facts)), "plg.status_case: facts: must be an object");
    }
    assert_eq!(refusal(status("{".into())), "plg.status_case: facts: is not valid JSON");
}

#[wasm_bindgen_test]
fn a_result_has_the_fields_of_the_catalogue_in_their_order() {
    let score = seen().score_events(json("[]"), NULL, 0.into()).ok().unwrap();
    let names = Object::keys(score.unchecked_ref::<Object>()).into_iter().map(|name| name.as_string().unwrap());
    let expected = ["model", "version", "total", "stage", "components", "contributions", "top_reasons", "ignored"];
    assert!(names.eq(expected));
}
