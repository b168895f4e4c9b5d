//! A rule text as tokens: SQL's, as far as rules need them.

use super::fault::{Failed, Fault, Result};
use super::truth::Comparison;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    And,
    AsOf,
    Between,
    Case,
    Date,
    Distinct,
    Else,
    End,
    False,
    From,
    In,
    Interval,
    Is,
    Like,
    Not,
    Null,
    Or,
    Then,
    Timestamp,
    True,
    When,
    /// Means nothing yet, but is no name of a fact either.
    Reserved,
}

/// The keywords in upper case, as messages have them.
static KEYWORDS: [(&str, Keyword); 24] = [
    ("AND", Keyword::And),
    ("AS_OF", Keyword::AsOf),
    ("BETWEEN", Keyword::Between),
    ("CASE", Keyword::Case),
    ("CAST", Keyword::Reserved),
    ("DATE", Keyword::Date),
    ("DISTINCT", Keyword::Distinct),
    ("ELSE", Keyword::Else),
    ("END", Keyword::End),
    ("FALSE", Keyword::False),
    ("FROM", Keyword::From),
    ("IN", Keyword::In),
    ("INTERVAL", Keyword::Interval),
    ("IS", Keyword::Is),
    ("LIKE", Keyword::Like),
    ("NOT", Keyword::Not),
    ("NULL", Keyword::Null),
    ("OR", Keyword::Or),
    ("SELECT", Keyword::Reserved),
    ("THEN", Keyword::Then),
    ("TIMESTAMP", Keyword::Timestamp),
    ("TRUE", Keyword::True),
    ("UNKNOWN", Keyword::Reserved),
    ("WHEN", Keyword::When),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Keyword(Keyword),
    /// A bare name, or one in double quotes; a quote inside is doubled.
    Name,
    Number,
    /// Text in single quotes; a quote inside is doubled.
    Text,
    Open,
    Close,
    Comma,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
    Comparison(Comparison),
    End,
}

/// Reads token by token; the present one is `kind`, in the bytes from `start` on.
pub(super) struct Lexer<'a> {
    source: &'a [u8],
    pub kind: TokenKind,
    pub start: usize,
    /// The end of the present token.
    at: usize,
    /// Why reading failed.
    pub fault: Option<Fault>,
}

impl<'a> Lexer<'a> {
    /// A lexer before the first token from an offset on.
    pub fn new(source: &'a [u8], at: usize) -> Self {
        Lexer { source, kind: TokenKind::End, start: at, at, fault: None }
    }

