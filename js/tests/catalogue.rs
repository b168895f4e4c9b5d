//! The catalogue's examples, and random cases with what native Rust answers.
#![cfg(target_arch = "wasm32")]

mod support;

use serde_json::Value;
use support::{catalogue, check, parity};
use wasm_bindgen_test::*;

#[wasm_bindgen_test]
fn every_example_of_the_catalogue_holds() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    for function in catalogue["functions"].as_array().unwrap() {
        for example in function["examples"].as_array().unwrap() {
            let expected = match (&example["error"], &example["result"], &example["result_json"]) {
                (Value::String(error), ..) => Err(error.clone()),
                (.., Value::String(json)) => Ok(serde_json::from_str(json).unwrap()),
                (_, result, _) => Ok(result.clone()),
            };
            let checked = check(function, example["arguments"].as_object().unwrap(), &expected);
            wrong.extend(checked.err().map(|what| format!("{}: {what}", example["title"])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[wasm_bindgen_test]
fn random_cases_equal_native_rust_to_the_bit() {
    let (catalogue, parity) = (catalogue(), parity());
    let mut wrong = Vec::new();
    for function in catalogue["functions"].as_array().unwrap() {
        let name = function["name"].as_str().unwrap();
        for case in parity[name].as_array().unwrap() {
            let expected = match &case["error"] {
                Value::String(error) => Err(error.clone()),
                _ => Ok(case["result"].clone()),
            };
            wrong.extend(check(function, case["arguments"].as_object().unwrap(), &expected).err());
        }
    }
    assert!(wrong.is_empty(), "{} differ, among them\n{}", wrong.len(), wrong[0]);
}
