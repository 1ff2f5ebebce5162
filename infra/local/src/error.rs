//! What can go wrong with the run itself (not what a function answers).

use ordermill_embedded::EmbeddedError;
use ordermill_runtime::Failure;
use ordermill_table::TableError;

/// A failure of the single-process run or of one of its tools.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// The embedded services.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A step.
    #[error(transparent)]
    Step(#[from] Failure),
    /// The system, with what was tried.
    #[error("{0}: {1}")]
    System(String, std::io::Error),
    /// Anything else, in words for the one at the terminal.
    #[error("{0}")]
    Refused(String),
}

impl LocalError {
    /// Says in words what is the matter.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::Refused(what.into())
    }

    /// An error of the system while this was tried.
    pub fn system(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |error| Self::System(what, error)
    }
}

/// The result of the run's own methods.
pub type LocalResult<T> = Result<T, LocalError>;
