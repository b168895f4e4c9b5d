//! Arguments far larger than people's. What these take would show at once if it grew with the square of the size.
#![cfg(target_arch = "wasm32")]

mod support;

use js_sys::{Array, JSON, Reflect};
use plg_js::{ScoreModel, cohort, decay_exp, identity_merge};
use serde_json::{Value, json};
use support::{document, js, message};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

fn done(result: Result<JsValue, JsError>) -> JsValue {
    result.unwrap_or_else(|error| panic!("{}", message(error)))
}

#[wasm_bindgen_test]
fn a_chain_of_fifty_thousand_links_is_one_person() {
    let links: Vec<Value> = (0..50_000)
        .map(|link| json!({"id_a": format!("id-{link:06}"), "id_b": format!("id-{:06}", link + 1)}))
        .collect();
    let merged = Array::from(&done(identity_merge(js(&links.into()))));
    assert_eq!(merged.length(), 50_001);
    let last = Reflect::get(&merged.get(50_000), &"canonical_id".into()).unwrap();
    assert_eq!(last.as_string().as_deref(), Some("id-000000"));
}

#[wasm_bindgen_test]
fn a_hundred_thousand_events_are_scored() {
    let events: Vec<Value> = (0..100_000)
        .map(|event| json!({"event": "login", "occurred_at": 86_400_000_000_i64 * 20_000 - event}))
        .collect();
    let model = ScoreModel::new(document("tiny").into()).ok().unwrap();
    let score = done(model.score_events(js(&events.into()), JsValue::NULL, (86_400_000_000.0 * 20_000.0).into()));
    let ignored = Reflect::get(&score, &"ignored".into()).unwrap();
    // One of them at midnight, the others on the day before: two days, two events that count.
    assert_eq!(Reflect::get(&ignored, &"same_day".into()).unwrap().as_f64(), Some(99_998.0));
}

#[wasm_bindgen_test]
fn a_text_of_a_million_characters_is_hashed() {
    let text: JsValue = "é".repeat(1_000_000).into();
    let variant = done(cohort(text, "seed".into(), JSON::parse("[1]").unwrap(), "unleash".into()));
    assert_eq!(variant.as_f64(), Some(0.0));
}

#[wasm_bindgen_test]
fn a_document_nested_too_deeply_is_refused() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let refusal = |model: JsValue| ScoreModel::new(model).err().map(message);
    let too_deep = Some("plg.score_events: model: is nested deeper than 64 levels".to_owned());
    assert_eq!(refusal(nested(70).into()), too_deep);
    assert_eq!(refusal(JSON::parse(&nested(70)).unwrap()), too_deep);
    assert!(refusal(nested(100_000).into()).is_some());
}

#[wasm_bindgen_test]
fn two_hundred_thousand_calls_leave_no_values_behind() {
    let left = (0..200_000).map(|call| done(decay_exp(1.into(), call.into(), 30.into())).as_f64().unwrap());
    assert!(left.sum::<f64>() > 30.0);
}
