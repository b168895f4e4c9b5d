//! The compiled form of a rule set: steps that run straight on and jump only forwards, without a tree or recursion.
//!
//! Truth values go from step to step. Values that are computed (arithmetic, functions, CASE) go into slots, of which an
//! expression needs no more than it is deep.

use super::parser::Parsed;
use super::texts::{Index, TextId};
use super::tree::{Children, Kind, NodeId, Tree};
use super::truth::{Comparison, Outcomes, Truth, TruthSet};
use super::types::Type;
use crate::abi::FactKind;
use alloc::vec::Vec;

/// What a step takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand {
    Null,
    AsOf,
    /// A number, a boolean (0, 1), microseconds, or the index of a literal among its field's.
    Constant(f64),
    Text(TextId),
    /// A field that travels as a number.
    Field(u16),
    /// A field that travels as bytes.
    TextField(u16),
    /// What a step before has computed.
    Slot(u8),
}

/// What makes one value of two; functions of more operands are made of these, functions of one ignore the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Abs,
    /// Days from the first to the second.
    DaysBetween,
    Lower,
    Coalesce,
    Nullif,
    Least,
    Greatest,
    /// The first operand itself.
    Move,
}

/// Each operation but those on slots, `Push` and `Return` leaves a truth value for the next one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Truth(Truth),
    /// A field that travels as a number, against a constant: what most rules are made of.
    CompareConstant {
        field: u16,
        comparison: Comparison,
        constant: f64,
    },
    /// As `CompareConstant` in a step that jumps, after which nothing asks for the truth value.
    Decide {
        field: u16,
        /// On what the step jumps.
        jumps: Outcomes,
        constant: f64,
    },
    /// As `Compare`, for numbers that are not computed, and no NULL that equals itself.
    CompareNumbers {
        comparison: Comparison,
        left: Operand,
        right: Operand,
    },
    Compare {
        comparison: Comparison,
        left: Operand,
        right: Operand,
    },
    Like {
        left: Operand,
        right: Operand,
        /// A code point, or one that no text has.
        escape: u32,
    },
    Contains {
        left: Operand,
        right: Operand,
    },
    IsNull {
        operand: Operand,
    },
    /// Fills a slot.
    Compute {
        function: Function,
        slot: u8,
        left: Operand,
        right: Operand,
    },
    /// Fills a slot with the truth value.
    Keep {
        slot: u8,
    },
    /// Sets the truth value aside, unless the step jumps on it.
    Push,
    /// Combines the truth value set aside with the present one.
    And,
    Or,
    Not,
    Is {
        value: bool,
    },
    /// The end: the status.
    Return(Option<u32>),
}

/// An operation, and the truth values on which the program goes on elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub operation: Operation,
    pub jump_on: TruthSet,
    pub target: u32,
}

#[derive(Default)]
pub(super) struct Program {
    pub steps: Vec<Step>,
    /// How many slots the steps fill.
    pub slots: u8,
    /// Where each rule begins, and the end, where no rule holds.
    pub starts: Vec<u32>,
    /// Per field the literals whose index stands for the text.
    pub literals: Vec<Vec<TextId>>,
}

/// Compiles rules whose fields have these kinds. `whole`: each rule leaves the truth of its condition and returns,
/// whatever the truth, instead of going on with the next rule.
pub(super) fn compile(parsed: &Parsed, kinds: &[FactKind], whole: bool) -> Program {
    let mut compiler = Compiler::new(parsed, kinds);
    for rule in &parsed.rules {
        compiler.start();
        let next = compiler.label();
        if whole {
            compiler.truth(rule.condition);
        } else {
            compiler.branch(rule.condition, next, TruthSet::NOT_TRUE);
        }
        compiler.emit(Operation::Return(rule.status));
        compiler.place(next);
    }
    compiler.start();
    compiler.emit(Operation::Return(parsed.otherwise));
    compiler.finish()
}

/// Compiles expressions that stand alone: each leaves its truth if it is a boolean, and otherwise its value in the
/// first slot, and returns.
pub(super) fn compile_expressions(parsed: &Parsed, kinds: &[FactKind]) -> Program {
    let mut compiler = Compiler::new(parsed, kinds);
    for rule in &parsed.rules {
        compiler.start();
        if rule.of == Type::Boolean {
            compiler.truth(rule.condition);
        } else {
            let value = compiler.value(rule.condition);
            compiler.compute(Function::Move, 0, value, Operand::Null);
        }
        compiler.emit(Operation::Return(None));
    }
    compiler.finish()
}

