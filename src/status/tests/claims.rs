//! What the language promises, claim by claim.

use super::*;

const TRUE: Option<bool> = Some(true);
const FALSE: Option<bool> = Some(false);

#[test]
fn the_first_rule_that_is_true_decides() {
    let rules = "when seats > 10 then 'large' when seats > 1 then 'team' else 'single'";
    for (seats, expected) in [(11.0, "large"), (10.0, "team"), (1.0, "single")] {
        assert_eq!(status(rules, &[("seats", seats.into())]).as_deref(), Some(expected));
    }
    assert_eq!(status(rules, &[]).as_deref(), Some("single"));
}

#[test]
fn case_and_end_may_stand_around_the_rules() {
    let rules = "CASE WHEN seats > 10 THEN 'large' ELSE 'small' END";
    assert_eq!(status(rules, &[("seats", 11.0.into())]).as_deref(), Some("large"));
}

#[test]
fn a_status_may_be_null_and_may_repeat() {
    let rules = compile("when a = 1 then null when a = 2 then 'x' when a = 3 then 'y' else 'x'");
    assert_eq!(rules.statuses.len(), 2);
    assert_eq!(run(&rules, |_| 1.0.into()), None);
    assert_eq!(run(&rules, |_| 2.0.into()).as_deref(), Some("x"));
    assert_eq!(run(&rules, |_| 4.0.into()).as_deref(), Some("x"));
}

#[test]
fn comparison_with_null_is_null() {
    for condition in ["a = 1", "a <> 1", "a < null", "a in (1, 2)", "a not in (1)", "a between 0 and 2", "not a = 1"] {
        assert_eq!(truth(condition, &[]), None, "{condition}");
    }
    assert_eq!(truth("null = null", &[]), None);
    assert_eq!(truth("null", &[]), None);
}

#[test]
fn in_with_a_null_item_is_true_or_null() {
    let a = [("a", 1.0.into())];
    assert_eq!(truth("a in (1, null)", &a), TRUE);
    assert_eq!(truth("a in (2, null)", &a), None);
    assert_eq!(truth("a not in (1, null)", &a), FALSE);
    assert_eq!(truth("a not in (2, null)", &a), None);
    assert_eq!(truth("null in (1)", &a), None);
}

#[test]
fn between_with_a_null_bound_can_still_be_false() {
    let a = [("a", 5.0.into())];
    assert_eq!(truth("a between null and 3", &a), FALSE);
    assert_eq!(truth("a between null and 7", &a), None);
    assert_eq!(truth("a not between 6 and null", &a), TRUE);
}

#[test]
fn is_tests_are_never_null() {
    for (condition, expected) in [
        ("a is null", TRUE),
        ("a is not null", FALSE),
        ("p is true", FALSE),
        ("p is not true", TRUE),
        ("p is false", FALSE),
        ("p is not false", TRUE),
        ("(p and q) is null", TRUE),
        ("(p and false) is null", FALSE),
        ("(p = q) is null", TRUE),
        ("a is distinct from 1", TRUE),
        ("a is distinct from null", FALSE),
        ("a is not distinct from b", TRUE),
        ("as_of is null", FALSE),
        ("1 is not null", TRUE),
    ] {
        assert_eq!(truth(condition, &[]), expected, "{condition}");
    }
}

#[test]
fn nan_is_equal_to_itself_and_greater_than_every_number() {
    let row = [("nan", f64::NAN.into()), ("other", f64::NAN.into()), ("inf", f64::INFINITY.into())];
    for (condition, expected) in [
        ("nan = other", TRUE),
        ("nan <> other", FALSE),
        ("nan > inf", TRUE),
        ("inf < nan", TRUE),
        ("nan > 5", TRUE),
        ("nan <= 5", FALSE),
        ("nan in (1, other)", TRUE),
        ("nan between inf and other", TRUE),
    ] {
        assert_eq!(truth(condition, &row), expected, "{condition}");
    }
}

