//! The compiled form of a rule set: steps that run straight on and jump only forwards, without a tree or recursion.

use super::parser::Parsed;
use super::texts::{Index, TextId};
use super::tree::{Kind, NodeId, Tree};
use super::truth::{Comparison, Truth, TruthSet};
use crate::abi::FactKind;
use alloc::vec::Vec;

/// What a comparison takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand {
    Null,
    AsOf,
    /// A number, a boolean (0, 1), microseconds, or the index of a literal among its field's.
    Constant(f64),
    Text(TextId),
    Field(u16),
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    Numbers,
    Texts,
}

/// Each operation but `Push` and `Return` leaves a truth value for the next one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Truth(Truth),
    /// A field that travels as a number, against a constant: what most rules are made of.
    CompareConstant {
        field: u16,
        comparison: Comparison,
        constant: f64,
    },
    Compare {
        comparison: Comparison,
        values: Values,
        left: Operand,
        right: Operand,
    },
    Between {
        values: Values,
        operand: Operand,
        low: Operand,
        high: Operand,
    },
    /// Items are `operands[first..end]` of the program.
    In {
        values: Values,
        operand: Operand,
        first: u32,
        end: u32,
    },
    IsNull {
        operand: Operand,
    },
    /// Sets the truth value aside, unless the step jumps on it.
    Push,
    /// Combines the truth value set aside with the present one.
    And,
    Or,
    CompareTruths {
        comparison: Comparison,
    },
    Not,
    Is {
        value: bool,
    },
    TruthIsNull,
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

pub(super) struct Program {
    pub steps: Vec<Step>,
    pub operands: Vec<Operand>,
    /// Per field the literals whose index stands for the text.
    pub literals: Vec<Vec<TextId>>,
}

/// Compiles rules whose fields have these kinds.
pub(super) fn compile(parsed: &Parsed, kinds: &[FactKind]) -> Program {
    let mut literals = Vec::new();
    literals.resize_with(kinds.len(), Vec::new);
    let mut compiler = Compiler {
        tree: &parsed.tree,
        kinds,
        program: Program { steps: Vec::new(), operands: Vec::new(), literals },
        labels: Vec::new(),
        literal_keys: Vec::new(),
        literal_index: Index::default(),
    };
    for rule in &parsed.rules {
        let next = compiler.label();
        compiler.branch(rule.condition, next, TruthSet::NOT_TRUE);
        compiler.emit(Operation::Return(rule.status));
        compiler.place(next);
    }
    compiler.emit(Operation::Return(parsed.otherwise));
    compiler.finish()
}

struct Compiler<'a> {
    tree: &'a Tree,
    kinds: &'a [FactKind],
    program: Program,
    /// The step at which each label was placed.
    labels: Vec<u32>,
    /// Field, literal and its index of every literal that has an index.
    literal_keys: Vec<(u16, TextId, u32)>,
    literal_index: Index,
}

