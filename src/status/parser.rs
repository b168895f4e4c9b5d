//! From tokens to a tree, with the precedence of SQL as DuckDB has it.
//!
//! The grammar is what DuckDB 1.5 and 2.0 both accept and read alike; where they differ (a comparison as a bound of
//! BETWEEN, IS after IS DISTINCT FROM), parentheses are asked for.

use super::MAX_DEPTH;
use super::fault::{Fault, Result};
use super::lexer::{Keyword, Lexer, TokenKind, is_same_word};
use super::number;
use super::program::Function;
use super::texts::{TextId, Texts};
use super::tree::{Kind, NodeId, Tree};
use super::truth::Comparison;
use super::types::Type;
use crate::timestamp::{self, MICROSECONDS_PER_DAY};
use alloc::vec::Vec;

pub(super) const TOO_DEEP: &str = "conditions are nested deeper than 64 levels";
/// The bytes of a date in ISO-8601.
const DATE_LENGTH: usize = 10;

/// Precedence, loosest first.
mod level {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const IS: u8 = 4;
    pub const COMPARE: u8 = 5;
    /// BETWEEN, IN and LIKE.
    pub const RANGE: u8 = 6;
    pub const SUM: u8 = 7;
    pub const PRODUCT: u8 = 8;
}

/// The functions with how many operands they take; 0 stands for one or more. CONTAINS is a condition.
static FUNCTIONS: [(&str, Kind, usize); 9] = [
    ("abs", Kind::Call(Function::Abs), 1),
    ("coalesce", Kind::Call(Function::Coalesce), 0),
    ("contains", Kind::Contains, 2),
    ("days_between", Kind::Call(Function::DaysBetween), 2),
    ("greatest", Kind::Call(Function::Greatest), 0),
    ("least", Kind::Call(Function::Least), 0),
    ("list_contains", Kind::Contains, 2),
    ("lower", Kind::Call(Function::Lower), 1),
    ("nullif", Kind::Call(Function::Nullif), 2),
];

/// What no text has: the pattern of a LIKE without ESCAPE.
const NO_ESCAPE: u32 = u32::MAX;
/// The most days of an interval, 2,700 years: no sum leaves what a timestamp can be.
const MAX_COUNT: f64 = 1e6;
/// The units of intervals, in microseconds.
static UNITS: [(&str, f64); 3] = [("day", MICROSECONDS_PER_DAY), ("hour", 3_600e6), ("minute", 60e6)];

/// `when <condition> then <status>`, or an expression that stands alone.
pub(super) struct Rule {
    pub condition: NodeId,
    /// What it must be: a boolean in rules.
    pub of: Type,
    pub status: Option<u32>,
}

/// Rules or expressions, read.
#[derive(Default)]
pub(super) struct Parsed {
    pub tree: Tree,
    pub rules: Vec<Rule>,
    /// The status when no rule holds.
    pub otherwise: Option<u32>,
    /// Where each rule and ELSE begin and end.
    pub spans: Vec<[u32; 2]>,
    /// Whether a fact that a row does not have is NULL: `ON_MISSING NULL`.
    pub missing_is_null: bool,
    /// The names of the facts, by field number.
    pub fields: Vec<TextId>,
    /// The statuses in the order in which they first appear.
    pub statuses: Vec<TextId>,
    pub texts: Texts,
    /// Field and status numbers by text.
    field_of: Vec<u32>,
    status_of: Vec<u32>,
    /// Why `as_of` may not be used, where it may not.
    pub refuses_as_of: Option<&'static str>,
    /// Whether `occurred_at` is the point in time that `as_of` is elsewhere, and no field.
    pub knows_occurred_at: bool,
}

impl Parsed {
    /// Reads a rule text.
    pub fn rules(&mut self, source: &[u8]) -> core::result::Result<(), Fault> {
        self.read(source, 0, |parser| parser.rules())
    }

