//! Rules of the repository; see `tests/`.
