//! How the tests call a function by its name in the catalogue.

use crate::names::{classes, passed, plain};
use plg_catalogue::{Catalogue, Function};
use std::fmt::Write;

/// The source of `calls.rs`.
pub fn calls(catalogue: &Catalogue) -> String {
    let mut source = String::from(
        "/// Calls `function` with what `argument` gives for each name.\n\
         pub fn call(function: &str, argument: impl Fn(&str) -> JsValue) -> Result<JsValue, JsError> {\n    \
         match function {\n",
    );
    for function in plain(catalogue) {
        let _ = writeln!(source, "        \"{0}\" => plg_js::{0}({1}),", function.name, arguments(function));
    }
    for class in classes(catalogue) {
        for function in &class.methods {
            let document = function.documents().next().map_or("", |(argument, _)| &argument.name);
            let _ = writeln!(
                source,
                "        \"{0}\" => plg_js::{1}::new(argument(\"{document}\"))?.{0}({2}),",
                function.name,
                class.name,
                arguments(function)
            );
        }
    }
    source.push_str("        _ => panic!(\"no function {function}\"),\n    }\n}\n");
    source
}

fn arguments(function: &Function) -> String {
    let arguments: Vec<String> = passed(function).map(|argument| format!("argument(\"{}\")", argument.name)).collect();
    arguments.join(", ")
}