impl Compiler<'_> {
    #[inline(never)]
    fn emit(&mut self, operation: Operation) {
        self.program.steps.push(Step { operation, jump_on: TruthSet::NONE, target: 0 });
    }

    fn label(&mut self) -> u32 {
        self.labels.push(0);
        self.labels.len() as u32 - 1
    }

    fn place(&mut self, label: u32) {
        self.labels[label as usize] = self.program.steps.len() as u32;
    }

    /// Lets the last step jump.
    fn jump(&mut self, label: u32, on: TruthSet) {
        if let Some(step) = self.program.steps.last_mut() {
            step.jump_on = on;
            step.target = label;
        }
    }

    fn finish(mut self) -> Program {
        for step in self.program.steps.iter_mut().filter(|step| step.jump_on != TruthSet::NONE) {
            step.target = self.labels[step.target as usize];
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
            kind @ (Kind::And | Kind::Or) => {
                // AND is false or not true as soon as one part is, OR true or not false; otherwise all parts decide.
                let any = match kind {
                    Kind::And => on == TruthSet::FALSE || on == TruthSet::NOT_TRUE,
                    _ => on == TruthSet::TRUE || on == TruthSet::NOT_FALSE,
                };
                let skip = self.label();
                let last = tree.pair(node).1;
                for child in tree.children(node) {
                    if any || child == last {
                        self.branch(child, label, on);
                    } else {
                        self.branch(child, skip, on.complement());
                    }
                }
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
        let left = tree.pair(node).0;
        let operation = match tree.kind(node) {
            Kind::Boolean(value) => Operation::Truth(value.into()),
            Kind::Field(field) => Operation::CompareConstant { field, comparison: Comparison::EQUAL, constant: 1.0 },
            Kind::And => return self.connect(node, Operation::And, TruthSet::FALSE),
            Kind::Or => return self.connect(node, Operation::Or, TruthSet::TRUE),
            Kind::Not => {
                self.truth(left);
                Operation::Not
            }
            Kind::Is(value) => {
                self.truth(left);
                Operation::Is { value }
            }
            Kind::IsNull if !tree.kind(left).is_operand() => {
                self.truth(left);
                Operation::TruthIsNull
            }
            Kind::IsNull => Operation::IsNull { operand: self.operand(left, None) },
            Kind::Compare(comparison) => self.compare(node, comparison),
            Kind::Between => {
                let mut children = tree.children(node).map(|child| self.operand(child, None));
                let mut next = || children.next().unwrap_or(Operand::Null);
                let (operand, low, high) = (next(), next(), next());
                drop(children);
                Operation::Between { values: self.values(node), operand, low, high }
            }
            Kind::In => {
                let operand = self.operand(left, None);
                let first = self.program.operands.len() as u32;
                for item in tree.children(node).skip(1) {
                    let item = self.operand(item, Some(left));
                    self.program.operands.push(item);
                }
                let end = self.program.operands.len() as u32;
                Operation::In { values: self.values(node), operand, first, end }
            }
            // NULL; type inference lets no other operand be a condition.
            _ => Operation::Truth(Truth::Null),
        };
        self.emit(operation);
    }

    fn connect(&mut self, node: NodeId, operation: Operation, decided: TruthSet) {
        let end = self.label();
        for (place, child) in self.tree.children(node).enumerate() {
            if place > 0 {
                self.emit(Operation::Push);
                self.jump(end, decided);
            }
            self.truth(child);
            if place > 0 {
                self.emit(operation);
            }
        }
        self.place(end);
    }

    fn compare(&mut self, node: NodeId, comparison: Comparison) -> Operation {
        let (left, right) = self.tree.pair(node);
        if !(self.tree.kind(left).is_operand() && self.tree.kind(right).is_operand()) {
            self.truth(left);
            self.emit(Operation::Push);
            self.truth(right);
            return Operation::CompareTruths { comparison };
        }
        let values = self.values(node);
        let (left, right) = (self.operand(left, Some(right)), self.operand(right, Some(left)));
        match (left, right) {
            (Operand::Field(field), Operand::Constant(constant)) if !comparison.treats_null_as_value() => {
                Operation::CompareConstant { field, comparison, constant }
            }
            (Operand::Constant(constant), Operand::Field(field)) if !comparison.treats_null_as_value() => {
                Operation::CompareConstant { field, comparison: comparison.exchanged(), constant }
            }
            _ => Operation::Compare { comparison, values, left, right },
        }
    }

    /// What the operands of a comparison are, which are all of one type.
    fn values(&self, node: NodeId) -> Values {
        let mut values = Values::Numbers;
        for child in self.tree.children(node) {
            match self.tree.kind(child) {
                Kind::Field(field) if self.kinds[field as usize] == FactKind::Text => return Values::Texts,
                // The index of a literal stands for the text.
                Kind::Field(_) => return Values::Numbers,
                Kind::Text(_) => values = Values::Texts,
                _ => {}
            }
        }
        values
    }

    fn is_code(&self, field: u16) -> bool {
        self.kinds[field as usize] == FactKind::Code
    }

    /// An operand; a literal beside a field of kind code is its index.
    fn operand(&mut self, node: NodeId, beside: Option<NodeId>) -> Operand {
        match self.tree.kind(node) {
            Kind::Number(value) | Kind::Timestamp(value) => Operand::Constant(value),
            Kind::Boolean(value) => Operand::Constant(value as u8 as f64),
            Kind::Field(field) => Operand::Field(field),
            Kind::AsOf => Operand::AsOf,
            Kind::Text(text) => match beside.map(|node| self.tree.kind(node)) {
                Some(Kind::Field(field)) if self.is_code(field) => Operand::Constant(self.literal(field, text) as f64),
                _ => Operand::Text(text),
            },
            _ => Operand::Null,
        }
    }

    /// The index of a literal among its field's.
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
