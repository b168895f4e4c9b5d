//! Copying and filling memory, in a few hundred bytes of a module where the compiler's own unrolled routines
//! take more than a thousand. What modules copy is short: hosts write their rows straight into the input buffer.
//!
//! Volatile accesses keep the compiler from recognising the loops as what they are and calling them from themselves.

use core::ptr::{read_volatile, write_volatile};

const WORD: usize = size_of::<u64>();

/// # Safety
/// `length` bytes from `source` and `target` on belong to the caller, and do not overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(target: *mut u8, source: *const u8, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise; WebAssembly reads and writes words at any address.
    unsafe { forwards(target, source, length) }
    target
}

/// # Safety
/// `length` bytes from `source` and `target` on belong to the caller.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(target: *mut u8, source: *const u8, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise, and bytes that are overwritten have been read before.
    unsafe {
        if (target as usize).wrapping_sub(source as usize) >= length {
            forwards(target, source, length);
        } else {
            let mut left = length;
            while left > 0 {
                left -= 1;
                write_volatile(target.add(left), read_volatile(source.add(left)));
            }
        }
    }
    target
}

/// # Safety
/// `length` bytes from `target` on belong to the caller.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(target: *mut u8, byte: i32, length: usize) -> *mut u8 {
    // SAFETY: the caller's promise.
    unsafe {
        let word = (byte as u8 as u64).wrapping_mul(0x0101_0101_0101_0101);
        let mut at = 0;
        while at + WORD <= length {
            write_volatile(target.add(at).cast::<[u8; WORD]>(), word.to_ne_bytes());
            at += WORD;
        }
        while at < length {
            write_volatile(target.add(at), byte as u8);
            at += 1;
        }
    }
    target
}

#[inline(never)]
unsafe fn forwards(target: *mut u8, source: *const u8, length: usize) {
    let mut at = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while at + WORD <= length {
            let word = read_volatile(source.add(at).cast::<[u8; WORD]>());
            write_volatile(target.add(at).cast::<[u8; WORD]>(), word);
            at += WORD;
        }
        while at < length {
            write_volatile(target.add(at), read_volatile(source.add(at)));
            at += 1;
        }
    }
}