    /// Reads the expression from an offset of the source to its end, as one more rule.
    pub fn expression(&mut self, source: &[u8], at: usize, of: Type) -> core::result::Result<(), Fault> {
        self.read(source, at, |parser| parser.alone(of))
    }

    #[inline]
    fn read(
        &mut self,
        source: &[u8],
        at: usize,
        read: impl FnOnce(&mut Parser<'_, '_>) -> Result<()>,
    ) -> core::result::Result<(), Fault> {
        let mut parser = Parser { lexer: Lexer::new(source, at), parsed: self, depth: 0 };
        let read = read(&mut parser);
        match parser.lexer.fault {
            Some(fault) if read.is_err() => Err(fault),
            _ => Ok(()),
        }
    }
}

struct Parser<'a, 'p> {
    lexer: Lexer<'a>,
    parsed: &'p mut Parsed,
    /// Open parentheses and NOTs.
    depth: usize,
}

/// The number of `text` among `numbered`, which it joins if it is new.
#[inline(never)]
fn number_of(text: TextId, numbers: &mut Vec<u32>, numbered: &mut Vec<TextId>) -> u32 {
    let place = text as usize;
    if place >= numbers.len() {
        numbers.resize(place + 1, u32::MAX);
    }
    if numbers[place] == u32::MAX {
        numbers[place] = numbered.len() as u32;
        numbered.push(text);
    }
    numbers[place]
}

impl Parser<'_, '_> {
    fn at(&self, keyword: Keyword) -> bool {
        self.lexer.kind == TokenKind::Keyword(keyword)
    }

    /// Reads a keyword if it is the next token.
    #[inline(never)]
    fn take(&mut self, keyword: Keyword) -> Result<bool> {
        let found = self.at(keyword);
        if found {
            self.lexer.advance()?;
        }
        Ok(found)
    }

    #[inline(never)]
    fn expect(&mut self, kind: TokenKind, what: &str) -> Result<()> {
        if self.lexer.kind == kind { self.lexer.advance() } else { Err(self.lexer.expected(what)) }
    }

    /// Whether the next token is this word, which is a name anywhere else.
    #[inline(never)]
    fn at_word(&self, word: &str) -> bool {
        self.lexer.kind == TokenKind::Name && is_same_word(self.lexer.bytes(), word)
    }

    fn rules(&mut self) -> Result<()> {
        self.lexer.advance()?;
        if self.at_word("on_missing") {
            self.lexer.advance()?;
            self.expect(TokenKind::Keyword(Keyword::Null), "NULL")?;
            self.parsed.missing_is_null = true;
        }
        let case = self.take(Keyword::Case)?;
        loop {
            let start = self.lexer.start;
            if !self.take(Keyword::When)? {
                break;
            }
            let condition = self.expression(level::OR)?;
            self.expect(TokenKind::Keyword(Keyword::Then), "THEN")?;
            let status = self.status(start)?;
            self.parsed.rules.push(Rule { condition, of: Type::Boolean, status });
        }
        if self.parsed.rules.is_empty() {
            return Err(self.lexer.expected("WHEN"));
        }
        let start = self.lexer.start;
        self.expect(TokenKind::Keyword(Keyword::Else), "WHEN or ELSE")?;
        self.parsed.otherwise = self.status(start)?;
        if case {
            self.expect(TokenKind::Keyword(Keyword::End), "END")?;
        }
        if self.lexer.kind == TokenKind::End { Ok(()) } else { Err(self.lexer.expected("the end of the rules")) }
    }

    /// An expression and nothing else.
    fn alone(&mut self, of: Type) -> Result<()> {
        self.lexer.advance()?;
        let condition = self.expression(level::OR)?;
        if self.lexer.kind != TokenKind::End {
            return Err(self.lexer.expected("an operator, or the end"));
        }
        self.parsed.rules.push(Rule { condition, of, status: None });
        Ok(())
    }

