//! A small allocator for modules: power-of-two size classes with free lists above a growing heap. The usual allocators
//! cost 8 KB of the 32 KB that a function body may have; a module needs few, short-lived blocks.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::null_mut;

const PAGE: usize = 65_536;
/// Blocks are at least 16 bytes and aligned to 16.
const SMALLEST: u32 = 4;

/// The allocator; its state is in statics because a module has one thread.
pub struct Allocator;

/// Heads of the free lists, by the exponent of the block size.
static mut FREE: [*mut u8; 32] = [null_mut(); 32];
static mut NEXT: usize = 0;
static mut END: usize = 0;

fn class(layout: &Layout) -> u32 {
    let size = layout.size().max(layout.align()).max(1 << SMALLEST);
    usize::BITS - (size - 1).leading_zeros()
}

// SAFETY: blocks are disjoint ranges of linear memory above the module's own data, at least as large and as aligned as
// asked for; a freed block is handed out again only for its own class.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(&layout);
        if class > 30 {
            return null_mut();
        }
        // SAFETY: one thread; free blocks hold the pointer to the next one in their first word.
        unsafe {
            let block = FREE[class as usize];
            if !block.is_null() {
                FREE[class as usize] = *block.cast::<*mut u8>();
                return block;
            }
            if NEXT == 0 {
                NEXT = memory_size(0) * PAGE;
                END = NEXT;
            }
            let size = 1usize << class;
            // The heap starts on a page and every block is a multiple of 16, the largest alignment in use here.
            let start = NEXT;
            let Some(end) = start.checked_add(size) else { return null_mut() };
            if end > END {
                let pages = (end - END).div_ceil(PAGE);
                if memory_grow(0, pages) == usize::MAX {
                    return null_mut();
                }
                END += pages * PAGE;
            }
            NEXT = end;
            start as *mut u8
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let class = class(&layout) as usize;
        // SAFETY: one thread, and the caller gives the block up.
        unsafe {
            *block.cast::<*mut u8>() = FREE[class];
            FREE[class] = block;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as GlobalAlloc's contract: the new layout is valid when the old one was.
        unsafe {
            let wanted = Layout::from_size_align_unchecked(new_size, layout.align());
            if class(&wanted) == class(&layout) {
                return block;
            }
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                core::ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}
