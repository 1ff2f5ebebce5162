//! What can go wrong with the embedded services themselves (not what a service answers).

use std::path::PathBuf;

/// A failure of the embedded services.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Another process has this data open.
    #[error("{path} is in use by another process; stop it, or choose another folder")]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{path}: {source}")]
    Files {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused, or a stored row cannot be read.
    #[error("the embedded database: {0}")]
    Database(String),
    /// The database thread is gone; nothing can be served any more.
    #[error("the embedded database has stopped")]
    Stopped,
}

impl From<rusqlite::Error> for EmbeddedError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<dynoxide::DynoxideError> for EmbeddedError {
    fn from(error: dynoxide::DynoxideError) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<serde_json::Error> for EmbeddedError {
    fn from(error: serde_json::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// The result of an embedded service's own method.
pub type Result<T> = std::result::Result<T, EmbeddedError>;
