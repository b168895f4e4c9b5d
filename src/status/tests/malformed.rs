//! Rules that are no rules: every error has its place, and no text traps.

use super::*;
use std::time::{Duration, Instant};

const INTERVAL: &str =
    "line 1, column 29: expected whole days, hours or minutes, at most 1,000,000, as in INTERVAL 3 DAYS";

#[test]
fn errors_name_line_and_column() {
    for (text, expected) in [
        ("", "line 1, column 1: expected WHEN"),
        ("else 'x'", "line 1, column 1: expected WHEN"),
        ("case a when 1 then 'x'", "line 1, column 6: expected WHEN"),
        ("when a = 1 'x'", "line 1, column 12: expected THEN"),
        ("when a = 1\n  then x", "line 2, column 8: expected a status in single quotes, or NULL"),
        ("when a = 1 then 'x'", "line 1, column 20: expected WHEN or ELSE"),
        ("when a = 1 then 'x' else 'y' end", "line 1, column 30: expected the end of the rules"),
        ("case when a = 1 then 'x' else 'y'", "line 1, column 34: expected END"),
        ("when a = 1 then 'x' else 'y';", "line 1, column 29: this character has no meaning here"),
        ("when then 'x' else 'y'", "line 1, column 6: expected a field or a literal"),
        ("when a = then 'x' else 'y'", "line 1, column 10: expected a field or a literal"),
        ("when a = = 1 then 'x' else 'y'", "line 1, column 10: expected a field or a literal"),
        ("when (a = 1 then 'x' else 'y'", "line 1, column 13: expected )"),
        ("when a is then 'x' else 'y'", "line 1, column 11: expected NULL, TRUE, FALSE or DISTINCT FROM"),
        ("when a is distinct 1 then 'x' else 'y'", "line 1, column 20: expected FROM"),
        ("when a in 1 then 'x' else 'y'", "line 1, column 11: expected ( after IN"),
        ("when a in () then 'x' else 'y'", "line 1, column 12: expected a field or a literal"),
        ("when a in (1 2) then 'x' else 'y'", "line 1, column 14: expected , or )"),
        ("when a not = 'x' then 'x' else 'y'", "line 1, column 12: expected IN, BETWEEN or LIKE"),
        (
            "when a like 'x' escape 'ab' then 'x' else 'y'",
            "line 1, column 24: expected one ASCII character in single quotes, or none",
        ),
        (
            "when a like 'x' escape 'ä' then 'x' else 'y'",
            "line 1, column 24: expected one ASCII character in single quotes, or none",
        ),
        ("when a between 1 or 2 then 'x' else 'y'", "line 1, column 18: expected AND"),
        ("when a between 1 = 1 and 2 then 'x' else 'y'", "line 1, column 18: expected AND"),
        ("when a between not b and 2 then 'x' else 'y'", "line 1, column 16: expected a field or a literal"),
        ("when a = - then 'x' else 'y'", "line 1, column 12: expected a field or a literal"),
        ("when a %-1 = 0 then 'x' else 'y'", "line 1, column 8: this character has no meaning here"),
        ("when a * then 'x' else 'y'", "line 1, column 10: expected a field or a literal"),
        ("when a + 'x' = 1 then 'x' else 'y'", "line 1, column 10: a text cannot be a number"),
        ("when d + 3 > as_of then 'x' else 'y'", "line 1, column 14: a timestamp cannot be compared with a number"),
        ("when as_of - as_of > 3 then 'x' else 'y'", "line 1, column 6: a timestamp cannot be a number"),
        ("when a like 5 then 'x' else 'y'", "line 1, column 13: a number cannot be a text"),
        (
            "when a + interval 3 days > 5 then 'x' else 'y'",
            "line 1, column 28: a number cannot be compared with a timestamp",
        ),
        ("when d < as_of - interval 1 month then 'x' else 'y'", INTERVAL),
        (
            "when d < as_of - interval '1.5' day then 'x' else 'y'",
            "line 1, column 27: expected whole days, hours or minutes, at most 1,000,000, as in INTERVAL 3 DAYS",
        ),
        (
            "when d < as_of - interval -1 days then 'x' else 'y'",
            "line 1, column 27: expected whole days, hours or minutes, at most 1,000,000, as in INTERVAL 3 DAYS",
        ),
        (
            "when d < as_of - interval 1000001 days then 'x' else 'y'",
            "line 1, column 35: expected whole days, hours or minutes, at most 1,000,000, as in INTERVAL 3 DAYS",
        ),
        ("when d < interval 3 days then 'x' else 'y'", "line 1, column 10: expected a field or a literal"),
        ("when lower(a, b) = 'x' then 'x' else 'y'", "line 1, column 6: the function takes one operand"),
        ("when nullif(a) = 'x' then 'x' else 'y'", "line 1, column 6: the function takes two operands"),
        ("when least() = 1 then 'x' else 'y'", "line 1, column 12: expected a field or a literal"),
        (
            "when coalesce(a, 1, 'x') = 1 then 'x' else 'y'",
            "line 1, column 21: a text cannot be combined with a number",
        ),
        (
            "when case when p then 1 else 'x' end = 1 then 'x' else 'y'",
            "line 1, column 30: a text cannot be combined with a number",
        ),
        ("when case when p then 1 'x' end = 1 then 'x' else 'y'", "line 1, column 25: expected WHEN, ELSE or END"),
        ("when contains('a', 'b') then 'x' else 'y'", "line 1, column 15: a text cannot be a list"),
        (
            "when contains(coalesce(a, b), 'b') then 'x' else 'y'",
            "line 1, column 15: contains takes a fact that is a list",
        ),
        (
            "when contains(a, 1) and contains(a, 'b') then 'x' else 'y'",
            "line 1, column 37: a list of this type cannot contain a text",
        ),
        ("when contains(a, true) then 'x' else 'y'", "line 1, column 18: lists hold numbers or texts"),
        (
            "when contains(a, 1) and a = 1 then 'x' else 'y'",
            "line 1, column 29: a number cannot be compared with a (elsewhere a list)",
        ),
        ("on_missing when a then 'x' else 'y'", "line 1, column 12: expected NULL"),
        ("when a = 1.2.3 then 'x' else 'y'", "line 1, column 10: this is not a number"),
        ("when a = 1e then 'x' else 'y'", "line 1, column 10: this is not a number"),
        ("when a = 0x1F then 'x' else 'y'", "line 1, column 10: this is not a number"),
        (
            "when a = 0.1234567890123456 then 'x' else 'y'",
            "line 1, column 10: a number may have 15 significant digits and a power of ten from -22 to 22",
        ),
        ("when a = 'x then y", "line 1, column 10: the closing quote is missing"),
        ("when \"a = 1 then 'x' else 'y'", "line 1, column 6: the closing quote is missing"),
        ("when a /* = 1 then 'x'", "line 1, column 8: this comment has no end"),
        ("when upper(a) = 'x' then 'x' else 'y'", "line 1, column 6: there is no such function"),
        (
            "when größe = 1 then 'x' else 'y'",
            "line 1, column 8: names with other characters than a-z, 0-9 and _ need double quotes",
        ),
        ("when 'ä\u{1F600}' = 1 then 'x' else 'y'", "line 1, column 13: a number cannot be compared with a text"),
        ("when a = date '2026-02-30' then 'x' else 'y'", "line 1, column 15: expected a date as in DATE '2026-01-31'"),
        (
            "when a = date '2026-01-31 12:00' then 'x' else 'y'",
            "line 1, column 15: expected a date as in DATE '2026-01-31'",
        ),
        (
            "when a = timestamp '2026-01-31 12:00:00+01' then 'x' else 'y'",
            "line 1, column 20: expected a time in UTC as in TIMESTAMP '2026-01-31 12:00:00'",
        ),
        ("when case then 'x' else 'y'", "line 1, column 11: expected a field or a literal"),
        ("when 1 then 'x' else 'y'", "line 1, column 6: a number cannot be a condition"),
        ("when 'secret' then 'x' else 'y'", "line 1, column 6: a text cannot be a condition"),
        ("when as_of or a then 'x' else 'y'", "line 1, column 6: a timestamp cannot be a condition"),
        ("when a > 1 and a then 'x' else 'y'", "line 1, column 16: a (elsewhere a number) cannot be a condition"),
        (
            "when a = 1 or\n  a = 'secret' then 'x' else 'y'",
            "line 2, column 7: a text cannot be compared with a (elsewhere a number)",
        ),
        (
            "when a = 1 and b = 'x' and a = b then 'x' else 'y'",
            "line 1, column 32: b (elsewhere a text) cannot be compared with a (elsewhere a number)",
        ),
        (
            "when as_of > '2026-01-01' then 'x' else 'y'",
            "line 1, column 14: a text cannot be compared with a timestamp; \
             a point in time is written TIMESTAMP '2026-01-31 12:00:00'",
        ),
        (
            "when a = (b > 1) and a > 1 then 'x' else 'y'",
            "line 1, column 26: a number cannot be compared with a (elsewhere a boolean)",
        ),
    ] {
        assert_eq!(error(text.as_bytes()), std::format!("rules: {expected}"), "{text}");
    }
}

