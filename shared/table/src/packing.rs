//! Long documents of rows are packed: a write unit is a KiB, and an order's header is written ten
//! times. Zstandard with a dictionary of our own words makes a header of 3 KiB about 400 bytes.
//!
//! The dictionary was trained on the documents of the cost file's orders with ids, moments and
//! names replaced. A frame names the dictionary it was packed with, so a second one may be added
//! beside the first; one that rows were written with is never changed or removed.

use crate::error::TableError;
use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe;

/// A document up to this length stands in its row as text, readable by everybody.
pub const PLAIN_BYTES_MAX: usize = 512;
/// A document is never longer: a row is at most 400 KiB, and ours unpack to ten times that.
const UNPACKED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Between speed and size: about 20 µs for a header.
const LEVEL: i32 = 6;
/// The dictionary's id in the frames is 1.
const DICTIONARY: &[u8] = include_bytes!("packing.dictionary");

thread_local! {
    static PACKERS: RefCell<Option<(Compressor<'static>, Decompressor<'static>)>> =
        const { RefCell::new(None) };
}

fn with_packers<T>(
    act: impl FnOnce(&mut Compressor<'static>, &mut Decompressor<'static>) -> std::io::Result<T>,
) -> Result<T, TableError> {
    let outcome = PACKERS.with_borrow_mut(|packers| {
        let (packer, unpacker) = match packers {
            Some(both) => both,
            None => packers.insert((
                Compressor::with_dictionary(LEVEL, DICTIONARY)?,
                Decompressor::with_dictionary(DICTIONARY)?,
            )),
        };
        act(packer, unpacker)
    });
    outcome.map_err(|error| TableError::Broken(format!("a document cannot be packed: {error}")))
}

/// Packs a document.
///
/// # Errors
/// There is no memory for it.
pub fn pack(document: &str) -> Result<Vec<u8>, TableError> {
    with_packers(|packer, _| packer.compress(document.as_bytes()))
}

/// Unpacks a document.
///
/// # Errors
/// It was not packed by [`pack`], or with a dictionary this program does not know.
pub fn unpack(packed: &[u8]) -> Result<String, TableError> {
    // A frame says how long it was, so that no room is made for the longest there may be.
    let said = zstd_safe::get_frame_content_size(packed).ok().flatten();
    let said = said.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(UNPACKED_BYTES_MAX);
    let room = said.min(UNPACKED_BYTES_MAX);
    let bytes = with_packers(|_, unpacker| unpacker.decompress(packed, room))?;
    String::from_utf8(bytes)
        .map_err(|error| TableError::Broken(format!("a packed document is not text: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        for text in ["", "ą", &"order_advanced ".repeat(4_000)] {
            let packed = pack(text).unwrap();
            assert_eq!(unpack(&packed).unwrap(), text);
        }
    }

    #[test]
    fn words_of_our_own_pack_well_even_in_short_documents() {
        let event = r#"{"v":2,"at":1772352000000,"k":"order_validated","f":"received","t":"validated","a":{"kind":"system","id":"validate"},"c":"validate","n":[{"do":"reserve"}]}"#;
        assert!(pack(event).unwrap().len() * 3 < event.len());
    }

    #[test]
    fn what_was_not_packed_here_is_refused() {
        assert!(unpack(b"{\"v\":1}").is_err());
        let mut cut = pack(&"order ".repeat(500)).unwrap();
        cut.truncate(cut.len() - 3);
        assert!(unpack(&cut).is_err());
    }
}