    /// The bytes of the present token.
    pub fn bytes(&self) -> &'a [u8] {
        &self.source[self.start..self.at]
    }

    /// The offset after the present token.
    pub fn end(&self) -> usize {
        self.at
    }

    /// Leaves a fault at an offset.
    #[cold]
    #[inline(never)]
    pub fn refuse(&mut self, at: usize, message: &str) -> Failed {
        self.fault = Some(Fault::new(at, &[message]));
        Failed
    }

    /// Leaves a fault that says what would be right instead of the present token.
    #[cold]
    #[inline(never)]
    pub fn expected(&mut self, what: &str) -> Failed {
        self.fault = Some(Fault::new(self.start, &["expected ", what]));
        Failed
    }

    /// The byte at an offset from here; 0, which is no token, after the end.
    fn peek(&self, offset: usize) -> u8 {
        self.source.get(self.at + offset).copied().unwrap_or(0)
    }

    /// Goes on to the next token.
    #[inline(never)]
    pub fn advance(&mut self) -> Result<()> {
        self.skip_blanks_and_comments()?;
        self.start = self.at;
        if self.start == self.source.len() {
            self.kind = TokenKind::End;
            return Ok(());
        }
        let first = self.peek(0);
        self.at += 1;
        self.kind = match first {
            b'(' => TokenKind::Open,
            b')' => TokenKind::Close,
            b',' => TokenKind::Comma,
            b'+' => TokenKind::Plus,
            b'-' => TokenKind::Minus,
            b'*' => TokenKind::Times,
            b'/' => TokenKind::Divide,
            // DuckDB takes %- and %+ for operators of their own.
            b'%' if !matches!(self.peek(0), b'+' | b'-') => TokenKind::Modulo,
            b'=' => TokenKind::Comparison(Comparison::EQUAL),
            b'<' if self.skip(b'=') => TokenKind::Comparison(Comparison::LESS_OR_EQUAL),
            b'<' if self.skip(b'>') => TokenKind::Comparison(Comparison::NOT_EQUAL),
            b'<' => TokenKind::Comparison(Comparison::LESS),
            b'>' if self.skip(b'=') => TokenKind::Comparison(Comparison::GREATER_OR_EQUAL),
            b'>' => TokenKind::Comparison(Comparison::GREATER),
            b'!' if self.skip(b'=') => TokenKind::Comparison(Comparison::NOT_EQUAL),
            b'\'' | b'"' => self.quoted(first)?,
            b'0'..=b'9' => self.number()?,
            b'.' if self.peek(0).is_ascii_digit() => self.number()?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            128.. => {
                let message = "names with other characters than a-z, 0-9 and _ need double quotes";
                return Err(self.refuse(self.start, message));
            }
            _ => return Err(self.refuse(self.start, "this character has no meaning here")),
        };
        Ok(())
    }

    #[inline(never)]
    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek(0) == byte;
        self.at += found as usize;
        found
    }

    #[inline(never)]
    fn skip_digits(&mut self) {
        while self.peek(0).is_ascii_digit() {
            self.at += 1;
        }
    }

    #[inline(never)]
    fn skip_blanks_and_comments(&mut self) -> Result<()> {
        loop {
            match (self.peek(0), self.peek(1)) {
                (b' ' | b'\t'..=b'\r', _) => self.at += 1,
                (b'-', b'-') => {
                    while self.at < self.source.len() && self.peek(0) != b'\n' {
                        self.at += 1;
                    }
                }
                (b'/', b'*') => self.skip_block_comment()?,
                _ => return Ok(()),
            }
        }
    }

    /// Block comments nest, as in DuckDB.
    fn skip_block_comment(&mut self) -> Result<()> {
        let start = self.at;
        let mut open = 0u32;
        loop {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    open += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    open -= 1;
                    self.at += 2;
                    if open == 0 {
                        return Ok(());
                    }
                }
                _ if self.at >= self.source.len() => return Err(self.refuse(start, "this comment has no end")),
                _ => self.at += 1,
            }
        }
    }

    #[inline(never)]
    fn quoted(&mut self, quote: u8) -> Result<TokenKind> {
        while self.at < self.source.len() {
            let byte = self.peek(0);
            self.at += 1;
            if byte == quote && !self.skip(quote) {
                return Ok(if quote == b'"' { TokenKind::Name } else { TokenKind::Text });
            }
        }
        Err(self.refuse(self.start, "the closing quote is missing"))
    }

    /// Digits with at most one point, and an exponent.
    #[inline(never)]
    fn number(&mut self) -> Result<TokenKind> {
        self.at = self.start;
        self.skip_digits();
        if self.skip(b'.') {
            self.skip_digits();
        }
        if self.peek(0) | 0x20 == b'e' {
            let sign = matches!(self.peek(1), b'+' | b'-') as usize;
            if self.peek(1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                self.skip_digits();
            }
        }
        if is_word(self.peek(0)) || self.peek(0) == b'.' {
            return Err(self.refuse(self.start, "this is not a number"));
        }
        Ok(TokenKind::Number)
    }

    #[inline(never)]
    fn word(&mut self) -> TokenKind {
        while is_word(self.peek(0)) {
            self.at += 1;
        }
        for &(keyword, kind) in &KEYWORDS {
            if is_same_word(self.bytes(), keyword) {
                return TokenKind::Keyword(kind);
            }
        }
        TokenKind::Name
    }
}

/// Whether a token is a word, which SQL reads without regard to case.
#[inline(never)]
pub(super) fn is_same_word(token: &[u8], word: &str) -> bool {
    token.eq_ignore_ascii_case(word.as_bytes())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