#[test]
fn chains_of_comparisons_are_refused() {
    for chain in [
        "a = b = c",
        "a < b < c",
        "a = b <> c",
        "a between 1 and 2 between 3 and 4",
        "a between 1 and b in (2)",
        "a is distinct from b is null",
        "a is distinct from b is distinct from c",
        "a in (1) = b = c",
        "s like 'a' like 'b'",
        "a is null in (true)",
        "p is not false between q and q",
        "a in (1) in (true)",
        "a in (1) + 1 = 2",
        "a + 1 = b + 1 = c",
    ] {
        let text = std::format!("when {chain} then 'x' else 'y'");
        let error = error(text.as_bytes());
        assert!(error.contains("comparisons cannot follow each other"), "{chain}: {error}");
    }
}

#[test]
fn depth_is_limited_and_long_chains_are_not_deep() {
    let nested = |open: &str, close: &str, times: usize| {
        std::format!("when {}p{} then 'x' else 'y'", open.repeat(times), close.repeat(times))
    };
    for (open, close) in [
        ("(", ")"),
        ("not ", ""),
        ("not (", ")"),
        ("p = (", ")"),
        ("(", " is null)"),
        ("", " is true"),
        ("abs(", ")"),
        ("case when p then ", " end"),
        ("1 * (", ")"),
    ] {
        for times in [1, 20] {
            // A number is no condition yet.
            let text = nested(open, close, times);
            let number = matches!(open, "abs(" | "1 * (");
            compile(&if number { text.replace(" then 'x'", " = 1 then 'x'") } else { text });
        }
        for times in [64, 65, 1_000, 10_000] {
            let text = nested(open, close, times);
            if text.len() <= 65_536 {
                assert!(error(text.as_bytes()).contains("nested deeper than 64 levels"), "{open} {close} {times}");
            }
        }
    }
    compile(&nested("(", ")", 63));
    compile(&nested("p and ", "", 10_000));
    compile(&std::format!("when 0 < {}a then 'x' else 'y'", "a + ".repeat(10_000)));
    compile(&nested("(p and q) or ", "", 4_000));
}

