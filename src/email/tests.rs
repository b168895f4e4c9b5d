use super::*;
use crate::abi::Texts;
use alloc::format;
use alloc::string::{String, ToString};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn text(out: Output) -> Option<String> {
    (out.stream[1] != f64::from(crate::abi::NULL_LENGTH)).then(|| String::from_utf8(out.text).unwrap())
}

fn normal(email: &str, aliases: &str) -> Option<String> {
    let mut out = Output::default();
    normalize_email(email.as_bytes(), Some(aliases.as_bytes()), &mut out).unwrap();
    text(out)
}

fn domain(email: &str) -> Option<String> {
    let mut out = Output::default();
    email_domain(email.as_bytes(), &mut out).unwrap();
    text(out)
}

fn blocked(identifier: &str) -> bool {
    is_blocked_identifier(identifier.as_bytes(), Texts::new(&[], b"")).unwrap()
}

#[test]
fn lengths_are_those_of_the_standards() {
    let address = |local: usize, label: usize, labels: usize| {
        let domain = ["a".repeat(label).as_str()].repeat(labels).join(".");
        normal(&format!("{}@{domain}.com", "x".repeat(local)), "keep").is_some()
    };
    assert!(address(64, 63, 1) && !address(65, 63, 1) && !address(0, 63, 1));
    assert!(!address(1, 64, 1) && !address(1, 0, 1));
    // Labels of 49 bytes: 5 of them, dots and com are 253 bytes.
    assert!(address(1, 49, 5) && !address(1, 50, 5));
}

#[test]
fn blanks_are_those_of_unicode_and_two_without_width() {
    for point in (0..=0x10_FFFF).filter_map(char::from_u32) {
        let blank = point.is_whitespace() || point == '\u{200b}' || point == '\u{feff}';
        assert_eq!(domain(&format!("{point}a@b.co{point}")).is_some_and(|domain| domain == "b.co"), blank, "{point:?}");
        if blank || point.is_control() {
            assert_eq!(domain(&format!("a{point}a@b.co")), None, "{point:?}");
            assert_eq!(domain(&format!("a@b{point}b.co")), None, "{point:?}");
        }
    }
}

#[test]
fn every_character_comes_back_as_its_lower_case() {
    for point in
        ('\u{a1}'..=char::MAX).filter(|point| !point.is_whitespace() && !['\u{200b}', '\u{feff}'].contains(point))
    {
        let lower = char::from_u32(crate::lower::lower(point as u32)).unwrap();
        assert_eq!(normal(&format!("{point}@b.co"), "keep"), Some(format!("{lower}@b.co")), "{point:?}");
    }
}

#[test]
fn what_is_no_address_is_none() {
    for wrong in [
        "",
        "@",
        "a",
        "a@",
        "@b.co",
        "a@b",
        "a@.co",
        "a@b.",
        "a@b..co",
        "a@-b.co",
        "a@b-.co",
        "a@b.1",
        "a@1.2.3.4",
        "a@b@c.co",
        "a@@b.co",
        "a b@c.co",
        "a@b c.co",
        "a,b@c.co",
        "\"a\"@b.co",
        "(a)@b.co",
        "a@[1.2.3.4]",
        "a@b_c.co",
        "a\u{0}@b.co",
        "a\u{7f}@b.co",
        "a\u{80}@b.co",
        "a@b.co;c@d.co",
        "mailto:a@b.co",
        "<a@b.co>",
    ] {
        assert_eq!(domain(wrong), None, "{wrong:?}");
    }
    assert_eq!(
        normal("!#$%&'*+/=?^_`{|}~-.9Z@3.A-b.XN--P1AI", "keep").unwrap(),
        "!#$%&'*+/=?^_`{|}~-.9z@3.a-b.xn--p1ai"
    );
}

#[test]
fn bytes_that_are_no_text_are_no_address() {
    assert!(Address::parse(b"a\xff@b.co").is_none() && Address::parse(b"a@b\xc3.co").is_none());
    assert_eq!(is_blocked_identifier(b"\xff", Texts::new(&[], b"")), Ok(false));
}

#[test]
fn roles_are_found_however_they_are_written() {
    for role in ["info", "INFO", "no-reply", "no_reply", "No.Reply", "noreply+abc", "customer.service", "postmaster"] {
        assert!(blocked(&format!("{role}@gmail.com")), "{role}");
    }
    for person in ["jane", "information.desk.jane", "infox", "i", "+info", "-", "salesforce"] {
        assert!(!blocked(&format!("{person}@acme.com")), "{person}");
    }
    assert!(!blocked("info") && !blocked("info@acme"));
}

