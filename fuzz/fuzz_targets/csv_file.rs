#![no_main]
//! See `tests/fuzzing`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| ordermill_fuzzing::csv_file(data));
