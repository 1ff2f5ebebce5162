//! The program `ordermill`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ordermill_local::cli::main()
}