#[test]
fn minus_zero_is_zero() {
    assert_eq!(truth("a = 0 and a >= 0 and a in (0) and a = -0", &[("a", (-0.0).into())]), TRUE);
}

#[test]
fn text_is_ordered_by_its_utf8_bytes() {
    let row = [("face", "\u{1F600}".into()), ("tilde", "\u{FF5E}".into()), ("empty", "".into())];
    assert_eq!(truth("face > tilde and face > '\u{FF5E}'", &row), TRUE);
    assert_eq!(truth("empty < 'a' and empty = ''", &row), TRUE);
}

#[test]
fn booleans_are_conditions_and_values() {
    let row = [("p", true.into()), ("q", false.into()), ("a", 1.0.into())];
    for (condition, expected) in [
        ("p", TRUE),
        ("not q", TRUE),
        ("p and n", None),
        ("q < p", TRUE),
        ("p = (a > 0)", TRUE),
        ("(a > 0) > q", TRUE),
        ("p = not q", TRUE),
        ("p = not q and q", FALSE),
        ("p in (false, true)", TRUE),
        ("p between false and true", TRUE),
        ("n = (a > 0)", None),
        ("n is distinct from (a > 0)", TRUE),
        ("(p is null) = q", TRUE),
        ("true", TRUE),
    ] {
        assert_eq!(truth(condition, &row), expected, "{condition}");
    }
}

#[test]
fn precedence_is_that_of_duckdb() {
    let row = [("a", 1.0.into()), ("b", 2.0.into()), ("p", true.into()), ("q", false.into())];
    for (condition, meaning) in [
        ("q and q or p", "(q and q) or p"),
        ("p or q and q", "p or (q and q)"),
        ("not q and q", "(not q) and q"),
        ("not a = b", "not (a = b)"),
        ("not a is null", "not (a is null)"),
        ("not a in (2)", "not (a in (2))"),
        ("not not p", "not (not p)"),
        ("a = b is null", "(a = b) is null"),
        ("a is null = q", "(a is null) = q"),
        ("a = n is null = q", "((a = n) is null) = q"),
        ("p = a in (2)", "p = (a in (2))"),
        ("a in (2) = q", "(a in (2)) = q"),
        ("a between 0 and b and q", "(a between 0 and b) and q"),
        ("a between 0 and b = q", "(a between 0 and b) = q"),
        ("a between 2 and 3 is false", "(a between 2 and 3) is false"),
        ("q = a between 0 and b", "q = (a between 0 and b)"),
        ("p is distinct from a = b", "p is distinct from (a = b)"),
        ("a < b is distinct from q", "(a < b) is distinct from q"),
        ("q = not a = b", "q = (not (a = b))"),
        ("p = not q or p", "(p = (not q)) or p"),
        ("p is true = not p", "(p is true) = (not p)"),
    ] {
        assert_eq!(truth(condition, &row), truth(meaning, &row), "{condition}");
        assert_ne!(truth(condition, &row), None, "{condition}");
    }
}

#[test]
fn keywords_and_bare_names_know_no_case_but_quoted_names_do() {
    let row = [("plan", "pro".into()), ("Plan", "free".into()), ("when", true.into()), ("a\"b", true.into())];
    let rules = r#"WHEN PLAN = 'pro' AND "Plan" = 'free' aNd "when" And "a""b" THEN 'yes' ELSE 'no'"#;
    assert_eq!(status(rules, &row).as_deref(), Some("yes"));
}

#[test]
fn as_of_is_the_argument_and_quoted_a_fact() {
    assert_eq!(truth("as_of = timestamp '2026-01-31T12:00Z'", &[]), TRUE);
    assert_eq!(truth("\"as_of\" = 5", &[("as_of", 5.0.into())]), TRUE);
}

#[test]
fn date_and_timestamp_are_names_unless_a_text_follows() {
    let row = [("date", Fact::Timestamp(AS_OF)), ("timestamp", 3.0.into())];
    assert_eq!(truth("date = timestamp '2026-01-31 12:00:00' and timestamp = 3", &row), TRUE);
    assert_eq!(truth("date > date '2026-01-31'", &row), TRUE);
}

