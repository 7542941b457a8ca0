//! How a journal holds bytes: each stretch with its length and checksums, so that damage is seen.

use std::io::{self, Read};

/// Bytes before each body: its length, its checksum, and the checksum of these two.
pub(super) const HEAD: usize = 12;

/// What stands at a place of a journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole frame; its body has been read.
    Whole,
    /// The end.
    End,
    /// A frame that whoever wrote it could not finish.
    Torn,
    /// Bytes that no writer of frames has left.
    Damaged,
}

/// A body with its length and checksums before it, ready to be written at once.
pub(super) fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a result is smaller than 4 GB");
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.extend(length.to_le_bytes());
    bytes.extend(crc32fast::hash(body).to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes.extend(body);
    bytes
}

/// Reads the next frame into `body`.
///
/// # Errors
/// If the system refuses to read.
pub(super) fn read_next(from: &mut impl Read, body: &mut Vec<u8>) -> io::Result<Found> {
    let mut head = [0; HEAD];
    match read_up_to(from, &mut head)? {
        0 => return Ok(Found::End),
        HEAD => {}
        _ => return Ok(Found::Torn),
    }
    let number =
        |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    // without a checksum of its own, a damaged length would look like a torn end
    if crc32fast::hash(&head[..8]) != number(8) {
        return Ok(Found::Damaged);
    }
    body.clear();
    let length = u64::from(number(0));
    from.take(length).read_to_end(body)?;
    match body.len() as u64 {
        read if read < length => Ok(Found::Torn),
        _ if crc32fast::hash(body) != number(4) => Ok(Found::Damaged),
        _ => Ok(Found::Whole),
    }
}

/// Fills `into` as far as there are bytes.
fn read_up_to(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match from.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Found, Vec<u8>) {
        let mut body = Vec::new();
        let found = read_next(&mut &bytes[..], &mut body).unwrap();
        (found, body)
    }

    #[test]
    fn a_frame_reads_back_and_a_part_of_it_is_torn() {
        let frame = framed(b"seven top-ups");
        assert_eq!(read(&frame), (Found::Whole, b"seven top-ups".to_vec()));
        assert_eq!(read(&[]).0, Found::End);
        for length in 1..frame.len() {
            assert_eq!(read(&frame[..length]).0, Found::Torn, "{length} bytes");
        }
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let frame = framed(b"seven top-ups");
        for bit in 0..frame.len() * 8 {
            let mut damaged = frame.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&damaged).0, Found::Damaged, "bit {bit}");
        }
    }
}
