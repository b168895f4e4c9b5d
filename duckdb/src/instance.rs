//! Instances of the modules: called by one thread at a time, kept for the next call, dropped when anything went wrong.

use crate::document::Document;
use crate::engine;
use crate::signature::{Format, Function, MODULES};
use plg_udfs::{abi::ABI_VERSION, tape};
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wasmtime::{Engine, Linker, Memory, Module, ResourceLimiter, Store, TypedFunc};

/// Instances that are kept per module. Beyond it the one that rested longest compiles the next document instead of
/// leaving the work to a new instance.
const KEPT: usize = 16;
/// Linear memory never shrinks, so an instance that has seen a huge argument is not kept.
const KEPT_MEMORY: usize = 64 << 20;

/// The module's allocator gives out no block beyond 1 GiB, and traps where it must. What traps with that much memory in use
/// was given too much to do, rather than wrong.
const FULL_MEMORY: usize = 512 << 20;

/// Why a module did not answer.
pub enum Failure {
    /// What the module says, beginning with `plg.<function>: `.
    Refusal(String),
    /// The module's memory, or that of the process, does not hold the arguments.
    TooLarge,
    /// A defect of ours.
    Trap,
}

impl From<wasmtime::Error> for Failure {
    fn from(_: wasmtime::Error) -> Self {
        Failure::Trap
    }
}

/// Notices when memory could not grow, to tell exhaustion from a defect.
#[derive(Default)]
struct Growth {
    refused: bool,
}

impl ResourceLimiter for Growth {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.refused |= maximum.is_some_and(|maximum| desired > maximum);
        Ok(!self.refused)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = true;
        Ok(())
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // Asked for the table that the module begins with; none grows.
        Ok(true)
    }
}

/// An instance of a module with its compiled documents.
pub struct Instance {
    store: Store<Growth>,
    memory: Memory,
    input: TypedFunc<u32, u32>,
    functions: Vec<Exports>,
}

struct Exports {
    call: TypedFunc<(), u32>,
    compile: Option<TypedFunc<u32, u32>>,
    document: Option<Arc<Document>>,
}

/// Where the module left its answer.
struct Descriptor {
    success: bool,
    stream: Range<usize>,
    text: Range<usize>,
}

/// The answer of a call.
pub struct Output<'a> {
    /// Doubles in the order of the result type.
    pub stream: &'a [f64],
    /// The text area, UTF-8.
    pub text: &'a [u8],
}

impl Instance {
    fn new(module: usize) -> Result<Self, Failure> {
        let engine = engine();
        let mut store = Store::new(engine, Growth::default());
        store.limiter(|growth| growth);
        let instance = Linker::new(engine).instantiate(&mut store, compiled_module(module)?)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or(Failure::Trap)?;
        let version = instance.get_typed_func::<(), u32>(&mut store, "abi")?;
        if version.call(&mut store, ())? != ABI_VERSION {
            return Err(Failure::Trap);
        }
        let input = instance.get_typed_func(&mut store, "input")?;
        let mut functions = Vec::new();
        for function in MODULES[module].functions {
            let compile = match function.document() {
                None => None,
                Some((position, _)) => {
                    let export = format!("{}__{}", function.name, function.arguments[position].name);
                    Some(instance.get_typed_func(&mut store, &export)?)
                }
            };
            let call = instance.get_typed_func(&mut store, function.name)?;
            functions.push(Exports { call, compile, document: None });
        }
        Ok(Instance { store, memory, input, functions })
    }

    /// Room for `bytes` at the start of the input buffer, aligned to 8.
    pub fn input(&mut self, bytes: usize) -> Result<&mut [u8], Failure> {
        let size = u32::try_from(bytes.next_multiple_of(8)).map_err(|_| Failure::TooLarge)?;
        let called = self.input.call(&mut self.store, size);
        let address = self.survived(called)? as usize;
        if address == 0 {
            return Err(Failure::TooLarge);
        }
        self.memory.data_mut(&mut self.store).get_mut(address..address + bytes).ok_or(Failure::Trap)
    }

