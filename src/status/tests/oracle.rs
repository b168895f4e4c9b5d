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
    CompareValues(&'static str, Box<Value>, Box<Value>),
    ValueIsNull(bool, Box<Value>),
    Like(bool, Box<Value>, &'static str, Option<char>),
    Contains(&'static str, Box<Value>),
}

/// What is computed.
#[derive(Clone, Debug)]
enum Value {
    Operand(Operand),
    Arithmetic(char, Box<Value>, Box<Value>),
    Negative(Box<Value>),
    Call(&'static str, Vec<Value>),
    Later(Box<Value>, i32),
    Case(Vec<(Condition, Value)>, Option<Box<Value>>),
    Match(Box<Value>, Vec<(Value, Value)>, Option<Box<Value>>),
}

impl Value {
    /// The text, with parentheses around what is more than one word.
    fn text(&self, all: bool) -> String {
        let otherwise = |value: &Option<Box<Value>>| match value {
            Some(value) => std::format!(" else {} end", value.text(all)),
            None => " end".to_owned(),
        };
        match self {
            Value::Operand(operand) => operand.text().to_owned(),
            Value::Arithmetic(operator, left, right) => {
                std::format!("({} {operator} {})", left.text(all), right.text(all))
            }
            Value::Negative(value) => std::format!("(- {})", value.text(all)),
            Value::Call(name, values) => {
                let values: Vec<String> = values.iter().map(|value| value.text(all)).collect();
                std::format!("{name}({})", values.join(", "))
            }
            // Some numbers of days are written in other units.
            Value::Later(value, days) => {
                let interval = match days.rem_euclid(3) {
                    0 => std::format!("{days} days"),
                    1 => std::format!("{} hours", days * 24),
                    _ => std::format!("{} minutes", days * 24 * 60),
                };
                std::format!("({} + interval '{interval}')", value.text(all))
            }
            Value::Case(whens, last) => {
                let whens =
                    whens.iter().map(|(when, then)| std::format!(" when {} then {}", when.text(all).0, then.text(all)));
                std::format!("case{}{}", whens.collect::<String>(), otherwise(last))
            }
            Value::Match(subject, whens, last) => {
                let whens =
                    whens.iter().map(|(when, then)| std::format!(" when {} then {}", when.text(all), then.text(all)));
                std::format!("case {}{}{}", subject.text(all), whens.collect::<String>(), otherwise(last))
            }
        }
    }

    fn value(&self, row: &[(&'static str, Fact)]) -> Fact {
        let last = |value: &Option<Box<Value>>| value.as_ref().map_or(Fact::Null, |value| value.value(row));
        match self {
            Value::Operand(operand) => operand.value(row),
            Value::Arithmetic(operator, left, right) => match (left.value(row), right.value(row)) {
                (Fact::Number(left), Fact::Number(right)) => Fact::Number(match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    '/' => left / right,
                    _ => left % right,
                }),
                _ => Fact::Null,
            },
            Value::Negative(value) => match value.value(row) {
                Fact::Number(value) => Fact::Number(-value),
                _ => Fact::Null,
            },
            Value::Later(value, days) => match value.value(row) {
                Fact::Timestamp(value) => Fact::Timestamp(value + *days as f64 * 86_400e6),
                _ => Fact::Null,
            },
            Value::Case(whens, otherwise) => match whens.iter().find(|(when, _)| when.truth(row) == Some(true)) {
                Some((_, then)) => then.value(row),
                None => last(otherwise),
            },
            Value::Match(subject, whens, otherwise) => {
                let subject = subject.value(row);
                match whens.iter().find(|(when, _)| compare("=", &subject, &when.value(row)) == Some(true)) {
                    Some((_, then)) => then.value(row),
                    None => last(otherwise),
                }
            }
            Value::Call(name, values) => {
                let values: Vec<Fact> = values.iter().map(|value| value.value(row)).collect();
                let known = || values.iter().filter(|value| **value != Fact::Null).cloned();
                let pick = |operator| {
                    known().reduce(|best, next| match compare(operator, &next, &best) {
                        Some(true) => next,
                        _ => best,
                    })
                };
                match (*name, &values[..]) {
                    ("coalesce", _) => known().next().unwrap_or(Fact::Null),
                    ("least", _) => pick("<").unwrap_or(Fact::Null),
                    ("greatest", _) => pick(">").unwrap_or(Fact::Null),
                    ("nullif", [left, right]) if compare("=", left, right) == Some(true) => Fact::Null,
                    ("nullif", [left, _]) => left.clone(),
                    ("abs", [Fact::Number(value)]) => Fact::Number(value.abs()),
                    ("lower", [Fact::Text(text)]) => Fact::Text(text.to_lowercase()),
                    ("days_between", [Fact::Timestamp(start), Fact::Timestamp(end)]) => {
                        Fact::Number((end - start) / 86_400e6)
                    }
                    _ => Fact::Null,
                }
            }
        }
    }
}

/// Whether a text is like a pattern, by recursion.
fn like(text: &[char], pattern: &[char], escape: Option<char>) -> bool {
    match pattern {
        [] => text.is_empty(),
        [first, wanted, rest @ ..] if Some(*first) == escape => {
            text.first() == Some(wanted) && like(&text[1..], rest, escape)
        }
        ['%', rest @ ..] => (0..=text.len()).any(|taken| like(&text[taken..], rest, escape)),
        [wanted, rest @ ..] => {
            !text.is_empty() && (*wanted == '_' || text[0] == *wanted) && like(&text[1..], rest, escape)
        }
    }
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
            Condition::CompareValues(operator, left, right) => {
                let level = if operator.starts_with("is") { NOT } else { COMPARE };
                (std::format!("{} {operator} {}", left.text(all), right.text(all)), level)
            }
            Condition::ValueIsNull(not, value) => (std::format!("{} is {}null", value.text(all), negation(*not)), IS),
            Condition::Like(not, value, pattern, escape) => {
                let escape = escape.map_or(String::new(), |escape| std::format!(" escape '{escape}'"));
                (std::format!("{} {}like '{pattern}'{escape}", value.text(all), negation(*not)), RANGE)
            }
            Condition::Contains(list, value) => (std::format!("list_contains({list}, {})", value.text(all)), OPERAND),
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
            Condition::CompareValues(operator, left, right) => compare(operator, &left.value(row), &right.value(row)),
            Condition::ValueIsNull(not, value) => Some((value.value(row) == Fact::Null) != *not),
            Condition::Like(not, value, pattern, escape) => match value.value(row) {
                Fact::Text(text) => {
                    let chars = |text: &str| text.chars().collect::<Vec<char>>();
                    Some(like(&chars(&text), &chars(pattern), *escape) != *not)
                }
                _ => None,
            },
            Condition::Contains(list, value) => {
                let list = &row.iter().find(|(field, _)| field == list).unwrap().1;
                match (list, value.value(row)) {
                    (Fact::Numbers(list), Fact::Number(value)) => Some(
                        list.iter().any(|&element| compare("=", &element.into(), &Fact::Number(value)) == Some(true)),
                    ),
                    (Fact::Texts(list), Fact::Text(value)) => Some(list.contains(&value.as_str())),
                    _ => None,
                }
            }
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

/// Values of one type, computed from operands; `more` adds what only this type has.
fn computed(
    operand: impl Strategy<Value = Operand> + 'static,
    more: fn(BoxedStrategy<Value>) -> BoxedStrategy<Value>,
) -> BoxedStrategy<Value> {
    let conditions = || {
        tests(operands(&["p", "q"], &[("true", true.into())])).prop_union(tests(operands(&["n"], &[("0", 0.0.into())])))
    };
    operand
        .prop_map(Value::Operand)
        .prop_recursive(3, 12, 3, move |part| {
            let parts = prop::collection::vec(part.clone(), 1..4);
            let choices = prop::sample::select(std::vec!["coalesce", "least", "greatest"]);
            let last = prop::option::of(part.clone().prop_map(Box::new));
            let whens = prop::collection::vec((conditions(), part.clone()), 1..3);
            let matches = prop::collection::vec((part.clone(), part.clone()), 1..3);
            let pair = (part.clone(), part.clone());
            prop_oneof![
                3 => more(part.clone().boxed()),
                2 => (choices, parts).prop_map(|(name, parts)| Value::Call(name, parts)),
                1 => pair.prop_map(|(left, right)| Value::Call("nullif", std::vec![left, right])),
                1 => (whens, last.clone()).prop_map(|(whens, last)| Value::Case(whens, last)),
                1 => (part, matches, last)
                    .prop_map(|(subject, whens, last)| Value::Match(Box::new(subject), whens, last)),
            ]
        })
        .boxed()
}

/// Conditions over computed values.
fn computed_tests() -> BoxedStrategy<Condition> {
    let time = || {
        operands(&["d"], &[("as_of", Fact::Timestamp(AS_OF)), ("date '2026-01-31'", Fact::Timestamp(AS_OF - 43_200e6))])
    };
    let times = computed(time(), |part| {
        (part, -400i32..400).prop_map(|(value, days)| Value::Later(Box::new(value), days)).boxed()
    });
    let number =
        operands(&["n", "m"], &[("0", 0.0.into()), ("-1", (-1.0).into()), ("2.5", 2.5.into()), ("1e22", 1e22.into())]);
    let numbers = computed(number, |part| {
        let operator = prop::sample::select(std::vec!['+', '-', '*', '/', '%']);
        prop_oneof![
            4 => (operator, part.clone(), part.clone())
                .prop_map(|(operator, left, right)| Value::Arithmetic(operator, Box::new(left), Box::new(right))),
            1 => part.clone().prop_map(|part| Value::Negative(Box::new(part))),
            1 => part.prop_map(|part| Value::Call("abs", std::vec![part])),
        ]
        .boxed()
    });
    let days =
        (times.clone(), times.clone()).prop_map(|(start, end)| Value::Call("days_between", std::vec![start, end]));
    let texts =
        computed(operands(&["s", "t"], &[("''", "".into()), ("'B'", "B".into()), ("'Ä%'", "Ä%".into())]), |part| {
            part.prop_map(|part| Value::Call("lower", std::vec![part])).boxed()
        });
    let booleans = computed(operands(&["p", "q"], &[("true", true.into())]), |part| part);
    let pattern = prop::sample::select(std::vec!["%", "_", "", "b%", "%s", "it_%", "ä!%", "%!%", "_%_"]);
    let pair = prop_oneof![
        3 => (numbers.clone(), prop_oneof![numbers.clone(), days.boxed()]),
        2 => (texts.clone(), texts.clone()),
        1 => (times.clone(), times.clone()),
        1 => (booleans.clone(), booleans.clone()),
    ];
    let one = prop_oneof![numbers.clone(), texts.clone(), times, booleans];
    prop_oneof![
        4 => (any_operator(), pair).prop_map(|(operator, (left, right))| {
            Condition::CompareValues(operator, Box::new(left), Box::new(right))
        }),
        1 => (any::<bool>(), one).prop_map(|(not, value)| Condition::ValueIsNull(not, Box::new(value))),
        2 => (any::<bool>(), texts.clone(), pattern, any::<bool>()).prop_map(|(not, value, pattern, escaped)| {
            Condition::Like(not, Box::new(value), pattern, escaped.then_some('!'))
        }),
        1 => texts.prop_map(|value| Condition::Contains("tags", Box::new(value))),
        1 => numbers.prop_map(|value| Condition::Contains("sizes", Box::new(value))),
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
        computed_tests(),
        computed_tests(),
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
        "IT'S".into(),
        "Ä%".into(),
        "\u{FF5E}".into(),
        "\u{1F600}".into(),
    ]);
    let boolean = prop::sample::select(std::vec![Fact::Null, true.into(), false.into()]);
    let time = prop::sample::select(std::vec![Fact::Null, Fact::Timestamp(AS_OF), Fact::Timestamp(0.0)]);
    let tags = prop::sample::select(std::vec![
        Fact::Null,
        Fact::Texts(std::vec![]),
        Fact::Texts(std::vec!["", "b"]),
        Fact::Texts(std::vec!["it's", "ä%"]),
    ]);
    let sizes = prop::sample::select(std::vec![
        Fact::Null,
        Fact::Numbers(std::vec![]),
        Fact::Numbers(std::vec![2.5, -0.0]),
        Fact::Numbers(std::vec![f64::NAN, 1.0]),
    ]);
    let pairs =
        (number.clone(), number, text.clone(), text.clone(), text, boolean.clone(), boolean, time, (tags, sizes));
    pairs.prop_map(|(n, m, s, t, plan, p, q, d, (tags, sizes))| {
        std::vec![
            ("n", n),
            ("m", m),
            ("s", s),
            ("t", t),
            ("plan", plan),
            ("p", p),
            ("q", q),
            ("d", d),
            ("tags", tags),
            ("sizes", sizes)
        ]
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
        let mut rules = "when s < '' or t < '' or n < m and false or p and false \
             or list_contains(tags, 'never') and false or list_contains(sizes, -7) then 'never' ".to_owned();
        for (place, condition) in conditions.iter().enumerate() {
            rules.push_str(&std::format!("when {} then '{place}' ", condition.text(all).0));
        }
        rules.push_str("else 'none'");
        let expected = conditions.iter().position(|condition| condition.truth(&row) == Some(true));
        let expected = expected.map_or("none".to_owned(), |place| place.to_string());
        prop_assert_eq!(status(&rules, &row), Some(expected), "{}", rules);
    }
}
