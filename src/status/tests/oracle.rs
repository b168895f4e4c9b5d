//! The compiled rules against a slow evaluator of the same conditions, which knows nothing of tokens, types or jumps.

use super::*;
use proptest::prelude::*;
use std::borrow::ToOwned;
use std::boxed::Box;
use std::cmp::Ordering;

/// An operand with its text in rules and how to get its value.
#[derive(Clone, Debug)]
enum Operand {
    Field(&'static str),
    Literal(&'static str, Fact),
}

#[derive(Clone, Debug)]
enum Condition {
    Truth(Operand),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Compare(&'static str, Operand, Operand),
    CompareConditions(&'static str, Box<Condition>, Box<Condition>),
    Between(bool, Operand, Operand, Operand),
    In(bool, Operand, Vec<Operand>),
    IsNull(bool, Operand),
    ConditionIsNull(bool, Box<Condition>),
    Is(bool, bool, Box<Condition>),
}

/// Precedence of what a text stands for, loosest first.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const IS: u8 = 4;
const COMPARE: u8 = 5;
const RANGE: u8 = 6;
const OPERAND: u8 = 7;

fn negation(negated: bool) -> &'static str {
    if negated { "not " } else { "" }
}

impl Operand {
    fn text(&self) -> &'static str {
        match self {
            Operand::Field(text) | Operand::Literal(text, _) => text,
        }
    }

    fn value(&self, row: &[(&'static str, Fact)]) -> Fact {
        match self {
            Operand::Field(name) => row.iter().find(|(field, _)| field == name).unwrap().1.clone(),
            Operand::Literal(_, value) => value.clone(),
        }
    }
}

impl Condition {
    /// The text and its precedence, with no more parentheses than needed, or with all.
    fn text(&self, all: bool) -> (String, u8) {
        let list = |items: &[Operand]| items.iter().map(Operand::text).collect::<Vec<_>>().join(", ");
        let inner = |condition: &Condition, least: &[u8]| {
            let (text, level) = condition.text(all);
            if !all && least.contains(&level) { text } else { std::format!("({text})") }
        };
        match self {
            Condition::Truth(operand) => (operand.text().to_owned(), OPERAND),
            Condition::Not(part) => (std::format!("not {}", inner(part, &[NOT, IS, COMPARE, RANGE, OPERAND])), NOT),
            Condition::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| inner(part, &[NOT, IS, COMPARE, RANGE, OPERAND])).collect();
                (parts.join(" and "), AND)
            }
            Condition::Or(parts) => {
                let parts: Vec<_> =
                    parts.iter().map(|part| inner(part, &[AND, NOT, IS, COMPARE, RANGE, OPERAND])).collect();
                (parts.join(" or "), OR)
            }
            Condition::Compare(operator, left, right) => {
                let level = if operator.starts_with("is") { NOT } else { COMPARE };
                (std::format!("{} {operator} {}", left.text(), right.text()), level)
            }
            Condition::CompareConditions(operator, left, right) => {
                let distinct = operator.starts_with("is");
                let left = inner(left, if distinct { &[IS, COMPARE, RANGE, OPERAND] } else { &[IS, RANGE, OPERAND] });
                // What begins with IS TRUE would be torn apart, so on the right only tighter operators go bare.
                let right = inner(right, &[RANGE, OPERAND]);
                // IS DISTINCT FROM, which nothing may follow, counts as loose as NOT.
                (std::format!("{left} {operator} {right}"), if distinct { NOT } else { COMPARE })
            }
            Condition::Between(not, operand, low, high) => {
                let parts = (operand.text(), negation(*not), low.text(), high.text());
                (std::format!("{} {}between {} and {}", parts.0, parts.1, parts.2, parts.3), RANGE)
            }
            Condition::In(not, operand, items) => {
                (std::format!("{} {}in ({})", operand.text(), negation(*not), list(items)), RANGE)
            }
            Condition::IsNull(not, operand) => (std::format!("{} is {}null", operand.text(), negation(*not)), IS),
            Condition::ConditionIsNull(not, part) => {
                (std::format!("{} is {}null", inner(part, &[IS, COMPARE, RANGE]), negation(*not)), IS)
            }
            Condition::Is(not, value, part) => {
                let part = inner(part, &[IS, COMPARE, RANGE, OPERAND]);
                (std::format!("{part} is {}{value}", negation(*not)), IS)
            }
        }
    }

    /// The truth by the tables of SQL.
    fn truth(&self, row: &[(&'static str, Fact)]) -> Option<bool> {
        let signed = |not: bool, truth: Option<bool>| truth.map(|truth| truth != not);
        match self {
            Condition::Truth(operand) => match operand.value(row) {
                Fact::Boolean(value) => Some(value),
                _ => None,
            },
            Condition::Not(part) => part.truth(row).map(|truth| !truth),
            Condition::And(parts) => parts.iter().map(|part| part.truth(row)).reduce(and).unwrap(),
            Condition::Or(parts) => parts.iter().map(|part| part.truth(row)).reduce(or).unwrap(),
            Condition::Compare(operator, left, right) => compare(operator, &left.value(row), &right.value(row)),
            Condition::CompareConditions(operator, left, right) => {
                let fact = |truth: Option<bool>| truth.map_or(Fact::Null, Fact::Boolean);
                compare(operator, &fact(left.truth(row)), &fact(right.truth(row)))
            }
            Condition::Between(not, operand, low, high) => {
                let value = operand.value(row);
                let low = compare(">=", &value, &low.value(row));
                signed(*not, and(low, compare("<=", &value, &high.value(row))))
            }
            Condition::In(not, operand, items) => {
                let value = operand.value(row);
                let found = items.iter().map(|item| compare("=", &value, &item.value(row)));
                signed(*not, found.reduce(or).unwrap())
            }
            Condition::IsNull(not, operand) => Some((operand.value(row) == Fact::Null) != *not),
            Condition::ConditionIsNull(not, part) => Some(part.truth(row).is_none() != *not),
            Condition::Is(not, value, part) => Some((part.truth(row) == Some(*value)) != *not),
        }
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn compare(operator: &str, left: &Fact, right: &Fact) -> Option<bool> {
    let ordering = match (left, right) {
        (Fact::Number(left), Fact::Number(right)) => {
            left.partial_cmp(right).unwrap_or(left.is_nan().cmp(&right.is_nan()))
        }
        (Fact::Timestamp(left), Fact::Timestamp(right)) => left.partial_cmp(right).unwrap(),
        (Fact::Boolean(left), Fact::Boolean(right)) => left.cmp(right),
        (Fact::Text(left), Fact::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
        (Fact::Null, Fact::Null) if operator.starts_with("is") => Ordering::Equal,
        (Fact::Null, _) | (_, Fact::Null) if operator.starts_with("is") => Ordering::Less,
        (Fact::Null, _) | (_, Fact::Null) => return None,
        mixed => panic!("{mixed:?}"),
    };
    Some(match operator {
        "=" | "is not distinct from" => ordering == Ordering::Equal,
        "<>" | "is distinct from" => ordering != Ordering::Equal,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        ">" => ordering == Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        other => panic!("{other}"),
    })
}

fn any_operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(std::vec!["=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"])
}

/// Operands of one type: its fields, its literals, NULL.
fn operands(
    fields: &[&'static str],
    literals: &[(&'static str, Fact)],
) -> impl Strategy<Value = Operand> + Clone + use<> {
    let mut choices: Vec<Operand> = fields.iter().map(|field| Operand::Field(field)).collect();
    choices.extend(literals.iter().map(|(text, value)| Operand::Literal(text, value.clone())));
    choices.push(Operand::Literal("null", Fact::Null));
    prop::sample::select(choices)
}

/// Conditions without conditions inside, over operands of one type.
fn tests(operand: impl Strategy<Value = Operand> + Clone + 'static) -> BoxedStrategy<Condition> {
    let (one, two, three) = (operand.clone(), operand.clone(), operand.clone());
    let items = prop::collection::vec(operand.clone(), 1..4);
    prop_oneof![
        4 => (any_operator(), one.clone(), two.clone())
            .prop_map(|(operator, left, right)| Condition::Compare(operator, left, right)),
        1 => (any::<bool>(), one.clone(), two, three).prop_map(|(not, a, b, c)| Condition::Between(not, a, b, c)),
        1 => (any::<bool>(), one.clone(), items).prop_map(|(not, a, items)| Condition::In(not, a, items)),
        1 => (any::<bool>(), one).prop_map(|(not, a)| Condition::IsNull(not, a)),
    ]
    .boxed()
}

fn conditions() -> impl Strategy<Value = Condition> {
    let numbers =
        [("0", 0.0.into()), ("-1", (-1.0).into()), ("2.5", 2.5.into()), ("1e22", 1e22.into()), ("0.1", 0.1.into())];
    let texts = [("''", "".into()), ("'b'", "b".into()), ("'it''s'", "it's".into()), ("'\u{FF5E}'", "\u{FF5E}".into())];
    let booleans = [("true", true.into()), ("false", false.into())];
    let times = [("as_of", Fact::Timestamp(AS_OF)), ("date '2026-01-31'", Fact::Timestamp(AS_OF - 43_200e6))];
    let code = prop::sample::select(std::vec![
        Operand::Literal("'b'", "b".into()),
        Operand::Literal("''", "".into()),
        Operand::Literal("null", Fact::Null),
    ]);
    let equality = prop::sample::select(std::vec!["=", "<>", "is distinct from", "is not distinct from"]);
    let leaf = prop_oneof![
        operands(&["p", "q"], &booleans).prop_map(Condition::Truth),
        tests(operands(&["p", "q"], &booleans)),
        tests(operands(&["n", "m"], &numbers)),
        tests(operands(&["s", "t"], &texts)),
        tests(operands(&["d"], &times)),
        (equality, code.clone(), any::<bool>()).prop_map(|(operator, literal, turned)| {
            let plan = Operand::Field("plan");
            let (left, right) = if turned { (literal, plan) } else { (plan, literal) };
            Condition::Compare(operator, left, right)
        }),
        (any::<bool>(), prop::collection::vec(code, 1..4)).prop_map(|(not, items)| Condition::In(
            not,
            Operand::Field("plan"),
            items
        )),
    ];
    leaf.prop_recursive(5, 24, 3, |part| {
        let parts = prop::collection::vec(part.clone(), 2..4);
        let boxed = part.prop_map(Box::new);
        prop_oneof![
            2 => boxed.clone().prop_map(Condition::Not),
            3 => parts.clone().prop_map(Condition::And),
            3 => parts.prop_map(Condition::Or),
            2 => (any_operator(), boxed.clone(), boxed.clone())
                .prop_map(|(operator, left, right)| Condition::CompareConditions(operator, left, right)),
            1 => (any::<bool>(), boxed.clone()).prop_map(|(not, part)| match *part {
                Condition::Truth(operand) => Condition::IsNull(not, operand),
                _ => Condition::ConditionIsNull(not, part),
            }),
            1 => (any::<bool>(), any::<bool>(), boxed).prop_map(|(not, value, part)| Condition::Is(not, value, part)),
        ]
    })
}

fn rows() -> impl Strategy<Value = Vec<(&'static str, Fact)>> {
    let number = prop::sample::select(std::vec![
        Fact::Null,
        0.0.into(),
        (-0.0).into(),
        (-1.0).into(),
        2.5.into(),
        1e22.into(),
        f64::NAN.into(),
        f64::INFINITY.into(),
        f64::NEG_INFINITY.into(),
    ]);
    let text = prop::sample::select(std::vec![
        Fact::Null,
        "".into(),
        "b".into(),
        "it's".into(),
        "\u{FF5E}".into(),
        "\u{1F600}".into(),
    ]);
    let boolean = prop::sample::select(std::vec![Fact::Null, true.into(), false.into()]);
    let time = prop::sample::select(std::vec![Fact::Null, Fact::Timestamp(AS_OF), Fact::Timestamp(0.0)]);
    let pairs = (number.clone(), number, text.clone(), text.clone(), text, boolean.clone(), boolean, time);
    pairs.prop_map(|(n, m, s, t, plan, p, q, d)| {
        std::vec![("n", n), ("m", m), ("s", s), ("t", t), ("plan", plan), ("p", p), ("q", q), ("d", d)]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn every_condition_has_the_truth_of_the_tables(
        conditions in prop::collection::vec(conditions(), 1..4),
        row in rows(),
        all in any::<bool>(),
    ) {
        // Tells the types of facts that are otherwise only compared with each other; no text is less than the empty
        // one.
        let mut rules = "when s < '' or t < '' or n < m and false or p and false then 'never' ".to_owned();
        for (place, condition) in conditions.iter().enumerate() {
            rules.push_str(&std::format!("when {} then '{place}' ", condition.text(all).0));
        }
        rules.push_str("else 'none'");
        let expected = conditions.iter().position(|condition| condition.truth(&row) == Some(true));
        let expected = expected.map_or("none".to_owned(), |place| place.to_string());
        prop_assert_eq!(status(&rules, &row), Some(expected), "{}", rules);
    }
}