struct Compiler<'a> {
    tree: &'a Tree,
    kinds: &'a [FactKind],
    program: Program,
    /// The step at which each label was placed.
    labels: Vec<u32>,
    /// The first slot that is free.
    slot: u8,
    /// Field, literal and its index of every literal that has an index.
    literal_keys: Vec<(u16, TextId, u32)>,
    literal_index: Index,
}

/// Parts of a condition, one of which is read after the other.
struct Parts<'t> {
    /// Whether the parts are conditions, or else operands with which the subject is compared.
    of_conditions: bool,
    /// The first slot that is free when all parts are done.
    slot: u8,
    subject: NodeId,
    operand: Operand,
    comparison: Comparison,
    children: Children<'t>,
}

impl<'a> Compiler<'a> {
    #[inline]
    fn new(parsed: &'a Parsed, kinds: &'a [FactKind]) -> Self {
        let mut literals = Vec::new();
        literals.resize_with(kinds.len(), Vec::new);
        Compiler {
            tree: &parsed.tree,
            kinds,
            program: Program { steps: Vec::new(), slots: 0, starts: Vec::new(), literals },
            labels: Vec::new(),
            slot: 0,
            literal_keys: Vec::new(),
            literal_index: Index::default(),
        }
    }

    #[inline(never)]
    fn emit(&mut self, operation: Operation) {
        self.program.steps.push(Step { operation, jump_on: TruthSet::NONE, target: 0 });
    }

    fn start(&mut self) {
        self.program.starts.push(self.program.steps.len() as u32);
    }

    #[inline(never)]
    fn label(&mut self) -> u32 {
        self.labels.push(0);
        self.labels.len() as u32 - 1
    }

    #[inline(never)]
    fn place(&mut self, label: u32) {
        self.labels[label as usize] = self.program.steps.len() as u32;
    }

    /// Lets the last step jump.
    #[inline(never)]
    fn jump(&mut self, label: u32, on: TruthSet) {
        if let Some(step) = self.program.steps.last_mut() {
            step.jump_on = on;
            step.target = label;
        }
    }

    fn finish(mut self) -> Program {
        for step in self.program.steps.iter_mut().filter(|step| step.jump_on != TruthSet::NONE) {
            step.target = self.labels[step.target as usize];
            // Only steps that combine truth values read one, and those combine what steps without a jump have left.
            if let Operation::CompareConstant { field, comparison, constant } = step.operation {
                step.operation = Operation::Decide { field, jumps: comparison.outcomes(step.jump_on), constant };
                step.jump_on = TruthSet::NONE;
            }
        }
        self.program
    }

    /// Code that goes to `label` when the condition's truth is in `on`, and straight on otherwise. AND, OR and NOT need
    /// no truth values here, only jumps.
    fn branch(&mut self, node: NodeId, label: u32, on: TruthSet) {
        let tree = self.tree;
        match tree.kind(node) {
            Kind::Not => self.branch(tree.pair(node).0, label, on.mirrored()),
            Kind::Is(value) => {
                let holds = if value { TruthSet::TRUE } else { TruthSet::FALSE };
                let when_true = on.contains(Truth::True);
                self.branch(tree.pair(node).0, label, if when_true { holds } else { holds.complement() });
            }
            kind @ (Kind::And | Kind::Or | Kind::Between | Kind::In) => {
                // AND is false or not true as soon as one part is, OR true or not false; otherwise all parts decide.
                let any = match kind {
                    Kind::And | Kind::Between => on == TruthSet::FALSE || on == TruthSet::NOT_TRUE,
                    _ => on == TruthSet::TRUE || on == TruthSet::NOT_FALSE,
                };
                let skip = self.label();
                let last = tree.pair(node).1;
                let mut parts = self.parts(node);
                while let Some(child) = parts.children.next() {
                    let (label, on) = if any || child == last { (label, on) } else { (skip, on.complement()) };
                    if parts.of_conditions {
                        self.branch(child, label, on);
                    } else {
                        self.part(&mut parts, child);
                        self.jump(label, on);
                    }
                }
                self.slot = parts.slot;
                self.place(skip);
            }
            _ => {
                self.truth(node);
                self.jump(label, on);
            }
        }
    }

