//! Claims about journeys, against a second implementation that lets the hours pass one by one, written from
//! `docs/semantics.md`.

use super::{Machine, journey};
use crate::abi::{Document, FactKind, Facts, NULL_LENGTH, Output, Texts};
use crate::tape::writer::{from_json, from_value};
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

const HOUR: f64 = 3_600e6;
/// 2026-01-01.
const START: f64 = 1_767_225_600e6;
const EVENTS: [&str; 5] = ["a", "b", "c", "d", "e"];
const STATES: [&str; 4] = ["S", "T", "U", "V"];
const ACTIONS: [&str; 6] = ["enrol", "move", "leave", "pause", "resume", "restart"];
const PLANS: [&str; 4] = ["pro", "free", "x", "y"];
const NOTES: [&str; 3] = ["a", "c", "z"];

#[derive(Clone, Debug, Default, PartialEq)]
struct Event {
    name: Option<&'static str>,
    /// Hours after the start.
    hour: Option<i32>,
    n: Option<i32>,
    plan: Option<&'static str>,
    note: Option<&'static str>,
}

/// A condition, the facts that it names in order, with literals that a text is only compared with, and what it means.
type Condition = (&'static str, &'static [(&'static str, &'static [&'static str])], fn(&Event) -> bool);

const CONDITIONS: [Condition; 6] = [
    ("n >= 2", &[("n", &[])], |event| event.n >= Some(2)),
    ("plan = 'pro'", &[("plan", &["pro"])], |event| event.plan == Some("pro")),
    ("note < 'b'", &[("note", &[])], |event| event.note.is_some_and(|note| note < "b")),
    ("plan is null or n = 1", &[("plan", &[]), ("n", &[])], |event| event.plan.is_none() || event.n == Some(1)),
    ("plan <> 'free' and note > 'b'", &[("plan", &["free"]), ("note", &[])], |event| {
        event.plan.is_some_and(|plan| plan != "free") && event.note.is_some_and(|note| note > "b")
    }),
    ("occurred_at < TIMESTAMP '2026-01-05'", &[], |event| event.hour < Some(96)),
];

#[derive(Clone, Debug)]
struct State {
    hours: Option<i32>,
    /// `None` leaves.
    to: Option<usize>,
}

#[derive(Clone, Debug)]
struct Transition {
    action: usize,
    on: Vec<usize>,
    from: Option<Vec<usize>>,
    to: usize,
    when: Option<usize>,
}

/// A machine in which every state is one in which somebody may enrol.
#[derive(Clone, Debug)]
struct Spec {
    states: Vec<State>,
    transitions: Vec<Transition>,
    re_entry: Option<i32>,
}

impl Spec {
    fn json(&self) -> Value {
        let states = self.states.iter().zip(STATES).map(|(state, name)| match (state.hours, state.to) {
            (None, _) => json!({"name": name}),
            (Some(hours), None) => json!({"name": name, "after_hours": hours, "do": "leave"}),
            (Some(hours), Some(to)) => json!({"name": name, "after_days": hours as f64 / 24.0, "to": STATES[to]}),
        });
        let transitions = self.transitions.iter().map(|transition| {
            let mut json = json!({"on": transition.on.iter().map(|&event| EVENTS[event]).collect::<Vec<_>>()});
            let action = ACTIONS[transition.action];
            if action != "move" {
                json["do"] = json!(action);
            }
            if action == "move" || action == "enrol" {
                json["to"] = json!(STATES[transition.to]);
            }
            if let Some(from) = transition.from.as_ref().filter(|_| action != "enrol") {
                json["from"] = from.iter().map(|&state| STATES[state]).collect();
            }
            if let Some(when) = transition.when {
                json["when"] = json!(CONDITIONS[when].0);
            }
            json
        });
        let re_entry = match self.re_entry {
            None => json!("never"),
            Some(0) => json!("always"),
            Some(hours) => json!({"after_hours": hours}),
        };
        json!({"name": "random", "initial": "S", "re_entry": re_entry, "states": states.collect::<Vec<_>>(),
            "transitions": transitions.collect::<Vec<_>>()})
    }
}

fn specs() -> impl Strategy<Value = Spec> {
    let transition = |actions: core::ops::Range<usize>| {
        let on = prop::collection::vec(0..EVENTS.len(), 1..3);
        let from = prop::option::of(prop::collection::vec(0..STATES.len(), 1..4));
        (actions, on, from, 0..STATES.len(), prop::option::of(0..CONDITIONS.len()))
            .prop_map(|(action, on, from, to, when)| Transition { action, on, from, to, when })
    };
    let state = (prop::option::weighted(0.7, 1..60), prop::option::weighted(0.8, 0..STATES.len()));
    let states = prop::collection::vec(state.prop_map(|(hours, to)| State { hours, to }), STATES.len());
    let enrols = prop::collection::vec(transition(0..1), STATES.len());
    let others = prop::collection::vec(transition(1..ACTIONS.len()), 1..10);
    (states, enrols, others, prop::option::of(0..100)).prop_flat_map(|(states, enrols, others, re_entry)| {
        let targets = enrols.into_iter().enumerate().map(|(to, enrol)| Transition { to, ..enrol });
        let transitions = Just(targets.chain(others).collect::<Vec<_>>()).prop_shuffle();
        transitions.prop_map(move |transitions| Spec { states: states.clone(), transitions, re_entry })
    })
}

fn histories() -> impl Strategy<Value = Vec<Event>> {
    let name =
        prop_oneof![20 => prop::sample::select(&EVENTS[..]).prop_map(Some), 1 => Just(Some("?")), 1 => Just(None)];
    let facts = (prop::option::of(0..4), prop::option::of(prop::sample::select(&PLANS[..])));
    let note = prop::option::of(prop::sample::select(&NOTES[..]));
    // Many events in few hours, so that they meet each other and timeouts.
    let hour = prop::option::weighted(0.97, prop_oneof![0..300, (0..12).prop_map(|day| day * 24)]);
    let event = (name, hour, facts, note).prop_map(|(name, hour, (n, plan), note)| Event { name, hour, n, plan, note });
    prop::collection::vec(event, 0..40)
}

/// What comes back, by name.
#[derive(Clone, Debug, Default, PartialEq)]
struct Result {
    state: Option<String>,
    entered_at: Option<String>,
    previous_state: Option<String>,
    paused_at: Option<String>,
    remaining_days: Option<f64>,
    next_timeout_at: Option<String>,
    next_state: Option<String>,
    moves: usize,
    path: Vec<(Option<String>, String, String)>,
    ignored: BTreeMap<&'static str, usize>,
}

const REASONS: [&str; 7] =
    ["no_event", "unknown_event", "no_timestamp", "after_as_of", "not_enrolled", "re_entry", "no_transition"];

/// A stream under reading.
struct Reader<'a> {
    out: &'a Output,
    next: usize,
}

impl Reader<'_> {
    fn slot(&mut self) -> f64 {
        self.next += 1;
        self.out.stream[self.next - 1]
    }

    fn text(&mut self) -> Option<String> {
        let (offset, length) = (self.slot() as usize, self.slot());
        if length == NULL_LENGTH as f64 {
            return None;
        }
        Some(String::from_utf8(self.out.text[offset..offset + length as usize].to_vec()).unwrap())
    }

    fn entry(&mut self, dictionary: &[String]) -> Option<String> {
        let code = self.slot();
        (code >= 0.0).then(|| dictionary[code as usize].clone())
    }
}

/// What a machine tells its host: its dictionaries, and names, kinds and literals of the facts.
struct Description {
    dictionaries: Vec<Vec<String>>,
    facts: Vec<(String, usize, Vec<String>)>,
}

fn describe(machine: &Machine) -> Description {
    let mut out = Output::default();
    machine.describe(&mut out);
    let mut reader = Reader { out: &out, next: 0 };
    let texts = |reader: &mut Reader<'_>| -> Vec<String> {
        (0..reader.slot() as usize).map(|_| reader.text().unwrap()).collect()
    };
    let dictionaries = (0..reader.slot() as usize).map(|_| texts(&mut reader)).collect();
    let facts =
        (0..reader.slot() as usize).map(|_| (reader.text().unwrap(), reader.slot() as usize, texts(&mut reader)));
    Description { facts: facts.collect(), dictionaries }
}

fn compile(json: &Value) -> Machine {
    Machine::compile("machine", &from_value("machine", json).unwrap()).unwrap_or_else(|error| panic!("{error}\n{json}"))
}

/// As a host calls it.
fn run(machine: &Machine, events: &[Event], as_of: i32) -> crate::Result<Result> {
    run_until(machine, events, at(as_of))
}

fn run_until(machine: &Machine, events: &[Event], as_of: f64) -> crate::Result<Result> {
    let Description { dictionaries, facts } = describe(machine);
    let codes: Vec<i32> = events
        .iter()
        .map(|event| match event.name {
            None => -1,
            Some(name) => dictionaries[0].iter().position(|known| known == name).map_or(-2, |code| code as i32),
        })
        .collect();
    let times: Vec<f64> = events.iter().map(|event| event.hour.map_or(f64::NAN, at)).collect();
    // What the marks, the kinds and the lengths make nobody read is filled with something.
    let (mut marks, mut values, mut spans, mut bytes) = (vec![], vec![], vec![], vec![]);
    for event in events {
        for (name, kind, literals) in &facts {
            let text = if name == "plan" { event.plan } else { event.note };
            let (kind, optional) = FactKind::from_description(*kind).unwrap();
            assert!(optional, "a property that an event lacks is NULL");
            let known = if name == "n" { event.n.is_some() } else { text.is_some() };
            marks.push(known as u8);
            values.push(match kind {
                FactKind::Number => event.n.map_or(-7.0, f64::from),
                FactKind::Code => literals.iter().position(|known| Some(&**known) == text).map_or(-1.0, |at| at as f64),
                _ => events.len() as f64,
            });
            let text = text.filter(|_| kind == FactKind::Text).unwrap_or_default();
            spans.push([bytes.len() as u32, text.len() as u32]);
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    let facts = Facts::of_elements(facts.len(), &marks, &values, Texts::new(&spans, &bytes));
    let mut out = Output::default();
    journey(&codes, &times, facts, machine, as_of, &mut out)?;
    let mut reader = Reader { out: &out, next: 0 };
    let states = &dictionaries[1];
    let result = Result {
        state: reader.entry(states),
        entered_at: reader.text(),
        previous_state: reader.entry(states),
        paused_at: reader.text(),
        remaining_days: Some(reader.slot()).filter(|days| !days.is_nan()),
        next_timeout_at: reader.text(),
        next_state: reader.entry(states),
        moves: reader.slot() as usize,
        path: (0..reader.slot() as usize)
            .map(|_| (reader.entry(states), reader.text().unwrap(), reader.entry(&dictionaries[0]).unwrap()))
            .collect(),
        ignored: REASONS.iter().map(|reason| (*reason, reader.slot() as usize)).collect(),
    };
    assert_eq!(reader.next, out.stream.len());
    Ok(result)
}

fn at(hour: i32) -> f64 {
    START + hour as f64 * HOUR
}

fn iso(hour: i32) -> String {
    let mut text = Vec::new();
    crate::timestamp::push_iso(&mut text, at(hour) as i64);
    String::from_utf8(text).unwrap()
}

/// The hours one by one: what is counted down, is counted down.
fn reference(spec: &Spec, events: &[Event], as_of: i32) -> Result {
    let mut result = Result { ignored: REASONS.iter().map(|reason| (*reason, 0)).collect(), ..Result::default() };
    // Events, facts and literals in the order in which the transitions name them first.
    let (mut names, mut facts, mut literals) = (Vec::new(), Vec::new(), Vec::new());
    for transition in &spec.transitions {
        names.extend(transition.on.iter().map(|&event| EVENTS[event]));
        for (fact, texts) in transition.when.map_or(&[][..], |when| CONDITIONS[when].1) {
            facts.push(*fact);
            literals.extend(texts.iter().copied());
        }
    }
    let place = |of: &[&str], text: &str| of.iter().position(|known| *known == text);
    let mut ranks: Vec<&str> = Vec::new();
    literals.retain(|literal| {
        let new = !ranks.contains(literal);
        ranks.extend(new.then_some(*literal));
        new
    });
    // Texts that no condition names come first.
    let rank = |plan: &str| place(&literals, plan).map_or(0, |rank| rank + 1);
    let key = |event: &Event| {
        let mut seen: Vec<&str> = Vec::new();
        let mut key: Vec<Option<(usize, String)>> = Vec::new();
        for fact in &facts {
            if !seen.contains(fact) {
                seen.push(fact);
                key.push(match *fact {
                    "n" => event.n.map(|n| (n as usize, String::new())),
                    // Only tested for NULL, or for equality.
                    "plan" => event.plan.map(|plan| (rank(plan), String::new())),
                    _ => event.note.map(|note| (0, note.to_string())),
                });
            }
        }
        key
    };
    let mut counted = Vec::new();
    for event in events {
        let reason = match event.name {
            None => "no_event",
            Some(name) if !names.contains(&name) => "unknown_event",
            _ if event.hour.is_none() => "no_timestamp",
            _ if event.hour > Some(as_of) => "after_as_of",
            _ => {
                counted.push(event);
                continue;
            }
        };
        *result.ignored.get_mut(reason).unwrap() += 1;
    }
    counted.sort_by_key(|event| (event.hour, place(&names, event.name.unwrap()), key(event)));
    let hours = |state: Option<usize>| state.and_then(|state| spec.states[state].hours);
    let mut state: Option<usize> = None;
    let mut previous = None;
    let mut left: Option<i32> = None;
    let mut paused: Option<i32> = None;
    let mut countdown = None;
    let mut entered = None;
    let mut path = Vec::new();
    let first = counted.first().map_or(0, |event| event.hour.unwrap());
    for hour in first..=as_of {
        // At most one timeout an hour, as the shortest takes one.
        let mut moves: Vec<(Option<usize>, String)> = Vec::new();
        if paused.is_none() && entered != Some(hour) {
            countdown = countdown.map(|left: i32| left - 1);
        }
        if countdown == Some(0) && paused.is_none() {
            moves.push((spec.states[state.unwrap()].to, "timeout".to_string()));
        }
        let mut queue = counted.iter().filter(|event| event.hour == Some(hour));
        loop {
            for (to, cause) in moves.drain(..) {
                (previous, state, entered, paused) = (state, to, Some(hour), None);
                countdown = hours(state);
                if state.is_none() {
                    left = Some(hour);
                }
                path.push((state.map(|state| STATES[state].to_string()), iso(hour), cause));
            }
            let Some(event) = queue.next() else { break };
            let mut reason = Some(if state.is_none() { "not_enrolled" } else { "no_transition" });
            for transition in &spec.transitions {
                let action = ACTIONS[transition.action];
                let from = match (&transition.from, state) {
                    (_, None) => action == "enrol",
                    (_, Some(_)) if action == "enrol" => false,
                    (Some(from), Some(state)) => from.contains(&state),
                    (None, Some(state)) => action != "move" || state != transition.to,
                };
                let named = transition.on.iter().any(|&on| EVENTS[on] == event.name.unwrap());
                let pausable = match action {
                    "pause" => paused.is_none(),
                    "resume" => paused.is_some(),
                    _ => true,
                };
                if !from || !named || !pausable || transition.when.is_some_and(|when| !CONDITIONS[when].2(event)) {
                    continue;
                }
                if action == "enrol"
                    && let Some(left) = left
                    && spec.re_entry.is_none_or(|wait| hour - left < wait)
                {
                    reason = Some("re_entry");
                    continue;
                }
                match action {
                    "enrol" | "move" => moves.push((Some(transition.to), event.name.unwrap().to_string())),
                    "leave" => moves.push((None, event.name.unwrap().to_string())),
                    "pause" => paused = Some(hour),
                    "resume" => paused = None,
                    _ => countdown = hours(state),
                }
                reason = None;
                break;
            }
            if let Some(reason) = reason {
                *result.ignored.get_mut(reason).unwrap() += 1;
            }
        }
    }
    let name = |state: Option<usize>| state.map(|state| STATES[state].to_string());
    result.state = name(state);
    result.previous_state = name(previous);
    result.entered_at = entered.map(iso);
    result.paused_at = paused.map(iso);
    result.moves = path.len();
    result.path = path;
    if let Some(countdown) = countdown {
        match paused {
            Some(_) => result.remaining_days = Some(countdown as f64 / 24.0),
            None => result.next_timeout_at = Some(iso(as_of + countdown)),
        }
        result.next_state = name(spec.states[state.unwrap()].to);
    }
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_journey_is_what_the_hours_one_by_one_make_of_it(spec in specs(), events in histories(), as_of in 0..400) {
        let machine = compile(&spec.json());
        prop_assert_eq!(run(&machine, &events, as_of).unwrap(), reference(&spec, &events, as_of));
    }

    #[test]
    fn the_order_of_events_does_not_matter(spec in specs(), events in histories(), places in any::<[Index; 40]>()) {
        let machine = compile(&spec.json());
        let mut others = events.clone();
        for (last, place) in (1..=others.len()).rev().zip(places) {
            others.swap(last - 1, place.index(last));
        }
        prop_assert_eq!(run(&machine, &events, 400).unwrap(), run(&machine, &others, 400).unwrap());
    }

    #[test]
    fn what_happens_later_changes_nothing(spec in specs(), events in histories(), as_of in 0..300) {
        let machine = compile(&spec.json());
        let known: Vec<Event> = events.iter().filter(|event| event.hour <= Some(as_of)).cloned().collect();
        let expected = Result { ignored: BTreeMap::new(), ..run(&machine, &known, as_of).unwrap() };
        prop_assert_eq!(Result { ignored: BTreeMap::new(), ..run(&machine, &events, as_of).unwrap() }, expected);
    }

    #[test]
    fn every_event_is_a_step_or_counted(spec in specs(), events in histories()) {
        let result = run(&compile(&spec.json()), &events, 400).unwrap();
        let timeouts = result.path.iter().filter(|(_, _, cause)| cause == "timeout").count();
        prop_assert!(result.moves - timeouts + result.ignored.values().sum::<usize>() <= events.len());
        prop_assert_eq!(result.path.len(), result.moves);
        prop_assert!(result.path.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    }

    #[test]
    fn any_numbers_and_codes_are_survived(
        rows in prop::collection::vec((any::<i32>(), any::<f64>()), 0..20),
        as_of in any::<f64>(),
    ) {
        let machine = compile(&json!({"name": "n", "initial": "S", "re_entry": "always",
            "states": [{"name": "S", "after_days": 30000, "to": "T"}, {"name": "T", "after_days": 36500, "do": "leave"}],
            "transitions": [{"on": "a", "do": "enrol"}, {"on": "b", "do": "pause"}, {"on": "c", "do": "resume"}]}));
        let codes: Vec<i32> = rows.iter().map(|(code, _)| code % 5).collect();
        let times: Vec<f64> = rows.iter().map(|(_, time)| *time).collect();
        let mut out = Output::default();
        let facts = Facts::of_elements(0, &[], &[], Texts::new(&[], &[]));
        match journey(&codes, &times, facts, &machine, as_of, &mut out) {
            Ok(()) => prop_assert!(out.stream.len() > 14),
            Err(error) => prop_assert_eq!(error.path(), "machine"),
        }
    }

    #[test]
    fn changed_documents_never_trap(spec in specs(), changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..5)) {
        let mut tape = from_value("machine", &spec.json()).unwrap();
        for (place, byte) in &changes {
            let place = place.index(tape.len());
            tape[place] = *byte;
        }
        if let Ok(machine) = Machine::compile("machine", &tape) {
            machine.describe(&mut Output::default());
        }
        let mut text = spec.json().to_string().into_bytes();
        for (place, byte) in changes {
            let place = place.index(text.len());
            text[place] = byte;
        }
        if let Ok(tape) = from_json("machine", &String::from_utf8_lossy(&text))
            && let Ok(machine) = Machine::compile("machine", &tape)
        {
            let _ = run(&machine, &[Event { name: Some("a"), hour: Some(0), ..Event::default() }], 400);
        }
    }
}

fn machine(states: Value, transitions: Value) -> Value {
    json!({"name": "n", "initial": "A", "states": states, "transitions": transitions})
}

#[test]
fn refusals_name_the_place() {
    let a = || json!([{"name": "A"}]);
    let enrol = || json!([{"on": "e", "do": "enrol"}]);
    let state = |state: Value| {
        machine(json!([state, {"name": "B"}]), json!([{"on": "e", "do": "enrol"}, {"on": "f", "to": "B"}]))
    };
    let transition = |transition: Value| machine(a(), json!([{"on": "e", "do": "enrol"}, transition]));
    let with = |name: &str, value: Value| {
        let mut json = machine(a(), enrol());
        json[name] = value;
        json
    };
    let many = |count: usize, element: fn(usize) -> Value| (0..count).map(element).collect::<Value>();
    for (json, expected) in [
        (json!([]), "machine: must be an object"),
        (json!({"states": []}), "machine.name: is missing"),
        (with("colour", json!("red")), "machine.colour: is not a field of this object"),
        (with("initial", json!("B")), "machine.initial: is no state of the machine"),
        (with("initial", Value::Null), "machine.initial: is missing"),
        (with("states", json!([])), "machine.initial: is no state of the machine"),
        (with("states", json!({"A": {}})), "machine.states: must be an array"),
        (with("transitions", json!([])), "machine.transitions: must have one that enrols"),
        (with("re_entry", json!("sometimes")), "machine.re_entry: must be an object"),
        (with("re_entry", json!({})), "machine.re_entry: must be 'never', 'always', or say after_days or after_hours"),
        (with("re_entry", json!(7)), "machine.re_entry: must be an object"),
        (machine(json!([{"name": "A"}, {"name": "A"}]), enrol()), "machine.states[1].name: is listed twice"),
        (
            machine(json!([{"name": "A"}, {"name": "*"}]), enrol()),
            "machine.states[1].name: must not be '*', which stands for every state",
        ),
        (machine(json!([{"name": "A"}, {"name": "B"}]), enrol()), "machine.states[1]: cannot be reached"),
        (
            machine(many(64, |n| json!({"name": if n == 0 { "A".into() } else { n.to_string() }})), enrol()),
            "machine.states[63]: is one too many: a machine has at most 63 states",
        ),
        (state(json!({"name": "A", "to": "B"})), "machine.states[0].to: needs after_days or after_hours"),
        (state(json!({"name": "A", "do": "leave"})), "machine.states[0].do: needs after_days or after_hours"),
        (state(json!({"name": "A", "after_days": 1})), "machine.states[0].to: is missing"),
        (state(json!({"name": "A", "after_days": 1, "to": "C"})), "machine.states[0].to: is no state of the machine"),
        (state(json!({"name": "A", "after_days": 1, "do": "stay"})), "machine.states[0].do: must be 'leave'"),
        (
            state(json!({"name": "A", "after_days": 1, "do": "leave", "to": "B"})),
            "machine.states[0].to: is not a field of a timeout that leaves",
        ),
        (
            state(json!({"name": "A", "after_days": 0, "to": "A"})),
            "machine.states[0]: must wait for one minute to 36,500 days",
        ),
        (
            state(json!({"name": "A", "after_hours": 876001, "to": "A"})),
            "machine.states[0]: must wait for one minute to 36,500 days",
        ),
        (
            state(json!({"name": "A", "after_hours": "1", "to": "A"})),
            "machine.states[0].after_hours: must be a finite number",
        ),
        (transition(json!({"on": "f"})), "machine.transitions[1].to: is missing"),
        (transition(json!({"to": "A"})), "machine.transitions[1].on: is missing"),
        (
            transition(json!({"on": [], "to": "A"})),
            "machine.transitions[1].on: must be a text or a list of texts that is not empty",
        ),
        (transition(json!({"on": ["f", 7], "to": "A"})), "machine.transitions[1].on[1]: must be a text"),
        (
            transition(json!({"on": 7, "to": "A"})),
            "machine.transitions[1].on: must be a text or a list of texts that is not empty",
        ),
        (
            transition(json!({"on": "timeout", "to": "A"})),
            "machine.transitions[1].on: must not be 'timeout', which names what happens without an event",
        ),
        (transition(json!({"on": "f", "to": "B"})), "machine.transitions[1].to: is no state of the machine"),
        (
            transition(json!({"on": "f", "to": "A", "from": ["A", "*"]})),
            "machine.transitions[1].from[1]: is no state of the machine",
        ),
        (
            transition(json!({"on": "f", "do": "enrol", "from": "A"})),
            "machine.transitions[1].from: is not a field of a transition that enrols",
        ),
        (
            transition(json!({"on": "f", "do": "pause", "to": "A"})),
            "machine.transitions[1].to: is a field of transitions that move or enrol",
        ),
        (
            transition(json!({"on": "f", "do": "stop"})),
            "machine.transitions[1].do: must be 'enrol', 'leave', 'pause', 'resume' or 'restart'",
        ),
        (
            transition(json!({"on": "f", "to": "A", "if": "x"})),
            "machine.transitions[1].if: is not a field of this object",
        ),
        (
            transition(json!({"on": "f", "to": "A", "when": "n > 'a' and n > 1"})),
            "machine.transitions[1].when: line 1, column 17: a number cannot be compared with n (elsewhere a text)",
        ),
        (
            transition(json!({"on": "f", "to": "A", "when": "d > as_of"})),
            "machine.transitions[1].when: line 1, column 5: as_of cannot be used here; occurred_at is the time of the event",
        ),
        (
            transition(json!({"on": many(1_000, |_| json!("e")), "to": "A"})),
            "machine.transitions[1].on[999]: is one too many: all transitions together list at most 1000 events",
        ),
    ] {
        let tape = from_value("machine", &json).unwrap();
        let error = Machine::compile("machine", &tape).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some(expected), "{json}");
    }
}

/// One state that a timeout enters again and again, every minute.
fn treadmill() -> Machine {
    compile(&machine(json!([{"name": "A", "after_hours": 1.0 / 60.0, "to": "A"}]), json!([{"on": "a", "do": "enrol"}])))
}

#[test]
fn a_circle_of_timeouts_ends_in_an_error_and_a_long_path_shows_its_end() {
    let enrolled = [Event { name: Some("a"), hour: Some(0), ..Event::default() }];
    let result = run(&treadmill(), &enrolled, 1_000).unwrap();
    assert_eq!((result.moves, result.path.len()), (60_001, 1_000));
    assert_eq!(result.path[999].1, iso(1_000));
    assert_eq!(result.entered_at, Some(iso(1_000)));
    assert_eq!(
        run(&treadmill(), &enrolled, 2_000).unwrap_err().to_string(),
        "machine: lets more than 100,000 timeouts elapse one after the other"
    );
    for moves in [999, 1_000, 1_001, 1_999, 2_000, 2_001, 2_999, 3_000] {
        let result = run_until(&treadmill(), &enrolled, START + (moves - 1) as f64 * 60e6).unwrap();
        assert_eq!((result.moves, result.path.len()), (moves, moves.min(1_000)));
        assert_eq!(result.path.last().map(|(_, time, _)| time), result.entered_at.as_ref());
        assert!(result.path.windows(2).all(|pair| pair[0].1 < pair[1].1));
    }
}

#[test]
fn a_day_has_24_hours_to_the_microsecond() {
    let json = machine(
        json!([{"name": "A", "after_days": 0.05, "after_hours": 1.2, "to": "B"}, {"name": "B", "after_hours": 2.4, "do": "leave"}]),
        json!([{"on": "a", "do": "enrol"}]),
    );
    let result = run(&compile(&json), &[Event { name: Some("a"), hour: Some(0), ..Event::default() }], 100).unwrap();
    let times: Vec<&str> = result.path.iter().map(|(_, time, _)| &**time).collect();
    let expected = ["2026-01-01T00:00:00.000000Z", "2026-01-01T02:24:00.000000Z", "2026-01-01T04:48:00.000000Z"];
    assert_eq!(times, expected);
}

#[test]
fn many_transitions_and_many_events_take_no_time() {
    let transitions: Vec<Value> = (0..200)
        .map(|n| match n {
            199 => json!({"on": EVENTS, "do": "enrol"}),
            n => json!({"on": EVENTS, "to": "A", "when": format!("n = {n}")}),
        })
        .collect();
    let machine = compile(&machine(json!([{"name": "A"}]), transitions.into()));
    let events: Vec<Event> = (0..5_000)
        .map(|n| Event { name: Some(EVENTS[n % 5]), hour: Some((n * 7 % 5_000) as i32), ..Event::default() })
        .collect();
    let result = run(&machine, &events, 6_000).unwrap();
    assert_eq!((result.moves, result.ignored["no_transition"]), (1, 4_999));
}
