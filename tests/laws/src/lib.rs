//! Laws of each step; see `tests/`.
