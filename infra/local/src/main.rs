//! The program `ordermill`; everything is in the library.

use std::process::ExitCode;

/// A quarter of the server's time went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ordermill_local::cli::main()
}