    /// The status at the end of a rule that begins at an offset.
    fn status(&mut self, start: usize) -> Result<Option<u32>> {
        self.parsed.spans.push([start as u32, self.lexer.end() as u32]);
        let status = match self.lexer.kind {
            TokenKind::Keyword(Keyword::Null) => None,
            TokenKind::Text => {
                let text = self.parsed.texts.intern(self.lexer.bytes());
                Some(number_of(text, &mut self.parsed.status_of, &mut self.parsed.statuses))
            }
            _ => return Err(self.lexer.expected("a status in single quotes, or NULL")),
        };
        self.lexer.advance()?;
        Ok(status)
    }

    /// Reads a parenthesis or NOT at the next token, one level down.
    #[inline(never)]
    fn descend(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth >= MAX_DEPTH {
            return Err(self.lexer.refuse(self.lexer.start, TOO_DEEP));
        }
        self.lexer.advance()
    }

    /// An expression of operators that bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<NodeId> {
        let mut at = self.lexer.start;
        let mut left = if self.at(Keyword::Not) && (least <= level::NOT || least == level::RANGE) {
            self.descend()?;
            let operand = self.expression(level::NOT)?;
            self.depth -= 1;
            self.parsed.tree.parent(Kind::Not, at, operand)
        } else {
            self.operand()?
        };
        // The level whose operators may not follow: SQL has no chains of comparisons, BETWEENs or IS DISTINCT FROMs.
        let mut chained = 0;
        // The level of the operator before.
        let mut last = u8::MAX;
        loop {
            at = self.lexer.start;
            // What follows IS and NOT decides their node.
            let (level, kind) = match self.lexer.kind {
                TokenKind::Keyword(Keyword::Or) => (level::OR, Kind::Or),
                TokenKind::Keyword(Keyword::And) => (level::AND, Kind::And),
                TokenKind::Keyword(Keyword::Is) => (level::IS, Kind::IsNull),
                TokenKind::Comparison(comparison) => (level::COMPARE, Kind::Compare(comparison)),
                TokenKind::Keyword(Keyword::Between) => (level::RANGE, Kind::Between),
                TokenKind::Keyword(Keyword::In) => (level::RANGE, Kind::In),
                TokenKind::Keyword(Keyword::Like) => (level::RANGE, Kind::Like(NO_ESCAPE)),
                TokenKind::Keyword(Keyword::Not) => (level::RANGE, Kind::Not),
                TokenKind::Plus => (level::SUM, Kind::Call(Function::Add)),
                TokenKind::Minus => (level::SUM, Kind::Call(Function::Subtract)),
                TokenKind::Times => (level::PRODUCT, Kind::Call(Function::Multiply)),
                TokenKind::Divide => (level::PRODUCT, Kind::Call(Function::Divide)),
                TokenKind::Modulo => (level::PRODUCT, Kind::Call(Function::Modulo)),
                _ => return Ok(left),
            };
            if level < least {
                return Ok(left);
            }
            // DuckDB 2.0 reads no tighter operator after a looser one that is complete, as IN after IS NULL.
            if level == chained || level >= level::RANGE && level + (level == level::RANGE) as u8 > last {
                let message = "comparisons cannot follow each other: combine them with AND, or use parentheses";
                return Err(self.lexer.refuse(at, message));
            }
            chained = 0;
            last = level;
            self.lexer.advance()?;
            left = match level {
                level::SUM if self.at(Keyword::Interval) => {
                    let microseconds = self.interval()?;
                    let forward = matches!(kind, Kind::Call(Function::Add));
                    let shift = Kind::Shift(if forward { microseconds } else { -microseconds });
                    self.parsed.tree.parent(shift, at, left)
                }
                level::OR | level::AND | level::SUM | level::PRODUCT => {
                    let right = self.expression(level + 1)?;
                    self.join(kind, at, left, right)
                }
                level::COMPARE => {
                    chained = level;
                    let right = self.expression(level + 1)?;
                    let node = self.parsed.tree.parent(kind, at, left);
                    self.parsed.tree.add(node, right);
                    node
                }
                level::IS => self.test(at, left, &mut chained)?,
                _ => self.range(kind, at, left, &mut chained)?,
            };
        }
    }

    /// `left AND right`, `left + right`: one node for a whole chain, so that long chains are not deep.
    #[inline(never)]
    fn join(&mut self, kind: Kind, at: usize, left: NodeId, right: NodeId) -> NodeId {
        let tree = &mut self.parsed.tree;
        let parent = match (kind, tree.kind(left)) {
            (Kind::And, Kind::And) | (Kind::Or, Kind::Or) => left,
            (Kind::Call(function), Kind::Call(before)) if function == before => left,
            _ => tree.parent(kind, at, left),
        };
        tree.add(parent, right);
        parent
    }

    #[inline(never)]
    fn negated(&mut self, negated: bool, at: usize, node: NodeId) -> NodeId {
        if negated { self.parsed.tree.parent(Kind::Not, at, node) } else { node }
    }

    /// What follows IS.
    #[inline(never)]
    fn test(&mut self, at: usize, left: NodeId, chained: &mut u8) -> Result<NodeId> {
        let not = self.take(Keyword::Not)?;
        let kind = match self.lexer.kind {
            TokenKind::Keyword(Keyword::Null) => Kind::IsNull,
            TokenKind::Keyword(Keyword::True) => Kind::Is(true),
            TokenKind::Keyword(Keyword::False) => Kind::Is(false),
            TokenKind::Keyword(Keyword::Distinct) => Kind::Compare(Comparison::DISTINCT),
            _ => return Err(self.lexer.expected("NULL, TRUE, FALSE or DISTINCT FROM")),
        };
        self.lexer.advance()?;
        let node = self.parsed.tree.parent(kind, at, left);
        if let Kind::Compare(_) = kind {
            self.expect(TokenKind::Keyword(Keyword::From), "FROM")?;
            *chained = level::IS;
            let right = self.expression(level::COMPARE)?;
            self.parsed.tree.add(node, right);
        }
        Ok(self.negated(not, at, node))
    }

    /// What follows BETWEEN, IN, LIKE, or a NOT that must be followed by one of them.
    #[inline(never)]
    fn range(&mut self, mut kind: Kind, at: usize, left: NodeId, chained: &mut u8) -> Result<NodeId> {
        let not = matches!(kind, Kind::Not);
        if not {
            kind = match self.lexer.kind {
                TokenKind::Keyword(Keyword::Between) => Kind::Between,
                TokenKind::Keyword(Keyword::In) => Kind::In,
                TokenKind::Keyword(Keyword::Like) => Kind::Like(NO_ESCAPE),
                _ => return Err(self.lexer.expected("IN, BETWEEN or LIKE")),
            };
            self.lexer.advance()?;
        }
        let node = self.parsed.tree.parent(kind, at, left);
        if let Kind::In = kind {
            self.list("( after IN", node)?;
        } else {
            let next = self.expression(level::SUM)?;
            self.parsed.tree.add(node, next);
            if let Kind::Between = kind {
                self.expect(TokenKind::Keyword(Keyword::And), "AND")?;
                let high = self.expression(level::SUM)?;
                self.parsed.tree.add(node, high);
            } else if self.at_word("escape") {
                self.lexer.advance()?;
                let escape = match (self.lexer.kind, self.lexer.bytes()) {
                    (TokenKind::Text, [_, _]) => NO_ESCAPE,
                    (TokenKind::Text, [_, byte, _]) => *byte as u32,
                    (TokenKind::Text, b"''''") => '\'' as u32,
                    _ => return Err(self.lexer.expected("one ASCII character in single quotes, or none")),
                };
                self.lexer.advance()?;
                self.parsed.tree.set_kind(node, Kind::Like(escape));
            }
            *chained = level::RANGE;
        }
        Ok(self.negated(not, at, node))
    }

    /// Expressions in parentheses, as children of a node.
    #[inline(never)]
    fn list(&mut self, expected: &str, node: NodeId) -> Result<()> {
        if self.lexer.kind != TokenKind::Open {
            return Err(self.lexer.expected(expected));
        }
        self.descend()?;
        loop {
            let item = self.expression(level::OR)?;
            self.parsed.tree.add(node, item);
            if self.lexer.kind != TokenKind::Comma {
                break;
            }
            self.lexer.advance()?;
        }
        self.depth -= 1;
        self.expect(TokenKind::Close, ", or )")
    }

    /// CASE, after the keyword.
    #[inline(never)]
    fn case(&mut self, at: usize) -> Result<NodeId> {
        self.descend()?;
        let simple = !self.at(Keyword::When);
        let node = self.parsed.tree.leaf(Kind::Case { simple }, at);
        if simple {
            self.child(node)?;
        }
        self.expect(TokenKind::Keyword(Keyword::When), "WHEN")?;
        loop {
            self.child(node)?;
            self.expect(TokenKind::Keyword(Keyword::Then), "THEN")?;
            self.child(node)?;
            if !self.take(Keyword::When)? {
                break;
            }
        }
        if self.take(Keyword::Else)? {
            self.child(node)?;
        } else {
            let null = self.parsed.tree.leaf(Kind::Null, at);
            self.parsed.tree.add(node, null);
        }
        self.depth -= 1;
        self.expect(TokenKind::Keyword(Keyword::End), "WHEN, ELSE or END")?;
        Ok(node)
    }

    #[inline(never)]
    fn child(&mut self, node: NodeId) -> Result<()> {
        let child = self.expression(level::OR)?;
        self.parsed.tree.add(node, child);
        Ok(())
    }

    /// The microseconds of INTERVAL, which is the next token: `INTERVAL 3 DAYS`, `INTERVAL '3' HOUR`,
    /// `INTERVAL '-3 days'`.
    #[inline(never)]
    fn interval(&mut self) -> Result<f64> {
        const EXPECTED: &str = "whole days, hours or minutes, at most 1,000,000, as in INTERVAL 3 DAYS";
        self.lexer.advance()?;
        let token = self.lexer.bytes();
        let text = match self.lexer.kind {
            TokenKind::Number => token,
            TokenKind::Text => &token[1..token.len() - 1],
            _ => return Err(self.lexer.expected(EXPECTED)),
        };
        let (sign, text) = match text {
            [b'-', rest @ ..] => (-1.0, rest),
            _ => (1.0, text),
        };
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, unit) = text.split_at(digits);
        let unit = match unit {
            [] => {
                self.lexer.advance()?;
                self.lexer.bytes()
            }
            [b' ', unit @ ..] => unit,
            _ => unit,
        };
        let count = number::parse(digits).unwrap_or(f64::INFINITY);
        let unit = match unit {
            [unit @ .., b's' | b'S'] => unit,
            _ => unit,
        };
        let length = UNITS.iter().find(|(name, _)| is_same_word(unit, name)).map_or(f64::NAN, |(_, length)| *length);
        let interval = sign * count * length;
        if digits.is_empty() || count > MAX_COUNT || interval.is_nan() {
            return Err(self.lexer.expected(EXPECTED));
        }
        self.lexer.advance()?;
        Ok(interval)
    }

    /// A literal, a field, or an expression in parentheses.
    fn operand(&mut self) -> Result<NodeId> {
        let at = self.lexer.start;
        let kind = match self.lexer.kind {
            TokenKind::Open => {
                self.descend()?;
                let inner = self.expression(level::OR)?;
                self.depth -= 1;
                self.expect(TokenKind::Close, ")")?;
                return Ok(inner);
            }
            TokenKind::Minus => {
                self.descend()?;
                let operand = self.operand()?;
                self.depth -= 1;
                let tree = &mut self.parsed.tree;
                if let Kind::Number(value) = tree.kind(operand) {
                    tree.set_kind(operand, Kind::Number(-value));
                    return Ok(operand);
                }
                let node = tree.parent(Kind::Call(Function::Multiply), at, operand);
                let minus_one = tree.leaf(Kind::Number(-1.0), at);
                tree.add(node, minus_one);
                return Ok(node);
            }
            TokenKind::Keyword(Keyword::Case) => return self.case(at),
            TokenKind::Number => Kind::Number(self.number()?),
            TokenKind::Text => Kind::Text(self.parsed.texts.intern(self.lexer.bytes())),
            TokenKind::Name | TokenKind::Keyword(Keyword::Date | Keyword::Timestamp) => return self.named(),
            TokenKind::Keyword(Keyword::Null) => Kind::Null,
            TokenKind::Keyword(Keyword::True) => Kind::Boolean(true),
            TokenKind::Keyword(Keyword::False) => Kind::Boolean(false),
            TokenKind::Keyword(Keyword::AsOf) => match self.parsed.refuses_as_of {
                None => Kind::AsOf,
                Some(message) => return Err(self.lexer.refuse(at, message)),
            },
            _ => return Err(self.lexer.expected("a field or a literal")),
        };
        self.lexer.advance()?;
        Ok(self.parsed.tree.leaf(kind, at))
    }

    #[inline(never)]
    fn number(&mut self) -> Result<f64> {
        let message = "a number may have 15 significant digits and a power of ten from -22 to 22";
        number::parse(self.lexer.bytes()).ok_or_else(|| self.lexer.refuse(self.lexer.start, message))
    }

    /// A field, a function before its operands, or DATE or TIMESTAMP before a text.
    #[inline(never)]
    fn named(&mut self) -> Result<NodeId> {
        let (start, token, kind) = (self.lexer.start, self.lexer.bytes(), self.lexer.kind);
        self.lexer.advance()?;
        let kind = match self.lexer.kind {
            TokenKind::Text if kind != TokenKind::Name => {
                let point = self.point_in_time(kind == TokenKind::Keyword(Keyword::Date))?;
                self.lexer.advance()?;
                point
            }
            TokenKind::Open => return self.call(start, token),
            _ if self.parsed.knows_occurred_at && token == b"occurred_at" => Kind::AsOf,
            _ => {
                let name = self.parsed.texts.intern(token);
                // The longest text has room for a quarter of 65,536 different names.
                Kind::Field(number_of(name, &mut self.parsed.field_of, &mut self.parsed.fields) as u16)
            }
        };
        Ok(self.parsed.tree.leaf(kind, start))
    }

    /// A function's operands in parentheses, after its name.
    #[inline(never)]
    fn call(&mut self, start: usize, name: &[u8]) -> Result<NodeId> {
        for &(function, kind, takes) in &FUNCTIONS {
            if is_same_word(name, function) {
                let node = self.parsed.tree.leaf(kind, start);
                self.list("", node)?;
                if takes != 0 && takes != self.parsed.tree.children(node).count() {
                    let message = match takes {
                        1 => "the function takes one operand",
                        _ => "the function takes two operands",
                    };
                    return Err(self.lexer.refuse(start, message));
                }
                return Ok(node);
            }
        }
        Err(self.lexer.refuse(start, "there is no such function"))
    }

    /// The text after DATE or TIMESTAMP.
    #[inline(never)]
    fn point_in_time(&mut self, date: bool) -> Result<Kind> {
        let quoted = self.lexer.bytes();
        let text = &quoted[1..quoted.len() - 1];
        // DuckDB ignores an offset in a TIMESTAMP and others apply it, so rules have none.
        let no_offset = text.iter().skip(DATE_LENGTH).all(|byte| !matches!(byte, b'+' | b'-'));
        match timestamp::parse(text) {
            Some(microseconds) if no_offset && (!date || text.len() == DATE_LENGTH) => {
                Ok(Kind::Timestamp(microseconds as f64))
            }
            _ if date => Err(self.lexer.expected("a date as in DATE '2026-01-31'")),
            _ => Err(self.lexer.expected("a time in UTC as in TIMESTAMP '2026-01-31 12:00:00'")),
        }
    }
}
