//! Install scripts as statements.

use anyhow::{Context, Result, ensure};

/// The statements of a script, without the comments between them. One ends with a semicolon at the end of a line, and the next
/// begins in a line of its own with a word in capitals or a comment; no line within a statement does both.
///
/// # Errors
/// If the last statement has no end.
pub fn statements(script: &str) -> Result<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = script;
    loop {
        rest = rest.trim_start();
        while rest.starts_with("--") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after).trim_start();
        }
        if rest.is_empty() {
            return Ok(found);
        }
        let end = rest.match_indices(';').map(|(at, _)| at).find(|at| {
            let after = &rest[at + 1..];
            after.trim().is_empty() || (after.starts_with('\n') && is_start(after.trim_start()))
        });
        let end = end.context("the last statement has no semicolon")?;
        found.push(&rest[..end]);
        rest = &rest[end + 1..];
    }
}

/// Whether a statement, or a comment before one, starts here.
fn is_start(text: &str) -> bool {
    ["--", "CREATE ", "USE ", "DROP ", "SET ", "EXECUTE "].iter().any(|start| text.starts_with(start))
}

/// The script in parts of at most `limit` bytes, for clients that send a script as one query: each with a line that says what
/// it is, and to be run in their order.
///
/// # Errors
/// If a statement alone is longer, or has no end.
pub fn parts(script: &str, title: &str, limit: usize) -> Result<Vec<String>> {
    // The title's line gets two numbers.
    let room = limit - title.len() - 40;
    let mut parts = vec![String::new()];
    for statement in statements(script)? {
        ensure!(statement.len() + 2 <= room, "a statement of {} bytes fits into no part of {limit}", statement.len());
        if parts.last().is_some_and(|part| part.len() + statement.len() + 2 > room) {
            parts.push(String::new());
        }
        let part = parts.last_mut().expect("there is one from the beginning");
        part.push_str(statement);
        part.push_str(";\n");
    }
    let count = parts.len();
    let titled = |(number, part): (usize, String)| format!("-- {title}, part {} of {count}\n{part}", number + 1);
    Ok(parts.into_iter().enumerate().map(titled).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_within_a_body_ends_no_statement() {
        let script =
            "-- About.\n\nCREATE SCHEMA plg;\nUSE SCHEMA plg;\n\n-- One.\n\nCREATE FUNCTION f()\nAS $$a;\n  b;c$$;\n";
        assert_eq!(
            statements(script).unwrap(),
            ["CREATE SCHEMA plg", "USE SCHEMA plg", "CREATE FUNCTION f()\nAS $$a;\n  b;c$$"]
        );
    }

    #[test]
    fn a_statement_without_end_is_an_error() {
        assert!(statements("CREATE SCHEMA plg;\nUSE SCHEMA plg").is_err());
    }

    #[test]
    fn parts_hold_all_statements_in_their_order_and_none_is_too_long() {
        let script: String =
            (0..40).map(|number| format!("-- One.\nCREATE MACRO a{number}() AS {number};\n\n")).collect();
        let parts = parts(&script, "plg", 300).unwrap();
        assert!(parts.len() > 2 && parts.iter().all(|part| part.len() <= 300));
        assert!(parts[1].starts_with(&format!("-- plg, part 2 of {}\nCREATE MACRO", parts.len())));
        let together: Vec<&str> = parts.iter().flat_map(|part| statements(part).unwrap()).collect();
        assert_eq!(together, statements(&script).unwrap());
        assert!(super::parts(&script, "plg", 60).is_err());
    }
}