#[test]
fn the_specifications_values_are_blocked() {
    for value in
        ["", "0", "000", "-", "0-0", "-1", "null", "NULL", " Null ", "anonymous", "undefined", "NaN", "[object Object]"]
    {
        assert!(blocked(value), "{value:?}");
    }
    for value in ["1", "-2", "0a", "10", "nullable", "0 0", "jane", "null@acme.com"] {
        assert!(!blocked(value), "{value:?}");
    }
}

/// Whether a text is an address by the words of the documentation, written in another way: with the HTML standard's parts.
fn reference(email: &str) -> Option<String> {
    let blank = |point: char| point.is_whitespace() || point == '\u{200b}' || point == '\u{feff}';
    let lowered: String = email
        .trim_matches(blank)
        .chars()
        .map(|point| char::from_u32(crate::lower::lower(point as u32)).unwrap())
        .collect();
    let (local, domain) = lowered.split_once('@')?;
    let beyond = |point: char| point > '\u{7f}' && !point.is_control() && !blank(point);
    let local_fits = (1..=64).contains(&local.len())
        && local
            .chars()
            .all(|point| beyond(point) || point.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(point));
    let labels: BTreeSet<&str> = domain.split('.').collect();
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|point| beyond(point) || point.is_ascii_alphanumeric() || point == '-')
    };
    let last = domain.rsplit('.').next()?;
    let domain_fits = domain.contains('.')
        && domain.len() <= 253
        && labels.into_iter().all(label_fits)
        && last.chars().any(|point| !point.is_ascii_digit());
    (local_fits && domain_fits).then(|| format!("{local}@{domain}"))
}

fn address_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-zA-Z0-9]{1,4}",
        3 => Just("@".to_string()),
        4 => Just(".".to_string()),
        2 => Just("+".to_string()),
        1 => Just("-".to_string()),
        1 => "[ \u{a0}\u{200b}\t_,\u{7}\u{85}ÄΟΣİ日\u{1f600}]",
        1 => Just("gmail.com".to_string()),
    ];
    prop_oneof![
        3 => prop::collection::vec(piece.clone(), 0..12).prop_map(|pieces| pieces.concat()),
        2 => (prop::collection::vec(piece, 1..5), "[ ]?@(gmail.com|GoogleMail.com|acme.co.uk)[ \u{3000}]?")
            .prop_map(|(pieces, domain)| pieces.concat().replace('@', "") + &domain),
    ]
}

/// In whatever order dots and tag go, something is left, and the same.
#[test]
fn a_local_part_of_dots_and_a_tag_stays() {
    for (way, left) in [("tags", ".+x"), ("dots", "+x"), ("tags_and_dots", "+x")] {
        assert_eq!(normal(".+x@gmail.com", way), Some(format!("{left}@gmail.com")), "{way}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn addresses_are_those_of_the_reference(email in address_like()) {
        let expected = reference(&email);
        prop_assert_eq!(domain(&email), expected.as_ref().map(|found| found.split_once('@').unwrap().1.to_string()));
        prop_assert_eq!(normal(&email, "keep"), expected);
    }

    #[test]
    fn what_is_normal_stays_so(email in address_like(), first in 0usize..4, second in 0usize..4) {
        let ways = ["keep", "tags", "dots", "tags_and_dots"];
        let Some(once) = normal(&email, ways[first]) else { return Ok(()) };
        prop_assert_eq!(normal(&once, ways[first]), Some(once.clone()));
        prop_assert_eq!(normal(&once, "keep"), Some(once.clone()));
        // What one way removes does not depend on what the other has removed.
        if first != 0 && second != 0 && first != second {
            prop_assert_eq!(normal(&normal(&email, ways[second]).unwrap(), "tags_and_dots"), normal(&email, "tags_and_dots"));
        }
    }

    #[test]
    fn aliases_of_one_mailbox_are_one_address(local in "[a-z]{1,9}", tag in "[a-z.+]{0,5}", dots in prop::collection::vec(any::<bool>(), 9)) {
        let dotted: String = local.chars().zip(dots).flat_map(|(point, dot)| [Some(point), dot.then_some('.')]).flatten().collect();
        prop_assert_eq!(normal(&format!("{dotted}+{tag}@googlemail.com"), "tags_and_dots"), Some(format!("{local}@gmail.com")));
    }

    #[test]
    fn any_bytes_are_an_address_or_none(bytes: std::vec::Vec<u8>) {
        let mut out = Output::default();
        normalize_email(&bytes, None, &mut out).unwrap();
        prop_assert!(String::from_utf8(out.text).is_ok());
    }
}