#[test]
fn comments_nest_and_count_for_nothing() {
    let rules = "-- first\nwhen /* a /* b */ c */ a = 1 -- then 'x'\nthen 'yes' else 'no' -- end";
    assert_eq!(status(rules, &[("a", 1.0.into())]).as_deref(), Some("yes"));
}

#[test]
fn numbers_are_read_exactly() {
    assert_eq!(truth("a = 0.1", &[("a", 0.1.into())]), TRUE);
    assert_eq!(truth("a = -1.5e-3", &[("a", (-0.0015).into())]), TRUE);
    assert_eq!(truth("a = 123456789012345e7", &[("a", 123456789012345e7.into())]), TRUE);
}

#[test]
fn literals_may_stand_on_both_sides() {
    assert_eq!(truth("1 < 2 and 'a' < 'b' and 'x' in ('y', 'x') and date '2026-01-01' < as_of", &[]), TRUE);
    assert_eq!(truth("'pro' = plan and 2 > seats", &[("plan", "pro".into()), ("seats", 1.0.into())]), TRUE);
    assert_eq!(truth("'pro' in (plan, old_plan)", &[("plan", "x".into()), ("old_plan", "pro".into())]), TRUE);
}

#[test]
fn types_come_from_uses() {
    for (condition, field, kind) in [
        ("a > 1", "a", FactKind::Number),
        ("a", "a", FactKind::Boolean),
        ("not a", "a", FactKind::Boolean),
        ("a is true", "a", FactKind::Boolean),
        ("a = (b > 1)", "a", FactKind::Boolean),
        ("a < as_of", "a", FactKind::Timestamp),
        ("a between date '2026-01-01' and b", "b", FactKind::Timestamp),
        ("a = 'x'", "a", FactKind::Code),
        ("'x' <> a", "a", FactKind::Code),
        ("a in ('x', 'y', null)", "a", FactKind::Code),
        ("a is distinct from 'x'", "a", FactKind::Code),
        ("a < 'x'", "a", FactKind::Text),
        ("a between 'x' and 'y'", "a", FactKind::Text),
        ("a = 'x' and a = b", "b", FactKind::Text),
        ("a = b and b = c and c = 'x'", "a", FactKind::Text),
        ("c = 'x' and a = b and b = c", "a", FactKind::Text),
        ("'x' in (a, b)", "a", FactKind::Text),
        ("a = b", "a", FactKind::Number),
        ("a in (b, null)", "b", FactKind::Number),
        ("a = a", "a", FactKind::Number),
        ("a is null", "a", FactKind::Any),
        ("a = null or a < null", "a", FactKind::Any),
    ] {
        assert_eq!(kind_of(condition, field), kind, "{field} in {condition}");
    }
}

#[test]
fn a_literal_has_one_index_per_field() {
    let rules = compile("when a in ('x', 'y', 'x') or a = 'y' or b = 'y' or a = 'z' then 'y' else 'z'");
    assert_eq!(rules.compiled.program.literals[0].len(), 3);
    assert_eq!(rules.compiled.program.literals[1].len(), 1);
    assert_eq!(run(&rules, |name| if name == "a" { "z".into() } else { Fact::Null }).as_deref(), Some("y"));
    assert_eq!(run(&rules, |name| if name == "b" { "y".into() } else { Fact::Null }).as_deref(), Some("y"));
    assert_eq!(run(&rules, |_| "w".into()).as_deref(), Some("z"));
}

#[test]
fn the_description_names_statuses_and_facts() {
    let mut out = crate::abi::Output::default();
    compile("when Plan in ('a', 'b') and seats > 1 then 'x' when plan > 'ä' then 'y' else 'x'").describe(&mut out);
    // One dictionary of two statuses; two facts: text without literals, number.
    let texts = b"xyplanseats";
    assert_eq!(out.text, texts);
    let shape = [1.0, 2.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 5.0, 0.0, 6.0, 5.0, 1.0, 0.0];
    assert_eq!(out.stream, shape);
}