#[test]
fn the_longest_texts_compile_in_linear_time() {
    let many = |part: &dyn Fn(usize) -> String, times: usize| (0..times).map(part).collect::<String>();
    let texts = [
        std::format!("when a in ({}'z') then 'x' else 'y'", many(&|i| std::format!("'{i}',"), 8_000)),
        std::format!("when {}p then 'x' else 'y'", many(&|i| std::format!("f{i} or "), 6_500)),
        std::format!("when {}p then 'x' else 'y'", many(&|i| std::format!("f{i}=f{} and ", i + 1), 3_700)),
        std::format!("{}else 'y'", many(&|i| std::format!("when a={i} then '{i}' "), 2_600)),
        std::format!("when {}p then 'x' else 'y'", many(&|i| std::format!("a='{i}' or "), 4_500)),
    ];
    for text in texts {
        assert!((40_000..=65_536).contains(&text.len()), "{}", text.len());
        let start = Instant::now();
        let rules = compile(&text);
        run(&rules, |_| Fact::Null);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}

#[test]
fn longer_texts_and_other_encodings_are_refused() {
    let text = std::format!("when a = 1 then 'x' else '{}'", "y".repeat(65_536));
    assert_eq!(error(text.as_bytes()), "rules: must not be longer than 65,536 bytes");
    assert_eq!(error(b"when a = '\xFF' then 'x' else 'y'"), "rules: must be UTF-8");
}

/// A small generator of pseudo-random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn mutated_texts_never_trap() {
    let seeds: [&[u8]; 6] = [
        include_bytes!("../../../udfs/status/documents/user_status.txt"),
        b"when a = 1 and b between 'x' and c or not (p is null) then 'x' else null",
        b"case when \"A\" in (1, -2.5e3, null) is not distinct from q then 'it''s' when t > as_of then 'y' else 'z' end",
        b"on_missing null when lower(s) like 'a!%_%' escape '!' and contains(tags, 'x') then 'x' else null",
        b"when case a when 1 then b else coalesce(a, 2) * -3 % abs(b) end > least(a, b) / 2 \
          or days_between(d, as_of - interval '3' days) >= nullif(a, 7) then 'x' else 'y'",
        b"when d >= date '2026-01-31' and (a = b) = (c <> d) is false then 'x' /* c */ else 'y' -- end",
    ];
    let fragments: [&[u8]; 40] = [
        b"(",
        b")",
        b"'",
        b"\"",
        b" not ",
        b" and ",
        b" or ",
        b" is ",
        b" null ",
        b" in (",
        b" between ",
        b"-",
        b"/*",
        b"*/",
        b"--",
        b"=",
        b"<>",
        b"1e",
        b"9999999999999999",
        b".",
        b"\xC3\xA4",
        b"\xF0\x9F\x98\x80",
        b"\x00",
        b"\xFF",
        b" true ",
        b" distinct from ",
        b"timestamp '",
        b"case ",
        b" then 'x' ",
        b" like ",
        b" escape ",
        b" + interval 3 days ",
        b" - interval '72' hour ",
        b"%",
        b"*",
        b"lower(",
        b"least(",
        b"contains(",
        b"on_missing null ",
        b"as_of",
    ];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut compiled = 0;
    for round in 0..100_000 {
        let mut text = seeds[round % seeds.len()].to_vec();
        for _ in 0..=random.below(4) {
            let from = random.below(text.len() + 1);
            let to = (from + random.below(8)).min(text.len());
            match random.below(4) {
                0 => drop(text.drain(from..to)),
                1 => drop(text.splice(from..from, fragments[random.below(fragments.len())].iter().copied())),
                2 => drop(text.splice(from..to, fragments[random.below(fragments.len())].iter().copied())),
                _ => {
                    let copy = text[from..to].to_vec();
                    let place = random.below(text.len() + 1);
                    text.splice(place..place, copy);
                }
            }
        }
        if let Ok(rules) = Rules::compile("rules", &text) {
            compiled += 1;
            run(&rules, |_| Fact::Null);
            run(&rules, |_| Fact::Number(1.0));
            run(&rules, |_| "x".into());
        }
    }
    assert!(compiled > 1_000, "{compiled}");
}
