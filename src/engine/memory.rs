//! Hints to the memory: the one place of the program that is not safe Rust.
//!
//! With millions of records under way each event meets a record that no cache holds, and waiting
//! for it is most of the time of an event. Hints tell the processor which record comes soon, and
//! the system which blocks are large. Results cannot depend on them. What they gain stands in
//! docs/performance.md.

/// Hints that all of `value` will be read soon.
#[inline]
pub(super) fn prefetch<T: ?Sized>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 64;
        let start: *const i8 = std::ptr::from_ref(value).cast();
        let bytes = size_of_val(value);
        // the last byte lies one line further than the size tells where the start is not aligned
        for offset in (0..bytes).step_by(LINE).chain([bytes.saturating_sub(1)]) {
            #[expect(unsafe_code, reason = "no safe call asks for memory without waiting for it")]
            // SAFETY: a hint reads nothing that the program sees and faults at no address; SSE is
            // part of every x86-64 processor.
            unsafe {
                _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(offset));
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// Adds a value to a block that may grow large.
#[inline]
pub(super) fn push<T>(block: &mut Vec<T>, value: T) {
    if block.len() == block.capacity() {
        block.reserve(1);
        if block.capacity() * size_of::<T>() >= LARGE {
            use_large_pages(block);
        }
    }
    block.push(value);
}

/// A block from here on is large, bytes.
const LARGE: usize = 64 << 20;

/// Hints that a block is best kept in large pages: in small ones each record costs a look into the
/// page table first.
#[cold]
fn use_large_pages<T>(block: &Vec<T>) {
    #[cfg(target_os = "linux")]
    {
        // all pages that the block touches: advice for a part would split the mapping, and a split
        // one cannot grow without being copied
        const PAGE: usize = 4096;
        let before = block.as_ptr().addr() % PAGE;
        let start = block.as_ptr().cast_mut().wrapping_byte_sub(before);
        let bytes = (before + block.capacity() * size_of::<T>()).next_multiple_of(PAGE);
        #[expect(unsafe_code, reason = "no safe call tells the system of large blocks")]
        // SAFETY: the advice changes neither what these pages hold nor who may use them, so that
        // neighbours on the first and last page are safe too. A refusal is as good as none.
        unsafe {
            libc::madvise(start.cast(), bytes, libc::MADV_HUGEPAGE);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = block;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_change_nothing() {
        let mut block = Vec::new();
        for number in 0..10_000_000u64 {
            push(&mut block, number);
        }
        prefetch(&block[..1000]);
        assert!(block.iter().copied().eq(0..10_000_000));
    }
}