    /// Code that leaves the condition's truth. Each node is compiled once, so the program is linear in the text.
    fn truth(&mut self, node: NodeId) {
        let tree = self.tree;
        let (left, right) = tree.pair(node);
        let slot = self.slot;
        let operation = match tree.kind(node) {
            Kind::Boolean(value) => Operation::Truth(value.into()),
            Kind::Null => Operation::Truth(Truth::Null),
            Kind::And | Kind::Or | Kind::Between | Kind::In => return self.connect(node),
            Kind::Not => {
                self.truth(left);
                Operation::Not
            }
            Kind::Is(value) => {
                self.truth(left);
                Operation::Is { value }
            }
            Kind::IsNull => Operation::IsNull { operand: self.value(left) },
            Kind::Compare(comparison) => {
                let left_operand = self.held(left, right);
                self.compare(comparison, left_operand, right, left);
                self.slot = slot;
                return;
            }
            Kind::Like(escape) => {
                let (left, right) = self.operands(left, right);
                Operation::Like { left, right, escape }
            }
            Kind::Contains => {
                let (left, right) = self.operands(left, right);
                Operation::Contains { left, right }
            }
            _ => {
                let value = self.value(node);
                return self.emit_comparison(Comparison::EQUAL, value, Operand::Constant(1.0));
            }
        };
        self.emit(operation);
    }

    #[inline(never)]
    fn connect(&mut self, node: NodeId) {
        let end = self.label();
        let (operation, decided) = match self.tree.kind(node) {
            Kind::And | Kind::Between => (Operation::And, TruthSet::FALSE),
            _ => (Operation::Or, TruthSet::TRUE),
        };
        let mut parts = self.parts(node);
        let mut first = true;
        while let Some(child) = parts.children.next() {
            if !first {
                self.emit(Operation::Push);
                self.jump(end, decided);
            }
            self.part(&mut parts, child);
            if !first {
                self.emit(operation);
            }
            first = false;
        }
        self.slot = parts.slot;
        self.place(end);
    }