    /// Calls the function on the frame in the input buffer.
    pub fn call(&mut self, function: &Function) -> Result<Output<'_>, Failure> {
        let called = self.functions[function.index].call.call(&mut self.store, ());
        let address = self.survived(called)?;
        let answer = self.answer(address)?;
        let memory = self.memory.data(&self.store);
        // SAFETY: every bit pattern is a double; `align_to` splits off what is not aligned, and nothing may be.
        let (before, stream, after) = unsafe { memory[answer.stream].align_to::<f64>() };
        if !before.is_empty() || !after.is_empty() {
            return Err(Failure::Trap);
        }
        Ok(Output { stream, text: &memory[answer.text] })
    }

    /// What the module must know of `text`, the document of a call to `function`: compiled unless it was the last one.
    pub fn compile(&mut self, function: &Function, text: &str) -> Result<Arc<Document>, Failure> {
        let Some((position, format)) = function.document() else { return Err(Failure::Trap) };
        if let Some(document) = self.functions[function.index].document.as_ref().filter(|kept| kept.is(text)) {
            return Ok(document.clone());
        }
        let source = match format {
            Format::Text => text.as_bytes(),
            Format::Json => &tape::writer::from_json(function.arguments[position].name, text)
                .map_err(|error| Failure::Refusal(format!("plg.{}: {error}", function.name)))?,
        };
        self.functions[function.index].document = None;
        self.input(source.len())?.copy_from_slice(source);
        let Some(compile) = &self.functions[function.index].compile else { return Err(Failure::Trap) };
        let called = compile.call(&mut self.store, source.len() as u32);
        let address = self.survived(called)?;
        let answer = self.answer(address)?;
        let memory = self.memory.data(&self.store);
        let stream = memory[answer.stream].chunks_exact(8).map(|slot| f64::from_le_bytes(slot.try_into().unwrap()));
        let document = Document::read(text, &stream.collect::<Vec<_>>(), &memory[answer.text]).ok_or(Failure::Trap)?;
        let document = Arc::new(document);
        self.functions[function.index].document = Some(document.clone());
        Ok(document)
    }

    /// The result of an export, or why it trapped.
    fn survived<T>(&self, called: wasmtime::Result<T>) -> Result<T, Failure> {
        called.map_err(|_| {
            let full = self.store.data().refused || self.memory.data_size(&self.store) >= FULL_MEMORY;
            if full { Failure::TooLarge } else { Failure::Trap }
        })
    }

    /// Reads a descriptor; a refusal is an error.
    fn answer(&self, address: u32) -> Result<Descriptor, Failure> {
        let memory = self.memory.data(&self.store);
        let words = memory.get(address as usize..).and_then(|rest| rest.get(..24)).ok_or(Failure::Trap)?;
        let word =
            |at: usize| u32::from_le_bytes([words[at * 4], words[at * 4 + 1], words[at * 4 + 2], words[at * 4 + 3]]);
        let range = |address: u32, bytes: usize| address as usize..address as usize + bytes;
        let answer = Descriptor {
            success: word(0) == 1,
            stream: range(word(1), word(2) as usize * 8),
            text: range(word(3), word(4) as usize),
        };
        if answer.stream.end > memory.len() || answer.text.end > memory.len() {
            return Err(Failure::Trap);
        }
        if !answer.success {
            return Err(Failure::Refusal(String::from_utf8_lossy(&memory[answer.text]).into_owned()));
        }
        Ok(answer)
    }
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&engine::config()).expect("the configuration suits every machine"))
}

/// The machine code of a module, made executable on first use.
fn compiled_module(module: usize) -> Result<&'static Module, Failure> {
    static COMPILED: [OnceLock<Module>; MODULES.len()] = [const { OnceLock::new() }; MODULES.len()];
    if let Some(compiled) = COMPILED[module].get() {
        return Ok(compiled);
    }
    // SAFETY: the bytes are what `plg-precompile` wrote when this extension was built.
    let compiled = unsafe { Module::deserialize(engine(), machine_code(module)) }?;
    Ok(COMPILED[module].get_or_init(|| compiled))
}

/// The machine code that suits this processor best.
fn machine_code(module: usize) -> &'static [u8] {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx") {
        return MODULES[module].avx;
    }
    MODULES[module].code
}

/// Instances at rest, the one that was used last at the end.
static POOLS: [Mutex<Vec<Instance>>; MODULES.len()] = [const { Mutex::new(Vec::new()) }; MODULES.len()];

/// Runs `work` with an instance of the function's module that nobody else uses, preferably one that has compiled
/// `document` already. After a trap or a panic the instance is gone.
pub fn with<T>(
    function: &Function,
    document: Option<&str>,
    work: impl FnOnce(&mut Instance) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut instance = match take(function, document) {
        Some(instance) => instance,
        None => Instance::new(function.module)?,
    };
    let result = work(&mut instance);
    let sound = matches!(result, Ok(_) | Err(Failure::Refusal(_)));
    if sound && instance.memory.data_size(&instance.store) <= KEPT_MEMORY {
        let mut pool = POOLS[function.module].lock().unwrap_or_else(PoisonError::into_inner);
        pool.push(instance);
        if pool.len() > KEPT {
            pool.remove(0);
        }
    }
    result
}

fn take(function: &Function, document: Option<&str>) -> Option<Instance> {
    let mut pool = POOLS[function.module].lock().unwrap_or_else(PoisonError::into_inner);
    let suits = |instance: &Instance| match (document, &instance.functions[function.index].document) {
        (Some(text), Some(kept)) => kept.is(text),
        (document, _) => document.is_none(),
    };
    match pool.iter().rposition(suits) {
        Some(found) => Some(pool.remove(found)),
        None if pool.len() == KEPT => Some(pool.remove(0)),
        // Free of any document for this function: nobody loses by taking it.
        None => {
            let vacant = pool.iter().position(|instance| instance.functions[function.index].document.is_none())?;
            Some(pool.remove(vacant))
        }
    }
}