    /// The conditions that AND and OR join, BETWEEN and IN as AND and OR of comparisons among them.
    #[inline(never)]
    fn parts(&mut self, node: NodeId) -> Parts<'a> {
        let tree = self.tree;
        let kind = tree.kind(node);
        let mut children = tree.children(node);
        let mut parts = Parts {
            of_conditions: true,
            slot: self.slot,
            subject: node,
            operand: Operand::Null,
            comparison: Comparison::EQUAL,
            children: children.clone(),
        };
        if let (Kind::Between | Kind::In, Some(subject)) = (kind, children.next()) {
            parts.of_conditions = false;
            parts.subject = subject;
            parts.operand = self.held(subject, subject);
            if matches!(kind, Kind::Between) {
                parts.comparison = Comparison::GREATER_OR_EQUAL;
            }
            parts.children = children;
        }
        parts
    }

    /// Code that leaves the truth of the next part.
    #[inline(never)]
    fn part(&mut self, parts: &mut Parts<'_>, child: NodeId) {
        if parts.of_conditions {
            return self.truth(child);
        }
        self.compare(parts.comparison, parts.operand, child, parts.subject);
        if parts.comparison == Comparison::GREATER_OR_EQUAL {
            // The upper bound comes after the lower one.
            parts.comparison = Comparison::LESS_OR_EQUAL;
        }
    }

    /// Code that compares an operand, which is `subject`, with a node.
    #[inline(never)]
    fn compare(&mut self, comparison: Comparison, operand: Operand, node: NodeId, subject: NodeId) {
        let right = self.beside(node, subject);
        self.emit_comparison(comparison, operand, right);
    }

    #[inline(never)]
    fn emit_comparison(&mut self, comparison: Comparison, left: Operand, right: Operand) {
        let plain = |operand| matches!(operand, Operand::Field(_) | Operand::Constant(_) | Operand::AsOf);
        self.emit(match (left, right) {
            (Operand::Field(field), Operand::Constant(constant)) if !comparison.treats_null_as_value() => {
                Operation::CompareConstant { field, comparison, constant }
            }
            (Operand::Constant(constant), Operand::Field(field)) if !comparison.treats_null_as_value() => {
                Operation::CompareConstant { field, comparison: comparison.exchanged(), constant }
            }
            _ if plain(left) && plain(right) && !comparison.treats_null_as_value() => {
                Operation::CompareNumbers { comparison, left, right }
            }
            _ => Operation::Compare { comparison, left, right },
        });
    }

    /// Two operands at once.
    fn operands(&mut self, left: NodeId, right: NodeId) -> (Operand, Operand) {
        let slot = self.slot;
        let left = self.held(left, right);
        let right = self.value(right);
        self.slot = slot;
        (left, right)
    }

    /// An operand whose slot, if it needs one, is not free until the caller says so.
    #[inline(never)]
    fn held(&mut self, node: NodeId, beside: NodeId) -> Operand {
        let operand = self.beside(node, beside);
        self.slot += matches!(operand, Operand::Slot(_)) as u8;
        operand
    }

    /// An operand; a literal beside a field of kind code is its index.
    fn beside(&mut self, node: NodeId, beside: NodeId) -> Operand {
        match (self.tree.kind(node), self.tree.kind(beside)) {
            (Kind::Text(text), Kind::Field(field)) if self.kinds[field as usize] == FactKind::Code => {
                Operand::Constant(self.literal(field, text) as f64)
            }
            _ => self.value(node),
        }
    }

    /// The operand that a node is, after the code that computes it.
    fn value(&mut self, node: NodeId) -> Operand {
        let tree = self.tree;
        let slot = self.slot;
        let mut children = tree.children(node);
        match tree.kind(node) {
            Kind::Null => Operand::Null,
            Kind::Number(value) | Kind::Timestamp(value) => Operand::Constant(value),
            Kind::Boolean(value) => Operand::Constant(value as u8 as f64),
            Kind::AsOf => Operand::AsOf,
            Kind::Text(text) => Operand::Text(text),
            Kind::Field(field) if self.kinds[field as usize].is_bytes() => Operand::TextField(field),
            Kind::Field(field) => Operand::Field(field),
            Kind::Shift(microseconds) => {
                let left = self.value(tree.pair(node).0);
                self.compute(Function::Add, slot, left, Operand::Constant(microseconds))
            }
            Kind::Call(function) => {
                let first = tree.pair(node).0;
                children.next();
                let mut left = self.value(first);
                if matches!(function, Function::Abs | Function::Lower) {
                    left = self.compute(function, slot, left, Operand::Constant(0.0));
                }
                for child in children {
                    self.slot = slot + matches!(left, Operand::Slot(_)) as u8;
                    let right = self.value(child);
                    left = self.compute(function, slot, left, right);
                }
                self.slot = slot;
                left
            }
            Kind::Case { simple } => {
                let (subject, _) = tree.pair(node);
                let mut operand = Operand::Null;
                if simple {
                    children.next();
                    operand = self.held(subject, subject);
                }
                let end = self.label();
                while let Some(condition) = children.next() {
                    let next = self.label();
                    let mut result = condition;
                    if let Some(after) = children.next() {
                        result = after;
                        if simple {
                            self.compare(Comparison::EQUAL, operand, condition, subject);
                            self.jump(next, TruthSet::NOT_TRUE);
                        } else {
                            self.branch(condition, next, TruthSet::NOT_TRUE);
                        }
                    }
                    let value = self.value(result);
                    self.compute(Function::Move, slot, value, Operand::Null);
                    self.jump(end, TruthSet::ALL);
                    self.place(next);
                }
                self.slot = slot;
                self.place(end);
                Operand::Slot(slot)
            }
            _ => {
                self.truth(node);
                self.emit(Operation::Keep { slot });
                self.filled(slot)
            }
        }
    }

    #[inline(never)]
    fn compute(&mut self, function: Function, slot: u8, left: Operand, right: Operand) -> Operand {
        self.emit(Operation::Compute { function, slot, left, right });
        self.filled(slot)
    }

    fn filled(&mut self, slot: u8) -> Operand {
        self.program.slots = self.program.slots.max(slot + 1);
        Operand::Slot(slot)
    }

    /// The index of a literal among its field's.
    #[inline(never)]
    fn literal(&mut self, field: u16, text: TextId) -> u32 {
        let hash = (text ^ (field as u32) << 16).wrapping_mul(0x9E37_79B1);
        let new = self.literal_keys.len() as u32;
        let keys = &self.literal_keys;
        let number = self.literal_index.number(hash ^ hash >> 16, new, |number| {
            let (other_field, other_text, _) = keys[number as usize];
            (other_field, other_text) == (field, text)
        });
        if number == new {
            let literals = &mut self.program.literals[field as usize];
            self.literal_keys.push((field, text, literals.len() as u32));
            literals.push(text);
        }
        self.literal_keys[number as usize].2
    }
}
